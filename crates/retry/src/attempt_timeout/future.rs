//! Waits for one try, no longer than it may take.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tokio::time::{Sleep, sleep};

use crate::call::Try;

pin_project! {
    /// The future of [`AttemptTimeout`](super::AttemptTimeout). Dropping it drops the try, which may
    /// have taken effect: the call's ledger says so.
    pub struct AttemptTimeoutFuture<F> {
        call: Option<CallContext>,
        reason: StopReason,
        #[pin]
        running: Option<Running<F>>,
    }
}

pin_project! {
    struct Running<F> {
        #[pin]
        inner: F,
        #[pin]
        timer: Sleep,
        attempt: Try,
    }
}

impl<F> AttemptTimeoutFuture<F> {
    pub(super) fn running(
        inner: F,
        attempt: Try,
        call: Option<CallContext>,
        left: Duration,
        reason: StopReason,
    ) -> Self {
        let running = Running {
            inner,
            timer: sleep(left),
            attempt,
        };
        Self {
            call,
            reason,
            running: Some(running),
        }
    }

    pub(super) const fn expired(call: Option<CallContext>, reason: StopReason) -> Self {
        Self {
            call,
            reason,
            running: None,
        }
    }
}

impl<F, E> Future for AttemptTimeoutFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped> + Classify,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(running) = this.running.as_mut().as_pin_mut() {
            let mut running = running.project();
            if let Poll::Ready(result) = running.inner.as_mut().poll(cx) {
                running.attempt.end(&result);
                return Poll::Ready(result);
            }
            ready!(running.timer.poll(cx));
            running.attempt.abort();
            // A transport that holds the head of an answer hands it out now, without its body: a 429
            // says when to come back, however its body stalls.
            if let Poll::Ready(Ok(answer)) = running.inner.poll(cx) {
                let result = Ok(answer);
                running.attempt.end(&result);
                return Poll::Ready(result);
            }
            running.attempt.expire();
            this.running.set(None);
        }
        let ledger = this.call.as_ref().map(CallContext::ledger);
        let stopped = Stopped::new(*this.reason, ledger.unwrap_or_default());
        Poll::Ready(Err(stopped.into()))
    }
}
