//! Watches each try right above the transport.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Request;
use pin_project_lite::pin_project;
use token_core::{CallContext, Failure, Outcome, Sent};
use tower::{Layer, Service};

/// Writes into the call's book that a try which was given up may have taken effect.
///
/// A deadline further out can end the call a moment before the time-out of the try does, and a
/// caller who is not warned might send an issuance once more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObserveLayer;

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe { inner }
    }
}

/// See [`ObserveLayer`].
#[derive(Clone, Debug)]
pub(crate) struct Observe<S> {
    inner: S,
}

impl<S: Service<Request<Bytes>>> Service<Request<Bytes>> for Observe<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Observed<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let call = request.extensions().get::<CallContext>().cloned();
        let given_up = GivenUp { call };
        Observed {
            inner: self.inner.call(request),
            given_up,
        }
    }
}

pin_project! {
    /// One try. Dropped before it ends, it leaves its note.
    pub(crate) struct Observed<F> {
        #[pin]
        inner: F,
        given_up: GivenUp,
    }
}

impl<F: Future> Future for Observed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(context));
        this.given_up.call = None;
        Poll::Ready(result)
    }
}

struct GivenUp {
    call: Option<CallContext>,
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        let outcome = Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Timeout,
        };
        if let Some(call) = self.call.take() {
            call.note(|ledger| ledger.note_outcome(&outcome));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use token_core::Idempotency;
    use tower::{ServiceExt as _, service_fn};

    use super::*;

    fn request(call: &CallContext) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        request.extensions_mut().insert(call.clone());
        request
    }

    // W-A11
    #[tokio::test]
    async fn a_try_that_is_given_up_may_have_happened_and_one_that_ends_leaves_no_note() {
        let call = CallContext::new(Idempotency::OnlyIfUnprocessed);
        let never = ObserveLayer.layer(service_fn(|_| {
            std::future::pending::<Result<(), Infallible>>()
        }));
        drop(never.clone().oneshot(request(&call)));
        assert!(!call.ledger().maybe_processed(), "it never began");
        let mut begun = Box::pin(never.oneshot(request(&call)));
        assert!(poll_once(begun.as_mut()).is_pending());
        drop(begun);
        assert!(call.ledger().maybe_processed());

        let call = CallContext::new(Idempotency::OnlyIfUnprocessed);
        let ends = ObserveLayer.layer(service_fn(|_| std::future::ready(Ok::<_, Infallible>(()))));
        ends.oneshot(request(&call)).await.unwrap();
        assert!(!call.ledger().maybe_processed());
    }

    fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(std::task::Waker::noop()))
    }
}
