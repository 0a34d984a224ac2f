//! Waits for a permit, then for the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{CallContext, StopReason, Stopped};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tower_service::Service;

/// Boxed, because only a request that has to wait needs it.
type Wait = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

pin_project! {
    /// The future of [`ConcurrencyLimit`](super::ConcurrencyLimit). Dropping it gives the permit, or
    /// the place in the queue, back.
    pub struct ConcurrencyLimitFuture<S: Service<Request<Bytes>>> {
        #[pin]
        state: State<S::Future, S>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[project_replace = StateTaken]
    enum State<F, S> {
        Waiting { wait: Wait, waiter: Waiter<S> },
        Sent { #[pin] answer: F, permit: OwnedSemaphorePermit },
        Over,
    }
}

/// A request without a permit yet, with a service that is ready for it.
struct Waiter<S> {
    service: S,
    request: Request<Bytes>,
    reason: StopReason,
}

impl<S: Service<Request<Bytes>>> ConcurrencyLimitFuture<S> {
    pub(super) const fn sent(answer: S::Future, permit: OwnedSemaphorePermit) -> Self {
        let state = State::Sent { answer, permit };
        Self { state }
    }

    pub(super) fn waiting(
        service: S,
        request: Request<Bytes>,
        permits: Arc<Semaphore>,
        longest: Duration,
        reason: StopReason,
    ) -> Self {
        // The semaphore is never closed, so the only way not to get a permit is to wait too long.
        let wait = async move { timeout(longest, permits.acquire_owned()).await.ok()?.ok() };
        let waiter = Waiter {
            service,
            request,
            reason,
        };
        let wait = Box::pin(wait);
        Self {
            state: State::Waiting { wait, waiter },
        }
    }
}

impl<S> Waiter<S> {
    fn stopped(&self) -> Stopped {
        let call = self.request.extensions().get::<CallContext>();
        let ledger = call.map(CallContext::ledger).unwrap_or_default();
        Stopped::new(self.reason, ledger)
    }
}

impl<S> Future for ConcurrencyLimitFuture<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        if let StateProjection::Waiting { wait, .. } = state.as_mut().project() {
            let permit = ready!(wait.as_mut().poll(cx));
            let StateTaken::Waiting { mut waiter, .. } =
                state.as_mut().project_replace(State::Over)
            else {
                return Poll::Pending;
            };
            let Some(permit) = permit else {
                return Poll::Ready(Err(waiter.stopped().into()));
            };
            let answer = waiter.service.call(waiter.request);
            state.set(State::Sent { answer, permit });
        }
        match state.as_mut().project() {
            StateProjection::Sent { answer, .. } => {
                let result = ready!(answer.poll(cx));
                state.set(State::Over);
                Poll::Ready(result)
            }
            StateProjection::Waiting { .. } | StateProjection::Over => Poll::Pending,
        }
    }
}
