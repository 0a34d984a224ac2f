//! Waits until the request's origin is open, then sends.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, Ledger, Outcome, StopReason, Stopped};
use tokio::time::Instant;
use tower_service::Service;
use tracing::debug;

use super::state::Admission;
use super::{Entry, Patience};
use crate::call::{self, Waiting};
use crate::runtime::{self, Sleep, sleep_until};

pin_project! {
    /// The future of [`PauseGated`](super::PauseGated). Dropping it leaves the queue; a probe's turn
    /// goes to the next caller.
    pub struct PauseGateFuture<S: Service<Request<Bytes>>> {
        entry: Entry,
        patience: Arc<Patience>,
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        Waiting {
            since: Instant,
            caller: Option<Caller<S>>,
            #[pin]
            timer: Option<Sleep>,
        },
        Readying { caller: Option<Caller<S>> },
        Passing { #[pin] future: F },
    }
}

/// Who waits: the request and the service it will go to.
struct Caller<S> {
    inner: S,
    request: Waiting,
}

impl<S: Service<Request<Bytes>>> PauseGateFuture<S> {
    pub(super) const fn passing(future: S::Future, entry: Entry, patience: Arc<Patience>) -> Self {
        Self {
            entry,
            patience,
            state: State::Passing { future },
        }
    }

    pub(super) fn waiting(
        inner: S,
        request: Request<Bytes>,
        entry: Entry,
        patience: Arc<Patience>,
    ) -> Self {
        let state = State::Waiting {
            since: runtime::now(),
            caller: Some(Caller {
                inner,
                request: Waiting::new(request),
            }),
            timer: None,
        };
        Self {
            entry,
            patience,
            state,
        }
    }
}

impl<S> Future for PauseGateFuture<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped> + Classify,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Waiting {
                    since,
                    caller,
                    mut timer,
                } => {
                    let call = caller.as_ref().and_then(|caller| caller.request.call());
                    match this.entry.admit(call, cx.waker()) {
                        Admission::Pass | Admission::Probe(_) => {
                            note_wait(call, runtime::now().saturating_duration_since(*since));
                            let caller = caller.take();
                            this.state.set(State::Readying { caller });
                        }
                        Admission::Verdict => return Poll::Pending,
                        Admission::Until(at) => {
                            if let Some(wait) = too_long(call, at, this.patience) {
                                let ledger = caller.take().map(|caller| caller.request.refuse());
                                let stopped =
                                    refusal(ledger.unwrap_or_default(), wait, this.patience);
                                return Poll::Ready(Err(stopped.into()));
                            }
                            timer.set(Some(sleep_until(at)));
                            if let Some(timer) = timer.as_pin_mut() {
                                ready!(timer.poll(cx));
                            }
                        }
                    }
                }
                StateProj::Readying { caller } => {
                    let waiting = caller.as_mut().expect("the caller leaves only by passing");
                    let readied = ready!(waiting.inner.poll_ready(cx));
                    if let Some(Caller { mut inner, request }) = caller.take() {
                        // A service that fails at being ready counts as a try, or there would be no end.
                        let request = request.go_on();
                        if let Err(error) = readied {
                            this.entry.leave();
                            return Poll::Ready(Err(error));
                        }
                        let future = inner.call(request);
                        this.state.set(State::Passing { future });
                    }
                }
                StateProj::Passing { future } => {
                    let polled = future.poll(cx);
                    let Poll::Ready(result) = &polled else {
                        return Poll::Pending;
                    };
                    judge(this.entry, this.patience, result);
                    return polled;
                }
            }
        }
    }
}

/// The wait until `at`, if the caller's patience or deadline does not reach that far.
fn too_long(call: Option<&CallContext>, at: Instant, patience: &Patience) -> Option<Duration> {
    let now = runtime::now();
    let wait = at.saturating_duration_since(now);
    let remaining = call.and_then(|call| call.remaining(now.into_std()));
    let fits = wait <= patience.longest_wait && remaining.is_none_or(|left| wait < left);
    (!fits).then_some(wait)
}

/// The verdict for a caller who would have to wait too long.
fn refusal(ledger: Ledger, wait: Duration, patience: &Patience) -> Stopped {
    let stopped = Stopped::new(StopReason::RateLimited, ledger);
    stopped.with_retry_at(patience.wall.after(wait), wait)
}

fn note_wait(call: Option<&CallContext>, waited: Duration) {
    if let Some(call) = call {
        call.note(|ledger| ledger.note_wait(waited));
    }
}

/// Tells the gate what the answer means for everybody.
fn judge<E: Classify>(entry: &mut Entry, patience: &Patience, result: &Result<Response<Bytes>, E>) {
    match call::outcome(result, &patience.wall) {
        Outcome::Answered {
            status: 429,
            retry_after,
        } => {
            let asked = retry_after.filter(|wait| !wait.is_zero());
            let pause = asked.unwrap_or(patience.default_pause);
            debug!(?pause, "the service is limiting; all callers of it pause");
            entry.close(pause);
        }
        Outcome::Answered {
            status: 503,
            retry_after: Some(pause),
        } => entry.close(pause),
        Outcome::Answered { status: 503, .. } | Outcome::Failed { .. } => {
            entry.fail(patience.default_pause);
        }
        Outcome::Answered { .. } => entry.succeed(),
        // The client's own verdict says nothing about the service.
        Outcome::Stopped => entry.leave(),
    }
}
