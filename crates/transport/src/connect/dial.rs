//! From an address to a stream of bytes.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use super::resolve::Resolver;
use super::stream::Stream;
use crate::error::BoxError;

/// Credentials would travel in clear text.
#[derive(Debug, thiserror::Error)]
#[error("the address is not a loopback address")]
pub(crate) struct PlainHttpRefused;

/// How a test connects.
#[cfg(feature = "test-util")]
pub(crate) type Dial = Arc<dyn Fn(Uri) -> Connecting<super::TestStream> + Send + Sync>;

pub(crate) type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Opens the stream below TLS and HTTP, through a proxy where one is set.
#[derive(Clone)]
pub(crate) struct Dialer {
    route: Route,
    #[cfg(feature = "proxy")]
    proxy: Option<crate::Proxy>,
}

#[derive(Clone)]
enum Route {
    Tcp(Tcp),
    #[cfg(feature = "test-util")]
    Test(Dial),
}

/// TCP: to any address, and to loopback addresses alone.
#[derive(Clone)]
pub(crate) struct Tcp {
    anywhere: HttpConnector<Resolver>,
    loopback: HttpConnector<Resolver>,
    allow_plain_http: bool,
}

impl Dialer {
    pub(crate) fn tcp(connect_timeout: Duration, allow_plain_http: bool) -> Self {
        Self::new(Route::Tcp(Tcp {
            anywhere: connector(connect_timeout, false),
            loopback: connector(connect_timeout, true),
            allow_plain_http,
        }))
    }

    #[cfg(feature = "test-util")]
    pub(crate) fn test(dial: Dial) -> Self {
        Self::new(Route::Test(dial))
    }

    fn new(route: Route) -> Self {
        Self {
            route,
            #[cfg(feature = "proxy")]
            proxy: None,
        }
    }

    #[cfg(feature = "proxy")]
    pub(crate) fn with_proxy(mut self, proxy: Option<crate::Proxy>) -> Self {
        self.proxy = proxy;
        self
    }

    /// A tunnel to this address, if its way leads through the proxy.
    #[cfg(feature = "proxy")]
    fn tunnel(&mut self, address: &Uri) -> Option<Connecting<Stream>> {
        use super::tunnel::{NoTunnel, open};

        let proxy = self.proxy.clone().filter(|proxy| proxy.covers(address))?;
        let connecting = match &mut self.route {
            Route::Tcp(tcp) => over_tcp(tcp.anywhere.clone(), proxy.server().clone()),
            #[cfg(feature = "test-util")]
            Route::Test(dial) => by_hand(dial, proxy.server().clone()),
        };
        let address = address.clone();
        Some(Box::pin(async move {
            let stream = connecting.await.map_err(NoTunnel::Unreachable)?;
            Ok(open(stream, &proxy, &address).await?)
        }))
    }

    /// A stream to this very address.
    fn direct(&mut self, address: Uri) -> Connecting<Stream> {
        match &mut self.route {
            Route::Tcp(tcp) => match tcp.connector(&address) {
                Ok(connector) => over_tcp(connector, address),
                Err(refused) => Box::pin(async move { Err(refused.into()) }),
            },
            #[cfg(feature = "test-util")]
            Route::Test(dial) => by_hand(dial, address),
        }
    }
}

impl Tcp {
    /// The connector that may be used for this address.
    fn connector(&self, address: &Uri) -> Result<HttpConnector<Resolver>, PlainHttpRefused> {
        if self.allow_plain_http || address.scheme() == Some(&Scheme::HTTPS) {
            return Ok(self.anywhere.clone());
        }
        match literal(address) {
            Some(ip) if !ip.is_loopback() => Err(PlainHttpRefused),
            _ => Ok(self.loopback.clone()),
        }
    }
}

impl Service<Uri> for Dialer {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting<Stream>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        #[cfg(feature = "proxy")]
        if let Some(tunnel) = self.tunnel(&address) {
            return tunnel;
        }
        self.direct(address)
    }
}

fn over_tcp(mut connector: HttpConnector<Resolver>, address: Uri) -> Connecting<Stream> {
    let connecting = connector.call(address);
    Box::pin(async move { Ok(Stream::Tcp(connecting.await?)) })
}

#[cfg(feature = "test-util")]
fn by_hand(dial: &Dial, address: Uri) -> Connecting<Stream> {
    let connecting = dial(address);
    Box::pin(async move { Ok(Stream::Test(connecting.await?)) })
}

/// A connector that divides its time among the addresses of a name, so that a dead one does not
/// take all of it.
fn connector(connect_timeout: Duration, loopback_only: bool) -> HttpConnector<Resolver> {
    let mut connector = HttpConnector::new_with_resolver(Resolver::new(loopback_only));
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(connect_timeout));
    connector
}

fn literal(address: &Uri) -> Option<IpAddr> {
    let host = address.host()?;
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A26: credentials over plain http.
    #[test]
    fn plain_http_goes_to_loopback_addresses_only_unless_it_is_allowed() {
        let refused = |allow: bool, address: &'static str| {
            let Route::Tcp(tcp) = Dialer::tcp(Duration::from_secs(1), allow).route else {
                panic!("tcp makes a dialer over TCP");
            };
            tcp.connector(&Uri::from_static(address)).is_err()
        };
        for far in [
            "http://192.0.2.1",
            "http://[2001:db8::1]:80",
            "http://0.0.0.0",
        ] {
            assert!(refused(false, far), "{far}");
            assert!(!refused(true, far), "{far}");
        }
        for fine in [
            "http://127.0.0.1",
            "http://[::1]",
            "https://192.0.2.1",
            "http://localhost",
        ] {
            assert!(!refused(false, fine), "{fine}");
        }
    }
}
