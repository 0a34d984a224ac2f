//! Where a token may go.

use std::sync::Arc;

use http::Uri;
use http::uri::Authority;
use url::Url;

/// The origins that may see the token: scheme, host and port. Requests elsewhere pass untouched,
/// without a token (W-A02).
#[derive(Clone, Debug)]
pub struct Origins(Arc<[Origin]>);

#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
    /// Host and port as the URL writes them: most requests do it the same way, and then they need
    /// not be taken apart.
    written: String,
}

impl Origins {
    /// The origin of this URL alone.
    pub fn of(url: &Url) -> Self {
        Self::of_all([url])
    }

    /// The origins of all these URLs.
    pub fn of_all<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        Self(urls.into_iter().map(Origin::of_url).collect())
    }

    pub(super) fn allow(&self, uri: &Uri) -> bool {
        self.0.iter().any(|origin| origin.is_of(uri))
    }
}

impl Origin {
    fn of_url(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        Self {
            scheme: url.scheme().to_owned(),
            written: match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.clone(),
            },
            host,
            port: url.port_or_known_default(),
        }
    }

    fn is_of(&self, uri: &Uri) -> bool {
        let Some((scheme, authority)) = uri.scheme_str().zip(uri.authority()) else {
            return false;
        };
        scheme == self.scheme
            && (authority.as_str() == self.written || self.is_at(scheme, authority))
    }

    fn is_at(&self, scheme: &str, authority: &Authority) -> bool {
        authority.host().eq_ignore_ascii_case(&self.host)
            && port(scheme, authority).is_some_and(|port| self.port == Some(port))
    }
}

/// The port, stated or the scheme's own; none where it cannot be read, for another reader may take
/// it for another one.
fn port(scheme: &str, authority: &Authority) -> Option<u16> {
    if let Some(port) = authority.port_u16() {
        return Some(port);
    }
    let is_unstated = authority.as_str().ends_with(authority.host());
    match scheme {
        "http" if is_unstated => Some(80),
        "https" if is_unstated => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A02
    #[test]
    fn only_the_same_scheme_host_and_port_are_the_same_origin() {
        let url = "https://amp.example/api".parse::<Url>().unwrap();
        let origins = Origins::of(&url);
        let allowed = |uri: &str| origins.allow(&uri.parse().unwrap());
        assert!(allowed("https://amp.example/other"));
        assert!(allowed("https://AMP.example:443/api"));
        assert!(allowed("https://name@amp.example/api"));
        for uri in [
            "http://amp.example/api",
            "http://amp.example:443/api",
            "https://amp.example:8443/api",
            "https://amp.example.evil/api",
            "https://evil/amp.example",
            "https://xamp.example/api",
            "https://amp.example./api",
            "https://amp.example:443@evil.example/api",
            "https://amp.example:65979/api",
            "https://amp.example:/api",
            "/api/relative",
        ] {
            assert!(!allowed(uri), "{uri}");
        }
    }
}
