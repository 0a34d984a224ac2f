//! The pause gate around reqwest, as a tower service: `cargo run --example reqwest`.

#[path = "../../../../crates/retry/examples/server/mod.rs"]
mod server;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use retry::{PauseGate, PauseGateLayer};
use token_core::{Classify, Failure, Outcome, Sent, Stopped};
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};

/// Why there is no answer.
#[derive(Debug)]
enum CallError {
    /// A layer ended the call.
    Stopped(Stopped),
    /// reqwest did.
    Reqwest(reqwest::Error),
}

impl From<Stopped> for CallError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        Self::Reqwest(error)
    }
}

/// Only a connection that was not made is certainly a request that was not sent.
impl Classify for CallError {
    fn outcome(&self) -> Outcome {
        let (sent, failure) = match self {
            Self::Stopped(stopped) => return stopped.outcome(),
            Self::Reqwest(error) if error.is_builder() => (Sent::No, Failure::Rejected),
            Self::Reqwest(error) if error.is_connect() => (Sent::No, Failure::Connect),
            Self::Reqwest(error) if error.is_timeout() => (Sent::Maybe, Failure::Timeout),
            Self::Reqwest(_) => (Sent::Maybe, Failure::Interrupted),
        };
        Outcome::Failed { sent, failure }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped(_) => f.write_str("the call was ended"),
            Self::Reqwest(_) => f.write_str("the request was not answered"),
        }
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stopped(stopped) => Some(stopped),
            Self::Reqwest(error) => Some(error),
        }
    }
}

/// One request, up to the end of its answer.
async fn send(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, CallError> {
    let request = reqwest::Request::try_from(request)?;
    let answer: Response<reqwest::Body> = client.oneshot(request).await?.into();
    let (head, body) = answer.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

/// Three calls at a server that limits the first; what each heard.
async fn fetch(server: SocketAddr) -> Result<Vec<u16>, BoxError> {
    // What reqwest repeats by itself, or follows, no layer would see.
    let client = reqwest::Client::builder()
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let gate = PauseGate::new();
    let service = ServiceBuilder::new()
        .layer(PauseGateLayer::new(gate.clone()))
        .service(service_fn(move |request| send(client.clone(), request)));

    let mut heard = Vec::new();
    for _ in 0..3 {
        let request = Request::get(format!("http://{server}/")).body(Bytes::new())?;
        let answer = service.clone().oneshot(request).await?;
        heard.push(answer.status().as_u16());
    }
    assert!(gate.is_open(), "the second call opened it");
    Ok(heard)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let server = server::start(&[LIMITED]).await?;
    println!("{:?}", fetch(server).await?);
    Ok(())
}

/// All callers of the server keep this pause.
const LIMITED: &str = "429 Too Many Requests\r\nretry-after: 0.05";

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn the_second_call_waits_as_the_first_was_asked_to() {
        let server = server::start(&[LIMITED]).await.unwrap();
        let start = Instant::now();
        assert_eq!(fetch(server).await.unwrap(), [429, 200, 200]);
        assert!(start.elapsed() >= Duration::from_millis(50));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_was_sent_nothing() {
        let request = Request::get("http://127.0.0.1:1/")
            .body(Bytes::new())
            .unwrap();
        let error = send(reqwest::Client::new(), request).await.unwrap_err();
        let (sent, failure) = (Sent::No, Failure::Connect);
        assert_eq!(error.outcome(), Outcome::Failed { sent, failure });
    }
}
