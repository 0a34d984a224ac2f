//! The address of the service.

mod known;

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::Uri;
use http::uri::{self, Authority, PathAndQuery, Scheme};
use url::{Host, Url};

use known::Known;

/// The longest path with its query, in bytes; servers accept 8 KiB at most.
const MAX_TARGET: usize = 32 * 1024;

/// The address that every path is appended to: scheme, host, perhaps a port and a path; no user,
/// no query, no fragment and no slash at the end.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    origin: String,
    scheme: Scheme,
    authority: Authority,
    path: String,
    host: Host<String>,
    known: Known,
}

impl BaseUrl {
    /// Checks a text and brings it into its one form.
    ///
    /// # Errors
    ///
    /// When the text is no absolute `http` or `https` URL, or carries a user, a query or a
    /// fragment. The error does not repeat the text: a password may be in it.
    pub fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        let text = text.trim();
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        if text.contains(odd) || !text.contains("://") {
            return Err(InvalidBaseUrl::Malformed);
        }
        let url = Url::parse(text).map_err(|_| InvalidBaseUrl::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidBaseUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() || has_userinfo(text) {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::Query);
        }
        let origin = url.origin().ascii_serialization();
        let authority = origin
            .split_once("://")
            .map(|(_, authority)| authority.parse());
        Ok(Self {
            scheme: if url.scheme() == "https" {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            },
            authority: authority
                .and_then(Result::ok)
                .ok_or(InvalidBaseUrl::Malformed)?,
            path: url.path().trim_end_matches('/').to_owned(),
            host: url.host().ok_or(InvalidBaseUrl::Malformed)?.to_owned(),
            origin,
            known: Known::default(),
        })
    }

    /// Scheme, host, and the port unless it is the scheme's own: `https://amp.example`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host in lower case, without the brackets of an IPv6 address.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// Whether the host names this machine: `localhost`, a name below it, or a loopback address.
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                name == "localhost" || name.ends_with(".localhost")
            }
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => {
                let mapped = address.to_ipv4_mapped();
                address.is_loopback() || mapped.is_some_and(|address| address.is_loopback())
            }
        }
    }

    /// Whether `uri` goes to this scheme, host and port.
    pub fn owns(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return false;
        };
        let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
        let port = |authority: &Authority| authority.port_u16().unwrap_or(default);
        *scheme == self.scheme
            && !authority.as_str().contains('@')
            && authority.host().eq_ignore_ascii_case(self.authority.host())
            && port(authority) == port(&self.authority)
    }

    /// Appends a target that starts with a slash; `None` when it does not, or when the address
    /// would be too long. Scheme and authority are not read from any text again, so no target can
    /// change them.
    pub(crate) fn join(&self, target: &str) -> Option<Uri> {
        let length = self.path.len() + target.len();
        if !target.starts_with('/') || length > MAX_TARGET {
            return None;
        }
        let mut whole = String::with_capacity(length);
        whole.push_str(&self.path);
        whole.push_str(target);
        let mut parts = uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(whole)).ok();
        Uri::from_parts(parts).ok()
    }
}

impl BaseUrl {
    /// The same for a target that a program names again and again: it is put together once.
    pub(crate) fn join_once(&self, target: &'static str) -> Option<Uri> {
        self.known.find(target, || self.join(target))
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

/// Why a text cannot be the address of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// No absolute URL.
    #[error("it is not an absolute URL such as https://host/api")]
    Malformed,
    /// Neither `http` nor `https`.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// A user name or a password is in it.
    #[error("it carries a user name or a password")]
    UserInfo,
    /// A query or a fragment is in it.
    #[error("it carries a query or a fragment")]
    Query,
}

/// An empty user, as in `https://@host`, is dropped by the parser, so the text itself is asked.
fn has_userinfo(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or("");
    authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A26, A-02: one form, whatever the slashes, the case and the port.
    #[test]
    fn addresses_come_into_one_form_and_keep_their_path() {
        let cases = [
            ("https://amp.example/api", "https://amp.example/api"),
            ("https://amp.example/api///", "https://amp.example/api"),
            ("  HTTPS://AMP.Example:443/api/ ", "https://amp.example/api"),
            ("https://amp.example", "https://amp.example"),
            ("http://127.0.0.1:8080/a/b/", "http://127.0.0.1:8080/a/b"),
            ("http://[::1]:9/api", "http://[::1]:9/api"),
        ];
        for (text, expected) in cases {
            let base = BaseUrl::parse(text).unwrap();
            assert_eq!(base.to_string(), expected);
            let joined = base.join("/info").unwrap().to_string();
            assert_eq!(joined, format!("{expected}/info"));
        }
    }

    // W-A26: an address that cannot be a base is an error, not a panic.
    #[test]
    fn texts_that_are_no_address_of_a_service_are_refused_without_repeating_them() {
        let cases = [
            ("", InvalidBaseUrl::Malformed),
            ("amp.example/api", InvalidBaseUrl::Malformed),
            ("https:amp.example", InvalidBaseUrl::Malformed),
            ("https://", InvalidBaseUrl::Malformed),
            ("https://amp .example", InvalidBaseUrl::Malformed),
            ("https://amp\n.example", InvalidBaseUrl::Malformed),
            ("https:\\\\amp.example", InvalidBaseUrl::Malformed),
            ("mailto:me@amp.example", InvalidBaseUrl::Malformed),
            ("ftp://amp.example", InvalidBaseUrl::Scheme),
            ("https://me:hunter2@amp.example", InvalidBaseUrl::UserInfo),
            ("https://@amp.example", InvalidBaseUrl::UserInfo),
            ("https://amp.example/api?key=hunter2", InvalidBaseUrl::Query),
            ("https://amp.example/api#top", InvalidBaseUrl::Query),
        ];
        for (text, expected) in cases {
            let error = BaseUrl::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_names_and_addresses_of_this_machine_are_loopback() {
        let here = [
            "localhost",
            "LOCALHOST.",
            "amp.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
        ];
        let there = [
            "localhost.example",
            "amp.example",
            "10.0.0.1",
            "[::2]",
            "128.0.0.1",
        ];
        let is_loopback = |host| {
            BaseUrl::parse(&format!("http://{host}/"))
                .unwrap()
                .is_loopback()
        };
        for host in here {
            assert!(is_loopback(host), "{host}");
        }
        for host in there {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(is_loopback("[::ffff:127.0.0.1]"));
    }

    // W-A02
    #[test]
    fn an_origin_is_scheme_host_and_port_together() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        assert_eq!(base.origin(), "https://amp.example");
        for ours in ["https://amp.example/x", "https://AMP.example:443/api"] {
            assert!(base.owns(&ours.parse().unwrap()), "{ours}");
        }
        let foreign = [
            "http://amp.example/api",
            "https://amp.example:444/api",
            "https://amp.example.evil/api",
            "https://amp.example@evil/api",
            "/api/info",
        ];
        for uri in foreign {
            assert!(!base.owns(&uri.parse().unwrap()), "{uri}");
        }
    }
}
