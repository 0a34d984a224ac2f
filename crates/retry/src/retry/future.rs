//! Sends, asks whether to send again, waits.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{Classify, Stopped};
use tokio::time::{Sleep, sleep};
use tower_service::Service;

use super::{Session, Verdict};

pin_project! {
    /// The future of [`Retry`](super::Retry). Dropping it ends the call: nothing is sent any more.
    pub struct RetryFuture<S: Service<Request<Bytes>>> {
        session: Session,
        inner: S,
        // The copy for the next try; none when there cannot be one.
        copy: Option<Request<Bytes>>,
        #[pin]
        state: State<S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Trying { #[pin] future: F },
        Waiting { #[pin] timer: Sleep },
        Readying,
    }
}

impl<S: Service<Request<Bytes>>> RetryFuture<S> {
    pub(super) const fn trying(
        future: S::Future,
        session: Session,
        copy: Option<Request<Bytes>>,
        inner: S,
    ) -> Self {
        Self {
            session,
            inner,
            copy,
            state: State::Trying { future },
        }
    }
}

impl<S> Future for RetryFuture<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped> + Classify,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Trying { future } => {
                    let polled = future.poll(cx);
                    let Poll::Ready(result) = &polled else {
                        return Poll::Pending;
                    };
                    match this.session.judge(result) {
                        Verdict::Wait(after) if this.copy.is_some() => {
                            let timer = sleep(after);
                            this.state.set(State::Waiting { timer });
                        }
                        Verdict::Again(_) if this.copy.is_some() => {
                            this.state.set(State::Readying);
                        }
                        Verdict::Again(paused) => {
                            return Poll::Ready(Err(Session::limited(paused).into()));
                        }
                        Verdict::Wait(_) | Verdict::Done => return polled,
                        Verdict::Stop(stopped) => return Poll::Ready(Err(stopped.into())),
                    }
                }
                StateProj::Waiting { timer } => {
                    ready!(timer.poll(cx));
                    this.state.set(State::Readying);
                }
                StateProj::Readying => {
                    ready!(this.inner.poll_ready(cx))?;
                    let mut request = next(this.session, this.copy);
                    this.session.carry(&mut request);
                    let future = this.inner.call(request);
                    this.state.set(State::Trying { future });
                }
            }
        }
    }
}

/// Takes what is kept for the next try, and leaves a copy of it, if there may be yet another one.
fn next(session: &Session, kept: &mut Option<Request<Bytes>>) -> Request<Bytes> {
    let next = kept.take().expect("waiting keeps the copy");
    *kept = session.begin_with(&next);
    next
}
