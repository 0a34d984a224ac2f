//! The retry layer around a client of tonic: `cargo run --example tonic`.
//!
//! gRPC says how a call went in trailers, behind an HTTP status that is always 200. So the function
//! that sends puts the two codes that matter into the layers' words, and carries the trailers along.
//! This is for calls of one message and one answer; a stream cannot be sent again.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use retry::{RetryLayer, RetryPolicy};
use token_core::{
    CallContext, Classify, Failure, Idempotency, Outcome, RetryConfig, Sent, Stopped,
};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::BoxStream;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};

/// Why there is no answer that the layers should take for one.
#[derive(Debug)]
enum CallError {
    /// A layer ended the call.
    Stopped(Stopped),
    /// The server answered that it could not, which is this status in HTTP.
    Refused(u16, Box<Response<Bytes>>),
    /// No answer came. The channel does not say whether the request left.
    Transport(tonic::transport::Error),
    /// The answer broke off.
    Body(Status),
}

impl From<Stopped> for CallError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl Classify for CallError {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Refused(status, _) => Outcome::Answered {
                status: *status,
                retry_after: None,
            },
            Self::Transport(_) => Outcome::Failed {
                sent: Sent::Maybe,
                failure: Failure::Other,
            },
            Self::Body(_) => Outcome::Failed {
                sent: Sent::Yes,
                failure: Failure::Interrupted,
            },
        }
    }
}

/// What came behind the body.
#[derive(Clone)]
struct Trailers(Option<HeaderMap>);

/// One request, up to the end of its answer.
async fn send(channel: Channel, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
    let request = request.map(|message| Body::new(Full::new(message)));
    let answer = channel.oneshot(request).await;
    let (mut head, body) = answer.map_err(CallError::Transport)?.into_parts();
    let body = body.collect().await.map_err(CallError::Body)?;
    let trailers = body.trailers().cloned();
    let status = Status::from_header_map(trailers.as_ref().unwrap_or(&head.headers));
    head.extensions.insert(Trailers(trailers));
    let answer = Response::from_parts(head, body.to_bytes());
    match status.map(|status| status.code()) {
        Some(Code::Unavailable) => Err(CallError::Refused(503, Box::new(answer))),
        Some(Code::ResourceExhausted) => Err(CallError::Refused(429, Box::new(answer))),
        _ => Ok(answer),
    }
}

/// The answer as tonic's generated clients want it: what was refused is an answer again.
fn answer(result: Result<Response<Bytes>, CallError>) -> Result<Response<Body>, BoxError> {
    let answer = match result {
        Ok(answer) => answer,
        Err(CallError::Refused(_, answer)) => *answer,
        Err(CallError::Stopped(stopped)) => return Err(stopped.into()),
        Err(CallError::Transport(error)) => return Err(error.into()),
        Err(CallError::Body(status)) => return Err(status.into()),
    };
    let trailers = answer.extensions().get::<Trailers>();
    let trailers = trailers.and_then(|trailers| trailers.0.clone()).map(Ok);
    Ok(answer.map(|message| {
        let body = Full::new(message);
        Body::new(body.with_trailers(std::future::ready(trailers)))
    }))
}

/// Asks the server for its health until it answers; the second value is how often.
async fn check(server: SocketAddr, class: Idempotency) -> Result<(i32, u32), BoxError> {
    let channel = Channel::from_shared(format!("http://{server}"))?.connect_lazy();
    let config = RetryConfig::builder().with_base_delay(Duration::from_millis(10));
    let layers = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::new(&config.build()?)))
        .service(service_fn(move |request| send(channel.clone(), request)));

    let call = CallContext::new(class);
    let context = call.clone();
    let client = service_fn(move |request: Request<Body>| {
        let (layers, context) = (layers.clone(), context.clone());
        async move {
            let (mut head, body) = request.into_parts();
            head.extensions.insert(context);
            let message = body.collect().await?.to_bytes();
            answer(layers.oneshot(Request::from_parts(head, message)).await)
        }
    });
    let origin = format!("http://{server}").parse()?;
    let mut client = HealthClient::with_origin(client, origin);
    let health = client.check(HealthCheckRequest::default()).await?;
    Ok((health.into_inner().status, call.ledger().attempts()))
}

/// A server that is not there yet when it is asked first.
struct Late(AtomicU32);

#[tonic::async_trait]
impl Health for Late {
    type WatchStream = BoxStream<HealthCheckResponse>;

    async fn check(
        &self,
        _: tonic::Request<HealthCheckRequest>,
    ) -> Result<tonic::Response<HealthCheckResponse>, Status> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Status::unavailable("not yet"));
        }
        Ok(tonic::Response::new(HealthCheckResponse { status: 1 }))
    }

    async fn watch(
        &self,
        _: tonic::Request<HealthCheckRequest>,
    ) -> Result<tonic::Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("one answer only"))
    }
}

async fn start() -> Result<SocketAddr, BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = HealthServer::new(Late(AtomicU32::new(0)));
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    Ok(address)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let (status, attempts) = check(start().await?, Idempotency::Safe).await?;
    println!("status {status} after {attempts} attempts");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_safe_call_is_repeated_until_the_server_is_there() {
        let server = start().await.unwrap();
        assert_eq!(check(server, Idempotency::Safe).await.unwrap(), (1, 2));
    }

    #[tokio::test]
    async fn a_call_that_must_not_happen_twice_is_not_and_hears_what_the_server_said() {
        let server = start().await.unwrap();
        let error = check(server, Idempotency::Never).await.unwrap_err();
        let status = error.downcast_ref::<Status>().unwrap();
        assert_eq!(
            (status.code(), status.message()),
            (Code::Unavailable, "not yet")
        );
    }
}
