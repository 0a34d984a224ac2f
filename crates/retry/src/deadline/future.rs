//! Waits for a call, no longer than its deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{CallContext, StopReason, Stopped};
use tokio::time::{Sleep, sleep_until};

pin_project! {
    /// The future of [`Deadline`](super::Deadline). Dropping it ends the call.
    pub struct DeadlineFuture<F> {
        call: CallContext,
        #[pin]
        inner: Option<F>,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<F> DeadlineFuture<F> {
    pub(super) fn running(inner: F, call: CallContext, deadline: Option<Instant>) -> Self {
        Self {
            call,
            inner: Some(inner),
            timer: deadline.map(|at| sleep_until(at.into())),
        }
    }

    pub(super) const fn expired(call: CallContext) -> Self {
        Self {
            call,
            inner: None,
            timer: None,
        }
    }
}

impl<F, E> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            if let Poll::Ready(result) = inner.poll(cx) {
                return Poll::Ready(result);
            }
            match this.timer.as_pin_mut() {
                Some(timer) => ready!(timer.poll(cx)),
                None => return Poll::Pending,
            }
            this.call.abort_attempt();
            this.inner.set(None);
        }
        Poll::Ready(Err(verdict(this.call).into()))
    }
}

fn verdict(call: &CallContext) -> Stopped {
    let reason = StopReason::Deadline(call.total().unwrap_or_default());
    Stopped::new(reason, call.ledger())
}
