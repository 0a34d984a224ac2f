//! The service itself.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::USER_AGENT;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use token_core::{CallContext, Sent};
use tower_service::Service;

use crate::connect::{Dialer, Timed};
use crate::error::{Kind, TransportError};
use crate::future::Watch;
use crate::origins::Http1Origins;
use crate::{TransportBuilder, TransportFuture};

pub(crate) type HyperClient = Client<Timed<HttpsConnector<Dialer>>, Full<Bytes>>;

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
    client: HyperClient,
    shared: Arc<Shared>,
    body_limit: usize,
}

#[derive(Debug)]
struct Shared {
    user_agent: HeaderValue,
    http1: Http1Origins,
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
            http1: Http1Origins::default(),
        };
        Self {
            client,
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
    fn watch(&self, server: &Authority, request: &mut Request<Full<Bytes>>) -> Option<CallContext> {
        let call = request.extensions_mut().remove::<CallContext>()?;
        if self.shared.http1.contains(server) {
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
        let Some(server) = server(request.uri()) else {
            return TransportFuture::refused(TransportError::address(Kind::Address, Sent::No));
        };
        let mut request = request.map(Full::new);
        let headers = request.headers_mut();
        headers
            .entry(USER_AGENT)
            .or_insert_with(|| self.shared.user_agent.clone());
        let watch = Watch {
            call: self.watch(&server, &mut request),
            http1: self.shared.http1.clone(),
            server,
        };
        TransportFuture::sending(self.client.request(request), self.body_limit, watch)
    }
}

/// The server of an address that can be sent to.
fn server(address: &Uri) -> Option<Authority> {
    let scheme = address.scheme()?;
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return None;
    }
    let named = |server: &&Authority| !server.host().is_empty() && !server.as_str().contains('@');
    address.authority().filter(named).cloned()
}

fn poison(captured: &CaptureConnection) {
    if let Some(connected) = captured.connection_metadata().as_ref() {
        connected.poison();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A26
    #[test]
    fn an_address_needs_a_scheme_and_a_host_and_has_no_user_name() {
        let accepted = |address: &'static str| server(&Uri::from_static(address)).is_some();
        for fine in ["http://a", "https://a:8443/path?query", "https://[::1]/"] {
            assert!(accepted(fine), "{fine}");
        }
        for bad in [
            "/path",
            "a:80",
            "ftp://a/",
            "https://user:pass@a/",
            "https://u@a/",
        ] {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
