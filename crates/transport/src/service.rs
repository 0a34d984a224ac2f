//! The service itself.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use token_core::{CallContext, Sent};
use tower_service::Service;

use crate::connect::{Dialer, Timed};
use crate::error::{Kind, TransportError};
use crate::future::Watch;
use crate::servers::{Server, Servers};
use crate::{TransportBuilder, TransportFuture};

pub(crate) type Connector = Timed<HttpsConnector<Dialer>>;
pub(crate) type HyperClient = Client<Connector, Full<Bytes>>;

/// Sends requests over pooled connections and brings whole answers back.
///
/// A clone is cheap and shares the connections. It is always ready. Dropping the future of a request
/// gives the request up; the server may have seen it. The first requests start a task on the tokio
/// runtime for each connection.
///
/// If the request carries a `CallContext`, the transport leaves a handle there by which a time-out
/// keeps the connection from being used again.
#[derive(Clone, Debug)]
pub struct Transport {
    // Each layer clones what is below it, and hyper-util's client is a dozen counts to clone.
    client: Arc<HyperClient>,
    shared: Arc<Shared>,
    body_limit: usize,
}

#[derive(Debug)]
struct Shared {
    user_agent: HeaderValue,
    servers: Servers,
}

impl Transport {
    /// The largest body of an API's answer: 16 MiB.
    pub const API_BODY_LIMIT: usize = 16 * 1024 * 1024;
    /// The largest body of a token endpoint's answer: 64 KiB.
    pub const TOKEN_BODY_LIMIT: usize = 64 * 1024;

    /// Describes a transport.
    pub fn builder() -> TransportBuilder {
        TransportBuilder::new()
    }

    pub(crate) fn new(client: HyperClient, user_agent: HeaderValue, body_limit: usize) -> Self {
        let shared = Shared {
            user_agent,
            servers: Servers::default(),
        };
        Self {
            client: Arc::new(client),
            shared: Arc::new(shared),
            body_limit,
        }
    }

    /// The same connections with another limit for bodies, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, body_limit: usize) -> Self {
        self.body_limit = body_limit;
        self
    }

    /// Leaves a handle in the call that keeps this try's connection from being used again. One that
    /// speaks HTTP/1.1 ends with the try anyway, so nothing is captured where that is known.
    fn watch(server: &Server, request: &mut Request<Full<Bytes>>) -> Option<CallContext> {
        let call = request.extensions_mut().remove::<CallContext>()?;
        if server.speaks_http1() {
            call.clear_abort();
        } else {
            let captured = capture_connection(request);
            call.on_abort(Box::new(move || poison(&captured)));
        }
        Some(call)
    }
}

impl Service<Request<Bytes>> for Transport {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future = TransportFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        (&*self).call(request)
    }
}

/// For whoever shares the transport.
impl Service<Request<Bytes>> for &Transport {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future = TransportFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let Some(server) = self.shared.servers.of(request.uri()) else {
            return TransportFuture::refused(TransportError::address(Kind::Address, Sent::No));
        };
        let mut request = request.map(Full::new);
        let headers = request.headers_mut();
        headers
            .entry(USER_AGENT)
            .or_insert_with(|| self.shared.user_agent.clone());
        // hyper-util would write a new one for each request. HTTP/2 has none.
        if server.speaks_http1() {
            headers.entry(HOST).or_insert_with(|| server.host().clone());
        }
        let call = Transport::watch(&server, &mut request);
        let answer = self.client.request(request);
        TransportFuture::sending(answer, self.body_limit, Watch::new(server, call))
    }
}

fn poison(captured: &CaptureConnection) {
    if let Some(connected) = captured.connection_metadata().as_ref() {
        connected.poison();
    }
}
