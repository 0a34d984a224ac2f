//! Waits for the result, and tells the breaker.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{Classify, Stopped};

use super::{Entry, Judge};

pin_project! {
    /// The future of [`CircuitGuarded`](super::CircuitGuarded). Dropping it says nothing about the
    /// service; a probe's turn goes to the next caller.
    pub struct CircuitBreakerFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Sent { #[pin] inner: F, entry: Entry, judge: Arc<Judge> },
        Refused { stopped: Stopped },
    }
}

impl<F> CircuitBreakerFuture<F> {
    pub(super) const fn sent(inner: F, entry: Entry, judge: Arc<Judge>) -> Self {
        Self {
            state: State::Sent {
                inner,
                entry,
                judge,
            },
        }
    }

    pub(super) const fn refused(stopped: Stopped) -> Self {
        Self {
            state: State::Refused { stopped },
        }
    }
}

impl<F, E> Future for CircuitBreakerFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped> + Classify,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Sent {
                inner,
                entry,
                judge,
            } => {
                let polled = inner.poll(cx);
                let Poll::Ready(result) = &polled else {
                    return Poll::Pending;
                };
                entry.settle(judge.health(result));
                polled
            }
            StateProj::Refused { stopped } => Poll::Ready(Err((*stopped).into())),
        }
    }
}
