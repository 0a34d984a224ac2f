//! Waits for a call, no longer than its deadline.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tokio::time::{Instant, Sleep, sleep_until};

use super::service::Started;
use crate::observer::{Watch, outcome_of};

pin_project! {
    /// The future of [`Deadline`](super::Deadline). Dropping it ends the call.
    pub struct DeadlineFuture<F> {
        #[pin]
        inner: Option<F>,
        timer: Timer,
        watch: CallWatch,
    }
}

/// Wakes at the deadline. While a try is under way its own timer does that already, so most calls need
/// none here.
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    is_covered: bool,
    /// When the call began, until its first poll.
    start: Option<std::time::Instant>,
}

impl Timer {
    const fn new(start: std::time::Instant) -> Self {
        Self {
            sleep: None,
            is_covered: false,
            start: Some(start),
        }
    }

    /// A moment after which a timer that went off has woken the task once more. In the first poll it was
    /// only just set, so no clock is read.
    fn now(&mut self) -> std::time::Instant {
        let start = self.start.take();
        start.unwrap_or_else(|| Instant::now().into_std())
    }

    /// The task is awake.
    fn wake(&mut self, call: &CallContext) {
        if mem::take(&mut self.is_covered) {
            call.forget_waker();
        }
    }

    /// Ready when the deadline is over.
    fn poll(&mut self, call: &CallContext, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = call.deadline() else {
            return Poll::Pending;
        };
        if self.sleep.is_none() && call.wake_when_uncovered(self.now(), cx.waker()) {
            self.is_covered = true;
            return Poll::Pending;
        }
        let sleep = || Box::pin(sleep_until(deadline.into()));
        self.sleep.get_or_insert_with(sleep).as_mut().poll(cx)
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
    pub(super) fn new(inner: F, started: Started) -> Self {
        let Started { call, now, watch } = started;
        Self {
            inner: Some(inner),
            timer: Timer::new(now),
            watch: CallWatch { call, watch },
        }
    }

    /// The time was over before the call began.
    pub(super) fn over(started: Started) -> Self {
        let Started { call, now, watch } = started;
        Self {
            inner: None,
            timer: Timer::new(now),
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
            this.timer.wake(&this.watch.call);
            let polled = inner.poll(cx);
            if let Poll::Ready(result) = &polled {
                this.watch.ended(result);
                return polled;
            }
            ready!(this.timer.poll(&this.watch.call, cx));
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
