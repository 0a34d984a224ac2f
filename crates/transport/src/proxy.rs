//! Through which proxy requests go, and which do not.

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use data_encoding::BASE64;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// The variables that name the proxy; the first that is set counts.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// The variables that name the hosts that are reached directly.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

const EXPECTED: &str = "expected http://[user:password@]host[:port]";

/// A proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6) for `https` requests.
///
/// It sees host and port, and nothing of what goes through the tunnel. Plain http never goes through
/// a proxy, and neither does what is addressed to `localhost` or a loopback address. User name and
/// password go to the proxy in clear text, as basic authentication does; they are in no text of this
/// crate and wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Proxy {
    server: Uri,
    authorization: Option<Arc<Zeroizing<String>>>,
    direct: Arc<Direct>,
}

/// The hosts that are reached directly, as they were written and as they are matched.
struct Direct {
    hosts: Box<str>,
    matcher: Matcher,
}

/// Why a proxy cannot be used: each wrong setting by name, with what it accepts. No value is
/// repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyError(Vec<(&'static str, &'static str)>);

impl Proxy {
    /// The proxy at this address, `http://[user:password@]host[:port]`; the port is 80 where none
    /// is given. Special characters in user and password are percent-encoded.
    ///
    /// # Errors
    ///
    /// [`ProxyError`] when the text is anything else.
    pub fn new(address: &str) -> Result<Self, ProxyError> {
        Self::parse(address).ok_or_else(|| ProxyError(vec![("proxy", EXPECTED)]))
    }

    /// Reaches these hosts directly: names, which stand for their subdomains too, addresses and
    /// networks (`10.0.0.0/8`), separated by commas, or `*` for all; the default is none.
    #[must_use]
    pub fn except(mut self, hosts: &str) -> Self {
        self.direct = Arc::new(Direct::new(hosts));
        self
    }

    /// Reads `HTTPS_PROXY`, or else `ALL_PROXY`, and `NO_PROXY` through `lookup`, each also in lower
    /// case; the upper case comes first. A blank variable is as if unset, and without a proxy there
    /// is `None`. `HTTP_PROXY` is not read, because plain http goes through no proxy.
    ///
    /// # Errors
    ///
    /// [`ProxyError`] names every variable that is wrong.
    pub fn from_vars(
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, ProxyError> {
        let Some((name, address)) = first(&lookup, PROXY) else {
            return Ok(None);
        };
        let mut problems = Vec::new();
        let proxy = address.ok().and_then(|text| Self::parse(text.trim()));
        if proxy.is_none() {
            problems.push((name, EXPECTED));
        }
        let hosts = match first(&lookup, NO_PROXY) {
            Some((name, Err(NotUnicode))) => {
                problems.push((name, "expected hosts, separated by commas"));
                None
            }
            Some((_, Ok(hosts))) => Some(hosts),
            None => None,
        };
        let proxy = proxy.map(|proxy| match &hosts {
            Some(hosts) => proxy.except(hosts),
            None => proxy,
        });
        if problems.is_empty() {
            return Ok(proxy);
        }
        Err(ProxyError(problems))
    }

    fn parse(address: &str) -> Option<Self> {
        let rest = match address.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return None,
            None => address,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, server) = match rest.rsplit_once('@') {
            Some((login, server)) => (Some(login), server),
            None => (None, rest),
        };
        // Anything behind the host would show in the parts; credentials never come this far.
        let server: Authority = server.parse().ok().filter(has_host)?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(server);
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        Some(Self {
            server: Uri::from_parts(parts).ok()?,
            authorization: login.map(|login| Arc::new(basic(login))),
            direct: Arc::new(Direct::new("")),
        })
    }

    /// The address of the proxy itself.
    pub(crate) fn server(&self) -> &Uri {
        &self.server
    }

    /// The value of `Proxy-Authorization`.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|text| text.as_str())
    }

    /// Whether a request to this address goes through the proxy.
    pub(crate) fn covers(&self, address: &Uri) -> bool {
        address.scheme() == Some(&Scheme::HTTPS)
            && address.host().is_some_and(|host| !is_loopback(host))
            && self.direct.matcher.intercept(address).is_some()
    }
}

/// Of the address it shows host and port.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("server", &self.server)
            .field("has_authorization", &self.authorization.is_some())
            .field("except", &self.direct.hosts)
            .finish()
    }
}

/// Two are equal with the same address, login and exceptions.
impl PartialEq for Proxy {
    fn eq(&self, other: &Self) -> bool {
        self.server == other.server
            && self.authorization == other.authorization
            && self.direct.hosts == other.direct.hosts
    }
}

impl Eq for Proxy {}

impl ProxyError {
    /// Each wrong setting with what it accepts.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().copied()
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.0.iter().map(|(name, rule)| format!("{name}: {rule}"));
        f.write_str(&texts.collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for ProxyError {}

struct NotUnicode;

/// The first of these variables that is set, as text.
fn first<const N: usize>(
    lookup: impl Fn(&str) -> Option<OsString>,
    names: [&'static str; N],
) -> Option<(&'static str, Result<Zeroizing<String>, NotUnicode>)> {
    names.into_iter().find_map(|name| {
        let value = lookup(name)?.into_string();
        let value = value.map(Zeroizing::new).map_err(|bytes| {
            drop(Zeroizing::new(bytes.into_encoded_bytes()));
            NotUnicode
        });
        let blank = value.as_ref().is_ok_and(|text| text.trim().is_empty());
        (!blank).then_some((name, value))
    })
}

impl Direct {
    /// Matches by the rules of curl. The proxy in it stands for ours, whose login it need not know.
    fn new(hosts: &str) -> Self {
        let matcher = Matcher::builder()
            .https("http://proxy".to_owned())
            .no(hosts.to_owned())
            .build();
        Self {
            hosts: hosts.into(),
            matcher,
        }
    }
}

fn has_host(server: &Authority) -> bool {
    let host = server.host();
    !host.is_empty() && (server.port().is_some() || server.as_str() == host)
}

/// RFC 7617: user name and password in base64.
fn basic(login: &str) -> Zeroizing<String> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut plain = Zeroizing::new(Vec::with_capacity(login.len() + 1));
    plain.extend(percent_decode_str(user));
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let mut text = Zeroizing::new(String::with_capacity(6 + BASE64.encode_len(plain.len())));
    text.push_str("Basic ");
    BASE64.encode_append(&plain, &mut text);
    text
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = host.trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests;
