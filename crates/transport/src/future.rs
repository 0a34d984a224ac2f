//! One request on its way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Response, StatusCode, Version, response};
use hyper::body::Incoming;
use hyper_util::client::legacy::ResponseFuture;
use token_core::{CallContext, Sent};
use tokio::time::{Sleep, sleep};

use crate::body::{BodyError, Collect};
use crate::classify;
use crate::error::{Kind, TransportError};
use crate::servers::Server;

/// The future of [`Transport`](crate::Transport). Nothing is boxed here; hyper-util boxes its own.
pub struct TransportFuture(State);

#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost every request an allocation"
)]
enum State {
    Refused(Option<TransportError>),
    Sent(Exchange),
}

/// A request and its answer.
struct Exchange {
    stage: Stage,
    body_limit: usize,
    watch: Watch,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a box would cost every request an allocation"
)]
enum Stage {
    Head(ResponseFuture),
    Body(Option<response::Parts>, Collect<Incoming>, Option<Drain>),
}

/// How long the body of a failure may take. Its head says all that is needed, so the body is read for
/// the connection's sake and for a message, and not waited for.
const DRAIN: Duration = Duration::from_secs(5);

/// The time that is left for the body of a failure; it begins with the first wait.
#[derive(Default)]
struct Drain(Option<Pin<Box<Sleep>>>);

impl Drain {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep(DRAIN)));
        timer.as_mut().poll(cx)
    }
}

/// What is kept beside a request until its answer is complete.
#[derive(Debug)]
pub(crate) struct Watch {
    server: Arc<Server>,
    call: Option<CallContext>,
    has_head: bool,
}

impl Watch {
    pub(crate) const fn new(server: Arc<Server>, call: Option<CallContext>) -> Self {
        Self {
            server,
            call,
            has_head: false,
        }
    }

    fn head_came(&mut self, version: Version) {
        self.has_head = true;
        self.server.learn(version);
    }

    fn is_aborted(&self) -> bool {
        self.call.as_ref().is_some_and(CallContext::is_aborted)
    }

    fn finish(&self) {
        if let Some(call) = &self.call {
            call.clear_abort();
        }
    }
}

/// A try that ends without an answer may be on a connection of another kind than the last one.
impl Drop for Watch {
    fn drop(&mut self) {
        if !self.has_head {
            self.server.forget();
        }
    }
}

impl TransportFuture {
    pub(crate) const fn refused(error: TransportError) -> Self {
        Self(State::Refused(Some(error)))
    }

    pub(crate) const fn sending(answer: ResponseFuture, body_limit: usize, watch: Watch) -> Self {
        Self(State::Sent(Exchange {
            stage: Stage::Head(answer),
            body_limit,
            watch,
        }))
    }
}

impl Future for TransportFuture {
    type Output = Result<Response<Bytes>, TransportError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Refused(error) => {
                let error = error.take().expect("a future is not polled after its end");
                Poll::Ready(Err(error))
            }
            State::Sent(exchange) => {
                let result = ready!(exchange.poll(cx));
                exchange.watch.finish();
                Poll::Ready(result)
            }
        }
    }
}

impl Exchange {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Bytes>, TransportError>> {
        loop {
            let server = self.watch.server.authority();
            match &mut self.stage {
                Stage::Head(answer) => {
                    let answer = ready!(Pin::new(answer).poll(cx));
                    let answer = answer.map_err(|error| classify::head(error, server))?;
                    self.watch.head_came(answer.version());
                    let (head, body) = answer.into_parts();
                    let drain = says_failure(head.status).then(Drain::default);
                    let http2 = head.version == Version::HTTP_2;
                    let body = Collect::new(body, self.body_limit, http2);
                    self.stage = Stage::Body(Some(head), body, drain);
                }
                Stage::Body(head, body, drain) => {
                    let body = match (body.poll(cx), drain) {
                        (Poll::Ready(Ok(body)), _) => body,
                        (Poll::Ready(Err(_)), Some(_)) => Bytes::new(),
                        (Poll::Ready(Err(error)), None) => {
                            return Poll::Ready(Err(broken(error, self.body_limit, server)));
                        }
                        (Poll::Pending, Some(_)) if self.watch.is_aborted() => Bytes::new(),
                        (Poll::Pending, Some(drain)) => {
                            ready!(drain.poll(cx));
                            Bytes::new()
                        }
                        (Poll::Pending, None) => return Poll::Pending,
                    };
                    let head = head.take().expect("a future is not polled after its end");
                    return Poll::Ready(Ok(Response::from_parts(head, body)));
                }
            }
        }
    }
}

/// Whether the head has told all that decides what happens next, so that it must not be lost with
/// the body: a 429 says when to come back, a 404 that nothing is there.
fn says_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn broken(error: BodyError<hyper::Error>, limit: usize, server: &Authority) -> TransportError {
    match error {
        BodyError::TooLarge => TransportError::new(Kind::TooLarge(limit), Sent::Yes, server),
        BodyError::Broken(error) => classify::body(error, server),
        BodyError::CutOff => TransportError::new(Kind::Truncated, Sent::Yes, server),
    }
}

impl fmt::Debug for TransportFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.0 {
            State::Refused(_) => "refused",
            State::Sent(exchange) => match exchange.stage {
                Stage::Head(_) => "head",
                Stage::Body(..) => "body",
            },
        };
        f.debug_tuple("TransportFuture").field(&state).finish()
    }
}
