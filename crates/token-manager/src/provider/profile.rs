//! How one authority speaks JSON.

use std::time::Duration;

use http::Method;
use token_core::flight::Renewal;
use token_core::{JwtAlgorithm, JwtRules, TokenValidator};

use super::answer::{AnswerShape, TokenAnswer};
use super::complaint::Complaints;
use super::exchange::Terms;
use crate::Scheme;

/// The paths, names and habits of an authority that takes user name and password as JSON.
#[derive(Clone, Debug)]
pub struct JsonProfile {
    pub(super) login_path: &'static str,
    pub(super) refresh: Option<RefreshEndpoint>,
    pub(super) user_agent: Option<&'static str>,
    pub(super) scheme: Scheme,
    pub(super) terms: Terms,
}

/// Where and how a token is renewed.
#[derive(Clone, Debug)]
pub(super) struct RefreshEndpoint {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// By the access token in the header, or by the refresh token in the body.
    pub(super) by: Renewal,
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
                by: Renewal::AccessToken,
            }),
            user_agent: None,
            scheme: Scheme::TOKEN,
            terms: Terms {
                shape: AnswerShape::Token("token"),
                complaints: Complaints::Framework {
                    refused: "the service does not accept this user name and password",
                },
                validator: TokenValidator::Opaque,
                assumed_lifetime: Duration::from_secs(86_400),
            },
        }
    }

    /// CIDX: `POST /api/auth/login` (C-33), `POST /api/auth/refresh` with the refresh token in the
    /// body (C-48, W-C16), answers `{access_token, refresh_token?, expires_in?}`.
    ///
    /// The token is a JWT signed with RS256 or HS256 (C-56; the service itself uses HS256) that
    /// lives at most 24 h (C-26). Its claims say when it ends. Where opaque tokens are
    /// [allowed](Self::with_validator) and the answer states no lifetime, it is an hour (C-19).
    pub fn cidx() -> Self {
        Self {
            login_path: "/api/auth/login",
            refresh: Some(RefreshEndpoint {
                method: Method::POST,
                path: "/api/auth/refresh",
                by: Renewal::RefreshToken,
            }),
            user_agent: Some("CIDX-Client/1.0"),
            scheme: Scheme::BEARER,
            terms: Terms {
                shape: AnswerShape::Tokens,
                complaints: Complaints::Framework {
                    refused: "invalid credentials; check user name and password",
                },
                validator: TokenValidator::Jwt(JwtRules::new([
                    JwtAlgorithm::Rs256,
                    JwtAlgorithm::Hs256,
                ])),
                assumed_lifetime: Duration::from_secs(3600),
            },
        }
    }

    /// Uses another method and path for the renewal. The default is the profile's.
    #[must_use]
    pub fn with_refresh(mut self, method: Method, path: &'static str) -> Self {
        if let Some(refresh) = &mut self.refresh {
            *refresh = RefreshEndpoint {
                method,
                path,
                by: refresh.by,
            };
        }
        self
    }

    /// Assumes this lifetime where the authority states none. The default is the profile's.
    #[must_use]
    pub fn with_assumed_lifetime(mut self, lifetime: Duration) -> Self {
        self.terms.assumed_lifetime = lifetime;
        self
    }

    /// Demands that tokens are like this. The default is the profile's.
    #[must_use]
    pub fn with_validator(mut self, validator: TokenValidator) -> Self {
        self.terms.validator = validator;
        self
    }

    /// How long a token lives where the authority states nothing.
    pub const fn assumed_lifetime(&self) -> Duration {
        self.terms.assumed_lifetime
    }

    /// The word before the token in the `Authorization` header.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether the body of a success holds a token where this profile looks for it. A circuit
    /// breaker counts one that does not as a failure of the authority.
    pub fn holds_token(&self, body: &[u8]) -> bool {
        TokenAnswer::read(body, self.terms.shape).is_ok()
    }

    pub(super) fn renewal(&self) -> Renewal {
        let refresh = self.refresh.as_ref();
        refresh.map_or(Renewal::LoginOnly, |refresh| refresh.by)
    }
}
