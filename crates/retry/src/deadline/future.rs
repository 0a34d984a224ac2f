//! Waits for a call, no longer than its deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tokio::time::{Sleep, sleep_until};

use crate::observer::{Watch, outcome_of};

pin_project! {
    /// The future of [`Deadline`](super::Deadline). Dropping it ends the call.
    pub struct DeadlineFuture<F> {
        #[pin]
        inner: Option<F>,
        #[pin]
        timer: Option<Sleep>,
        watch: CallWatch,
    }
}

/// Tells of a call that is given up, too.
struct CallWatch {
    call: CallContext,
    watch: Watch,
}

impl CallWatch {
    fn ended<E: Classify>(&mut self, result: &Result<Response<Bytes>, E>) {
        if self.watch.is_on() {
            self.watch
                .call_ended(self.call.ledger(), Some(outcome_of(result)));
        }
    }
}

impl Drop for CallWatch {
    fn drop(&mut self) {
        if self.watch.is_on() {
            self.watch.call_ended(self.call.ledger(), None);
        }
    }
}

impl<F> DeadlineFuture<F> {
    pub(super) fn running(
        inner: F,
        call: CallContext,
        deadline: Option<Instant>,
        watch: Watch,
    ) -> Self {
        Self {
            inner: Some(inner),
            timer: deadline.map(|at| sleep_until(at.into())),
            watch: CallWatch { call, watch },
        }
    }

    pub(super) const fn expired(call: CallContext, watch: Watch) -> Self {
        Self {
            inner: None,
            timer: None,
            watch: CallWatch { call, watch },
        }
    }
}

impl<F, E> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped> + Classify,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            if let Poll::Ready(result) = inner.poll(cx) {
                this.watch.ended(&result);
                return Poll::Ready(result);
            }
            match this.timer.as_pin_mut() {
                Some(timer) => ready!(timer.poll(cx)),
                None => return Poll::Pending,
            }
            this.watch.call.abort_attempt();
            this.inner.set(None);
        }
        let result = Err(verdict(&this.watch.call).into());
        this.watch.ended(&result);
        Poll::Ready(result)
    }
}

fn verdict(call: &CallContext) -> Stopped {
    let reason = StopReason::Deadline(call.total().unwrap_or_default());
    Stopped::new(reason, call.ledger())
}
