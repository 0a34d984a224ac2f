//! How one authority speaks JSON.

use std::time::Duration;

use http::Method;
use token_core::flight::Renewal;

use crate::Scheme;

/// The paths, names and habits of an authority that takes user name and password as JSON.
#[derive(Clone, Debug)]
pub struct JsonProfile {
    pub(super) login_path: &'static str,
    pub(super) refresh: Option<RefreshEndpoint>,
    pub(super) token_key: &'static str,
    pub(super) assumed_lifetime: Duration,
    pub(super) scheme: Scheme,
}

/// Where and how the access token renews itself.
#[derive(Clone, Debug)]
pub(super) struct RefreshEndpoint {
    pub(super) method: Method,
    pub(super) path: &'static str,
}

impl JsonProfile {
    /// Blockstream AMP: `POST /user/obtain_token`, `GET /user/refresh-token` with the
    /// current token, answers `{token}`, states no lifetime: 24 h.
    pub const fn amp() -> Self {
        Self {
            login_path: "/user/obtain_token",
            refresh: Some(RefreshEndpoint {
                method: Method::GET,
                path: "/user/refresh-token",
            }),
            token_key: "token",
            assumed_lifetime: Duration::from_secs(86_400),
            scheme: Scheme::TOKEN,
        }
    }

    /// Uses another method and path for the renewal. The default is the profile's.
    #[must_use]
    pub fn with_refresh(mut self, method: Method, path: &'static str) -> Self {
        self.refresh = Some(RefreshEndpoint { method, path });
        self
    }

    /// Assumes this lifetime where the authority states none. The default is the profile's.
    #[must_use]
    pub fn with_assumed_lifetime(mut self, lifetime: Duration) -> Self {
        self.assumed_lifetime = lifetime;
        self
    }

    /// The word before the token in the `Authorization` header.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub(super) fn renewal(&self) -> Renewal {
        match self.refresh {
            Some(_) => Renewal::AccessToken,
            None => Renewal::LoginOnly,
        }
    }
}
