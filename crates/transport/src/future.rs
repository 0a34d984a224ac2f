//! One request on its way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::uri::Authority;
use http::{Response, StatusCode, Version, response};
use hyper::body::Incoming;
use hyper_util::client::legacy::ResponseFuture;
use token_core::{CallContext, Sent};

use crate::body::{BodyError, Collect};
use crate::classify;
use crate::error::{Kind, TransportError};
use crate::origins::Http1Origins;

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
    Body(Option<response::Parts>, Collect<Incoming>),
}

/// What is kept beside a request until its answer is complete.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) server: Authority,
    pub(crate) call: Option<CallContext>,
    pub(crate) http1: Http1Origins,
}

impl Watch {
    fn learn(&self, version: Version) {
        self.http1.learn(&self.server, version <= Version::HTTP_11);
    }

    fn finish(&self) {
        if let Some(call) = &self.call {
            call.clear_abort();
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
        let server = &self.watch.server;
        loop {
            match &mut self.stage {
                Stage::Head(answer) => {
                    let answer = ready!(Pin::new(answer).poll(cx));
                    let answer = answer.map_err(|error| classify::head(error, server))?;
                    self.watch.learn(answer.version());
                    let (head, body) = answer.into_parts();
                    self.stage = Stage::Body(Some(head), Collect::new(body, self.body_limit));
                }
                Stage::Body(head, body) => {
                    let body = ready!(body.poll(cx));
                    let head = head.take().expect("a future is not polled after its end");
                    let body = match body {
                        Ok(body) => body,
                        Err(_) if says_failure(head.status) => Bytes::new(),
                        Err(error) => {
                            return Poll::Ready(Err(broken(error, self.body_limit, server)));
                        }
                    };
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
