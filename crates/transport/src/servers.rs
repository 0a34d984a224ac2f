//! What is known about the servers that were called.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri, Version};

/// More servers than any of our clients calls; beyond that the knowledge starts afresh.
const MOST: usize = 64;

/// One server, with what its last answer told.
#[derive(Debug)]
pub(crate) struct Server {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
    http1: AtomicBool,
}

impl Server {
    /// The server of an address that can be sent to.
    fn of(address: &Uri) -> Option<Self> {
        let (scheme, authority) = parts(address)?;
        Some(Self {
            host: host(scheme, authority)?,
            scheme: scheme.clone(),
            authority: authority.clone(),
            http1: AtomicBool::new(false),
        })
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether it is the server of this address. The texts are mostly the same, and then they need not
    /// be compared without regard to case.
    fn is_at(&self, scheme: &Scheme, authority: &Authority) -> bool {
        let same = self.authority.as_str() == authority.as_str();
        (same || self.authority == *authority) && self.scheme == *scheme
    }

    /// The value of `Host`; a new one costs an allocation, a copy of this one none.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    /// Whether the last answer was HTTP/1.1. There a try owns its connection, which ends with it, so
    /// nothing has to be captured to tear it down.
    pub(crate) fn speaks_http1(&self) -> bool {
        self.http1.load(Ordering::Relaxed)
    }

    /// Knows no more than at first.
    pub(crate) fn forget(&self) {
        self.http1.store(false, Ordering::Relaxed);
    }

    /// Remembers what the server spoke.
    pub(crate) fn learn(&self, version: Version) {
        let http1 = version <= Version::HTTP_11;
        if self.speaks_http1() != http1 {
            self.http1.store(http1, Ordering::Relaxed);
        }
    }
}

/// The servers that were called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Servers(Arc<RwLock<Vec<Arc<Server>>>>);

impl Servers {
    /// The server of an address that can be sent to.
    pub(crate) fn of(&self, address: &Uri) -> Option<Arc<Server>> {
        let (scheme, authority) = address.scheme().zip(address.authority())?;
        let is_it = |known: &&Arc<Server>| known.is_at(scheme, authority);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = known.iter().find(is_it) {
            return Some(Arc::clone(server));
        }
        drop(known);
        let server = Arc::new(Server::of(address)?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = known.iter().find(is_it) {
            return Some(Arc::clone(server));
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.push(Arc::clone(&server));
        Some(server)
    }
}

/// Scheme and authority of an address that can be sent to: http or https, a host, no user name.
fn parts(address: &Uri) -> Option<(&Scheme, &Authority)> {
    let scheme = address.scheme()?;
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return None;
    }
    let named = |server: &&Authority| !server.host().is_empty() && !server.as_str().contains('@');
    Some((scheme, address.authority().filter(named)?))
}

/// RFC 9110 section 7.2: the port only where it is not the usual one.
fn host(scheme: &Scheme, authority: &Authority) -> Option<HeaderValue> {
    let usual = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let text = match authority.port_u16() {
        Some(port) if port != usual => authority.as_str(),
        _ => authority.host(),
    };
    HeaderValue::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(address: &str) -> Option<Server> {
        Server::of(&address.parse().unwrap())
    }

    // W-A26
    #[test]
    fn an_address_needs_a_scheme_and_a_host_and_has_no_user_name() {
        for fine in ["http://a", "https://a:8443/path?query", "https://[::1]/"] {
            assert!(server(fine).is_some(), "{fine}");
        }
        for bad in [
            "/path",
            "a:80",
            "ftp://a/",
            "https://user:pass@a/",
            "https://u@a/",
        ] {
            assert!(server(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_host_is_said_with_its_port_unless_it_is_the_usual_one() {
        for (address, host) in [
            ("http://a", "a"),
            ("http://a:80/b", "a"),
            ("http://a:443", "a:443"),
            ("https://a:443/b?c", "a"),
            ("https://a:80", "a:80"),
            ("https://[::1]:8443/", "[::1]:8443"),
        ] {
            assert_eq!(server(address).unwrap().host(), host, "{address}");
        }
    }

    #[test]
    fn a_server_is_known_by_scheme_host_and_port_and_by_what_it_last_spoke() {
        let servers = Servers::default();
        let of = |address: &'static str| servers.of(&Uri::from_static(address)).unwrap();
        of("https://a/b").learn(Version::HTTP_11);
        assert!(of("https://a/c").speaks_http1());
        for other in ["http://a", "https://a:8443", "https://b"] {
            assert!(!of(other).speaks_http1(), "{other}");
        }
        of("https://a").learn(Version::HTTP_2);
        assert!(!of("https://a").speaks_http1());
    }

    #[test]
    fn the_knowledge_does_not_grow_without_bound() {
        let servers = Servers::default();
        for port in 1..1000 {
            let address: Uri = format!("http://a:{port}").parse().unwrap();
            servers.of(&address).unwrap();
        }
        assert!(servers.0.read().unwrap().len() <= MOST);
    }
}
