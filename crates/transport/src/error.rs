//! Why no answer came, and whether the server may have seen the request.

use std::error::Error;
use std::fmt;

use http::uri::Authority;
use token_core::{Classify, Failure, Outcome, Sent};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why no complete answer came. It names the server, but neither path, query, header nor body.
#[derive(Debug)]
pub struct TransportError {
    kind: Kind,
    sent: Sent,
    server: Option<Box<str>>,
    source: Option<BoxError>,
}

/// What failed; finer than [`Failure`] where the text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Resolve,
    Connect,
    #[cfg(feature = "proxy")]
    Proxy,
    #[cfg(feature = "proxy")]
    ProxyRefused,
    Tls,
    Timeout,
    Interrupted,
    Truncated,
    TooLarge(usize),
    Protocol,
    PlainHttp,
    Address,
    Other,
}

impl TransportError {
    pub(crate) fn new(kind: Kind, sent: Sent, server: &Authority) -> Self {
        let userinfo = server.as_str().rsplit_once('@');
        let host = userinfo.map_or(server.as_str(), |(_, host)| host);
        Self {
            server: Some(host.into()),
            ..Self::address(kind, sent)
        }
    }

    /// An error about a request that names no server.
    pub(crate) const fn address(kind: Kind, sent: Sent) -> Self {
        Self {
            kind,
            sent,
            server: None,
            source: None,
        }
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub const fn failure(&self) -> Failure {
        match self.kind {
            Kind::Resolve => Failure::Resolve,
            Kind::Connect => Failure::Connect,
            #[cfg(feature = "proxy")]
            Kind::Proxy => Failure::Connect,
            #[cfg(feature = "proxy")]
            Kind::ProxyRefused => Failure::Rejected,
            Kind::Tls => Failure::Tls,
            Kind::Timeout => Failure::Timeout,
            Kind::Interrupted | Kind::Truncated => Failure::Interrupted,
            Kind::TooLarge(_) => Failure::TooLarge,
            Kind::Protocol => Failure::Protocol,
            Kind::PlainHttp | Kind::Address => Failure::Rejected,
            Kind::Other => Failure::Other,
        }
    }

    /// Whether the server may have seen the request.
    pub const fn sent(&self) -> Sent {
        self.sent
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server.as_deref().unwrap_or("the server");
        match self.kind {
            Kind::Resolve => write!(f, "the name of {server} has no address"),
            Kind::Connect => write!(f, "could not connect to {server}"),
            #[cfg(feature = "proxy")]
            Kind::Proxy => write!(f, "could not connect to {server} through the proxy"),
            #[cfg(feature = "proxy")]
            Kind::ProxyRefused => write!(f, "the proxy refused to connect to {server}"),
            Kind::Tls => write!(f, "no trusted TLS connection to {server}"),
            Kind::Timeout => write!(f, "{server} did not react in time"),
            Kind::Interrupted => {
                write!(f, "the connection to {server} broke before it answered")
            }
            Kind::Truncated => write!(f, "the answer of {server} ended too early"),
            Kind::TooLarge(limit) => {
                write!(f, "the answer of {server} is larger than {limit} bytes")
            }
            Kind::Protocol => write!(f, "{server} did not answer in HTTP"),
            Kind::PlainHttp => write!(
                f,
                "plain http to {server} was refused: it goes to loopback addresses only"
            ),
            Kind::Address => {
                f.write_str("the address needs http or https and a host, without user name")
            }
            Kind::Other => write!(f, "the request to {server} failed"),
        }
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl Classify for TransportError {
    fn outcome(&self) -> Outcome {
        Outcome::Failed {
            sent: self.sent,
            failure: self.failure(),
        }
    }
}
