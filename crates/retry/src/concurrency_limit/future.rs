//! Waits for a permit, then for the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{StopReason, Stopped};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tower_service::Service;

use crate::call::Waiting;

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
        Waiting { wait: Wait, since: Instant, waiter: Waiter<S> },
        Readying { waiter: Waiter<S>, permit: OwnedSemaphorePermit },
        Sent { #[pin] answer: F, permit: OwnedSemaphorePermit },
        Over,
    }
}

/// A request that was not sent yet, and the service it will go to.
struct Waiter<S> {
    service: S,
    request: Waiting,
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
            request: Waiting::new(request),
            reason,
        };
        let wait = Box::pin(wait);
        let since = Instant::now();
        Self {
            state: State::Waiting {
                wait,
                since,
                waiter,
            },
        }
    }
}

impl<S> Waiter<S> {
    fn note_wait(&self, waited: Duration) {
        if let Some(call) = self.request.call() {
            call.note(|ledger| ledger.note_wait(waited));
        }
    }

    fn stopped(self) -> Stopped {
        Stopped::new(self.reason, self.request.refuse())
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
            let StateTaken::Waiting { since, waiter, .. } =
                state.as_mut().project_replace(State::Over)
            else {
                return Poll::Pending;
            };
            waiter.note_wait(since.elapsed());
            let Some(permit) = permit else {
                return Poll::Ready(Err(waiter.stopped().into()));
            };
            state.set(State::Readying { waiter, permit });
        }
        if let StateProjection::Readying { waiter, .. } = state.as_mut().project() {
            let readied = ready!(waiter.service.poll_ready(cx));
            let StateTaken::Readying { mut waiter, permit } =
                state.as_mut().project_replace(State::Over)
            else {
                return Poll::Pending;
            };
            // A service that fails at being ready counts as a try, or there would be no end.
            let request = waiter.request.go_on();
            if let Err(error) = readied {
                return Poll::Ready(Err(error));
            }
            let answer = waiter.service.call(request);
            state.set(State::Sent { answer, permit });
        }
        let StateProjection::Sent { answer, .. } = state.as_mut().project() else {
            return Poll::Pending;
        };
        let polled = answer.poll(cx);
        if polled.is_pending() {
            return Poll::Pending;
        }
        state.set(State::Over);
        polled
    }
}
