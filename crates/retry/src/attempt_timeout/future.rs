//! Waits for one try, no longer than it may take.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tokio::time::{Sleep, sleep_until};

use super::service::Begun;
use crate::call::Try;

pin_project! {
    /// The future of [`AttemptTimeout`](super::AttemptTimeout). Dropping it drops the try, which may
    /// have taken effect: the call's ledger says so.
    pub struct AttemptTimeoutFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Running {
            #[pin]
            inner: F,
            #[pin]
            timer: Sleep,
            attempt: Try,
            reason: StopReason,
        },
        Over { stopped: Stopped },
    }
}

impl<F> AttemptTimeoutFuture<F> {
    pub(super) fn running(inner: F, begun: Begun) -> Self {
        let state = State::Running {
            inner,
            timer: sleep_until(begun.end),
            attempt: begun.attempt,
            reason: begun.reason,
        };
        Self { state }
    }

    pub(super) const fn over(stopped: Stopped) -> Self {
        Self {
            state: State::Over { stopped },
        }
    }
}

fn stopped(reason: StopReason, call: Option<&CallContext>) -> Stopped {
    Stopped::new(reason, call.map(CallContext::ledger).unwrap_or_default())
}

impl<F, E> Future for AttemptTimeoutFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped> + Classify,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let stopped = match state.as_mut().project() {
            StateProj::Over { stopped } => *stopped,
            StateProj::Running {
                mut inner,
                mut timer,
                attempt,
                reason,
            } => {
                let polled = inner.as_mut().poll(cx);
                if let Poll::Ready(result) = &polled {
                    attempt.end(result);
                    return polled;
                }
                if timer.as_mut().poll(cx).is_pending() {
                    attempt.cover_deadline(timer.deadline());
                    return Poll::Pending;
                }
                attempt.abort();
                // A transport that holds the head of an answer hands it out now, without its body: a
                // 429 says when to come back, however its body stalls.
                if let Poll::Ready(Ok(answer)) = inner.poll(cx) {
                    let result = Ok(answer);
                    attempt.end(&result);
                    return Poll::Ready(result);
                }
                stopped(*reason, attempt.expire().as_ref())
            }
        };
        // What was sent is given up before the caller hears of it.
        state.set(State::Over { stopped });
        Poll::Ready(Err(stopped.into()))
    }
}
