//! Waits for a permit, then sends, and keeps the permit until the answer is whole.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{CallContext, StopReason, Stopped};
use tokio::time::{Instant, Sleep, sleep};
use tower_service::Service;

use super::{Permit, Place};
use crate::call::allowance;

pin_project! {
    /// The future of [`ConcurrencyLimited`](super::ConcurrencyLimited). Dropping it leaves the
    /// queue, or gives the permit to the next one.
    pub struct ConcurrencyLimitFuture<S: Service<Request<Bytes>>> {
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        Waiting {
            caller: Option<Caller<S>>,
            place: Option<Place>,
            since: Instant,
            reason: StopReason,
            #[pin]
            timer: Sleep,
        },
        Readying {
            caller: Option<Caller<S>>,
            permit: Option<Permit>,
        },
        Sending {
            permit: Option<Permit>,
            #[pin]
            future: F,
        },
    }
}

/// Who waits: the request and the service it will go to.
struct Caller<S> {
    inner: S,
    request: Request<Bytes>,
}

impl<S: Service<Request<Bytes>>> ConcurrencyLimitFuture<S> {
    pub(super) const fn sending(future: S::Future, permit: Permit) -> Self {
        Self {
            state: State::Sending {
                permit: Some(permit),
                future,
            },
        }
    }

    pub(super) fn waiting(
        inner: S,
        request: Request<Bytes>,
        place: Place,
        longest_wait: Duration,
    ) -> Self {
        let (wait, reason) = match allowance(longest_wait, request.extensions().get()) {
            (left, reason @ StopReason::Deadline(_)) => (left, reason),
            (wait, _) => (wait, StopReason::Saturated),
        };
        Self {
            state: State::Waiting {
                caller: Some(Caller { inner, request }),
                place: Some(place),
                since: Instant::now(),
                reason,
                timer: sleep(wait),
            },
        }
    }
}

impl<S> Future for ConcurrencyLimitFuture<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Waiting {
                    caller,
                    place,
                    since,
                    reason,
                    timer,
                } => {
                    let call = caller.as_ref().and_then(|caller| call_of(&caller.request));
                    let mine = place.as_ref().and_then(|place| place.permit(cx.waker()));
                    let Some(permit) = mine else {
                        ready!(timer.poll(cx));
                        // Not when the future is dropped: somebody may keep it.
                        place.take();
                        note_wait(call, since.elapsed());
                        let ledger = call.map(CallContext::ledger).unwrap_or_default();
                        return Poll::Ready(Err(Stopped::new(*reason, ledger).into()));
                    };
                    note_wait(call, since.elapsed());
                    let caller = caller.take();
                    this.state.set(State::Readying {
                        caller,
                        permit: Some(permit),
                    });
                }
                StateProj::Readying { caller, permit } => {
                    let waiting = caller.as_mut().expect("the caller leaves only by sending");
                    if let Err(error) = ready!(waiting.inner.poll_ready(cx)) {
                        permit.take();
                        return Poll::Ready(Err(error));
                    }
                    if let Some(Caller { mut inner, request }) = caller.take() {
                        let permit = permit.take();
                        let future = inner.call(request);
                        this.state.set(State::Sending { permit, future });
                    }
                }
                StateProj::Sending { permit, future } => {
                    let result = ready!(future.poll(cx));
                    permit.take();
                    return Poll::Ready(result);
                }
            }
        }
    }
}

fn call_of(request: &Request<Bytes>) -> Option<&CallContext> {
    request.extensions().get()
}

fn note_wait(call: Option<&CallContext>, waited: Duration) {
    if let Some(call) = call {
        call.note(|ledger| ledger.note_wait(waited));
    }
}
