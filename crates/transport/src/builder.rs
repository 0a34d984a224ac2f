//! How a transport is put together.

use std::time::Duration;

use http::HeaderValue;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::Transport;
use crate::connect::{Dialer, IdleLimits, Roots, Timed, TlsSetupError, client_config};
use crate::service::{Connector, HyperClient};

/// Connections that are kept idle for each server (C-44).
const POOL_MAX_IDLE: usize = 5;
/// How long an idle connection is kept (C-44).
const POOL_IDLE: Duration = Duration::from_secs(30);
/// A busy HTTP/2 connection is asked this often whether it lives. An idle one is not: some servers
/// close connections that ask too much.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// An HTTP/2 connection that does not answer for this long is closed.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Describes a [`Transport`].
#[must_use]
pub struct TransportBuilder {
    connect_timeout: Duration,
    idle: IdleLimits,
    body_limit: usize,
    user_agent: String,
    allow_plain_http: bool,
    roots: Vec<Vec<u8>>,
    #[cfg(feature = "native-roots")]
    native_roots: bool,
    #[cfg(feature = "proxy")]
    proxy: Option<crate::Proxy>,
    #[cfg(feature = "test-util")]
    dial: Option<crate::connect::Dial>,
}

impl TransportBuilder {
    pub(crate) fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle: IdleLimits {
                read: Duration::from_secs(30),
                write: Duration::from_secs(10),
            },
            body_limit: Transport::API_BODY_LIMIT,
            user_agent: concat!("amp-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow_plain_http: false,
            roots: Vec::new(),
            #[cfg(feature = "native-roots")]
            native_roots: false,
            #[cfg(feature = "proxy")]
            proxy: None,
            #[cfg(feature = "test-util")]
            dial: None,
        }
    }

    /// The time for name, proxy, TCP and TLS together; the default is 10 s (C-44, X-05, W-A38).
    pub fn with_connect_timeout(mut self, connect_timeout: Duration) -> Self {
        self.connect_timeout = connect_timeout;
        self
    }

    /// How long a connection of HTTP/1.1 may bring no byte while an answer is waited for; the default
    /// is 30 s (C-44). An HTTP/2 connection is asked by pings instead, after 30 s without a sign of
    /// life, and ends 10 s later.
    pub fn with_read_timeout(mut self, read_timeout: Duration) -> Self {
        self.idle.read = read_timeout;
        self
    }

    /// How long a connection may take no byte of a request; the default is 10 s (C-44).
    pub fn with_write_timeout(mut self, write_timeout: Duration) -> Self {
        self.idle.write = write_timeout;
        self
    }

    /// The largest body that is accepted, in bytes; the default is
    /// [`Transport::API_BODY_LIMIT`].
    pub fn with_body_limit(mut self, body_limit: usize) -> Self {
        self.body_limit = body_limit;
        self
    }

    /// How the client calls itself where a request says nothing; the default is
    /// `amp-rust/<version>`.
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Trusts the certificates of this PEM text too.
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Trusts the certificates that the system trusts too; the default is not to. They are read when
    /// the transport is built, from the files or the key chain of the system or from where
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` say, which takes some tens of milliseconds.
    #[cfg(feature = "native-roots")]
    pub fn with_native_roots(mut self) -> Self {
        self.native_roots = true;
        self
    }

    /// Sends `https` requests through this proxy, where one is given; the default is none.
    #[cfg(feature = "proxy")]
    pub fn with_proxy(mut self, proxy: impl Into<Option<crate::Proxy>>) -> Self {
        self.proxy = proxy.into();
        self
    }

    /// Lets plain http, with all it carries in clear text, go to any address; the default is
    /// loopback addresses only.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// Connects through this function instead of TCP, so that a test can play the server over
    /// `tokio::io::duplex` under a paused clock. The rule about plain http does not apply.
    #[cfg(feature = "test-util")]
    pub fn with_connector<F, C>(mut self, connect: F) -> Self
    where
        F: Fn(http::Uri) -> C + Send + Sync + 'static,
        C: Future<Output = std::io::Result<crate::TestStream>> + Send + 'static,
    {
        self.dial = Some(std::sync::Arc::new(move |address| {
            let connecting = connect(address);
            Box::pin(async move { Ok(connecting.await?) })
        }));
        self
    }

    /// The described transport. It opens no connection yet.
    ///
    /// # Errors
    ///
    /// [`TransportBuildError`] when the user agent cannot be a header, a root certificate cannot be
    /// read, the system has none although they were asked for, or the crate was built without
    /// cryptography.
    pub fn build(mut self) -> Result<Transport, TransportBuildError> {
        let user_agent = HeaderValue::try_from(std::mem::take(&mut self.user_agent))
            .map_err(|_| TransportBuildError(Problem::UserAgent))?;
        let connector = self.connector().map_err(Problem::Tls)?;
        let connector = Timed::new(connector, self.connect_timeout, self.idle);
        Ok(Transport::new(pool(connector), user_agent, self.body_limit))
    }

    fn connector(&mut self) -> Result<HttpsConnector<Dialer>, TlsSetupError> {
        let mut roots = Roots::default();
        for pem in &self.roots {
            roots.add_pem(pem)?;
        }
        #[cfg(feature = "native-roots")]
        if self.native_roots {
            roots.add_native()?;
        }
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(client_config(roots)?)
            .https_or_http();
        #[cfg(feature = "http2")]
        let builder = builder.enable_all_versions();
        #[cfg(not(feature = "http2"))]
        let builder = builder.enable_http1();
        Ok(builder.wrap_connector(self.dialer()))
    }

    fn dialer(&mut self) -> Dialer {
        let dialer = self.route();
        #[cfg(feature = "proxy")]
        let dialer = dialer.with_proxy(self.proxy.take());
        dialer
    }

    fn route(&mut self) -> Dialer {
        #[cfg(feature = "test-util")]
        if let Some(dial) = self.dial.take() {
            return Dialer::test(dial);
        }
        Dialer::tcp(self.connect_timeout, self.allow_plain_http)
    }
}

impl std::fmt::Debug for TransportBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("body_limit", &self.body_limit)
            .field("user_agent", &self.user_agent)
            .field("allow_plain_http", &self.allow_plain_http)
            .finish_non_exhaustive()
    }
}

/// Without both timers hyper-util would keep idle connections for ever and ask none whether it
/// lives. A request that met the end of its connection before it left is sent on another.
fn pool(connector: Connector) -> HyperClient {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_MAX_IDLE)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .http2_keep_alive_while_idle(false)
        .retry_canceled_requests(true)
        .build(connector)
}

/// Why a transport could not be put together.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TransportBuildError(#[from] Problem);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("the user agent holds a character that a header cannot")]
    UserAgent,
    #[error("invalid TLS configuration")]
    Tls(#[source] TlsSetupError),
}
