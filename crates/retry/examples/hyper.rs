//! Retries and a time-out around hyper's own client: `cargo run -p retry --example hyper`.
//!
//! The layers work over requests and responses whose bodies are `Bytes`, and over any error that
//! can hold a `Stopped` and tell what it means. So a client needs two things: a function that reads
//! the whole body, and an error that says what was sent.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod server;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use retry::{AttemptTimeoutLayer, RetryLayer, RetryPolicy};
use token_core::{
    CallContext, Classify, Failure, Idempotency, Outcome, RetryConfig, Sent, Stopped,
};
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};

type Hyper = Client<HttpConnector, Full<Bytes>>;

/// Why there is no answer.
#[derive(Debug)]
enum CallError {
    /// A layer ended the call.
    Stopped(Stopped),
    /// The request was not answered.
    Request(hyper_util::client::legacy::Error),
    /// The answer broke off.
    Body(hyper::Error),
}

impl From<Stopped> for CallError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// Whoever does not know whether a request was processed says `Maybe`: then nothing is done twice.
impl Classify for CallError {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Request(error) if error.is_connect() => Outcome::Failed {
                sent: Sent::No,
                failure: Failure::Connect,
            },
            Self::Request(_) => Outcome::Failed {
                sent: Sent::Maybe,
                failure: Failure::Interrupted,
            },
            Self::Body(_) => Outcome::Failed {
                sent: Sent::Yes,
                failure: Failure::Interrupted,
            },
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stopped(_) => "the call was ended",
            Self::Request(_) => "the request was not answered",
            Self::Body(_) => "the answer broke off",
        })
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stopped(stopped) => Some(stopped),
            Self::Request(error) => Some(error),
            Self::Body(error) => Some(error),
        }
    }
}

/// One request, up to the end of its answer.
async fn send(hyper: Hyper, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
    let answer = hyper.request(request.map(Full::new)).await;
    let (head, body) = answer.map_err(CallError::Request)?.into_parts();
    let body = body.collect().await.map_err(CallError::Body)?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

/// Asks the server until it answers; the second value is how often.
async fn fetch(server: SocketAddr) -> Result<(Response<Bytes>, u32), BoxError> {
    let hyper: Hyper = Client::builder(TokioExecutor::new()).build_http();
    let config = RetryConfig::builder().with_base_delay(Duration::from_millis(10));
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::new(&config.build()?)))
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(10)))
        .service(service_fn(move |request| send(hyper.clone(), request)));

    let call = CallContext::new(Idempotency::Safe);
    let request = Request::get(format!("http://{server}/")).extension(call.clone());
    let answer = service.oneshot(request.body(Bytes::new())?).await?;
    Ok((answer, call.ledger().attempts()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let server = server::start(&["503 Service Unavailable", "502 Bad Gateway"]).await?;
    let (answer, attempts) = fetch(server).await?;
    println!("{} after {attempts} attempts", answer.status());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_recovers_is_asked_until_it_answers() {
        let answers = &["503 Service Unavailable", "502 Bad Gateway"];
        let (answer, attempts) = fetch(server::start(answers).await.unwrap()).await.unwrap();
        assert_eq!((answer.status().as_u16(), attempts), (200, 3));
        assert_eq!(answer.body(), "hello");
    }
}
