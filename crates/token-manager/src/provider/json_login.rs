//! Logs in with user name and password as JSON, over any tower service.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use token_core::flight::Renewal;
use token_core::{
    AccessToken, Clock, ErrorClass, Grant, RefreshToken, TokenData, TokenError, TokenFailure,
};
use url::Url;

use super::failure::Endpoint;
use super::profile::RefreshEndpoint;
use super::{FlightContext, JsonProfile, TokenProvider, TokenService, secret_body, unsendable};
use crate::{CredentialDigest, CredentialSource, Credentials, Scheme, SystemClock};

/// An authority that takes user name and password as JSON and answers with a token.
///
/// The services bring everything that a request needs: time-outs, retries, the connection. They
/// are stacks of their own, apart from the one of the API. A circuit breaker belongs around the
/// login alone: a refresh that fails ends in a login anyway, and an open breaker must not keep a
/// token from renewing itself.
#[derive(Clone)]
pub struct JsonLogin<S, R = S> {
    login: S,
    refresh: R,
    /// Nothing if the given one cannot be a base URL.
    base_url: Option<Arc<str>>,
    profile: JsonProfile,
    credentials: Arc<dyn CredentialSource>,
    clock: Arc<dyn Clock>,
}

impl<S: Clone> JsonLogin<S> {
    /// An authority at `base_url`, to whose path the profile's paths are appended. A URL
    /// with a user name, a password, a query or a fragment, or without a host, is never used:
    /// each login fails with [`TokenError::Configuration`].
    ///
    /// Logins and refreshes go through this service.
    pub fn new(
        service: S,
        base_url: &Url,
        profile: JsonProfile,
        credentials: impl CredentialSource,
    ) -> Self {
        let text = is_base(base_url).then(|| base_url.as_str().trim_end_matches('/'));
        Self {
            refresh: service.clone(),
            login: service,
            base_url: text.map(Arc::from),
            profile,
            credentials: Arc::new(credentials),
            clock: Arc::new(SystemClock),
        }
    }
}

impl<S, R> JsonLogin<S, R> {
    /// Sends refreshes through another service; the default is that of the logins.
    #[must_use]
    pub fn with_refresh_service<T>(self, service: T) -> JsonLogin<S, T> {
        JsonLogin {
            login: self.login,
            refresh: service,
            base_url: self.base_url,
            profile: self.profile,
            credentials: self.credentials,
            clock: self.clock,
        }
    }

    /// Reads dates in `Retry-After` and in tokens against this clock; the default is the
    /// machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn request(&self, path: &str, flight: &FlightContext) -> Result<RequestBuilder, TokenError> {
        let base_url = self.base_url.as_deref().ok_or_else(no_base)?;
        let request = Request::builder()
            .uri(format!("{base_url}{path}"))
            .header(header::ACCEPT, JSON)
            .extension(flight.call().clone());
        Ok(match self.profile.user_agent {
            Some(name) => request.header(header::USER_AGENT, name),
            None => request,
        })
    }

    fn login_request(&self, flight: &FlightContext) -> Result<Request<Bytes>, TokenError> {
        let request = self.request(self.profile.login_path, flight)?;
        let credentials = self.credentials.credentials()?;
        flight.note_credentials(CredentialDigest::from(&credentials));
        let body = login_body(&credentials)?;
        with_json(request.method(http::Method::POST), body)
    }

    fn refresh_request(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Request<Bytes>, TokenError> {
        match &self.profile.refresh {
            Some(endpoint) if endpoint.by == Renewal::RefreshToken => {
                let refresh = token.refresh_token().ok_or_else(super::unsupported)?;
                self.refresh_by_body(endpoint, refresh, flight)
            }
            Some(endpoint) => self.refresh_by_header(endpoint, token.token(), flight),
            None => Err(super::unsupported()),
        }
    }

    fn refresh_by_header(
        &self,
        endpoint: &RefreshEndpoint,
        token: &AccessToken,
        flight: &FlightContext,
    ) -> Result<Request<Bytes>, TokenError> {
        let value = self.profile.scheme.header(token);
        let request = self.request(endpoint.path, flight)?;
        request
            .method(endpoint.method.clone())
            .header(header::AUTHORIZATION, value)
            .body(Bytes::new())
            .map_err(unsendable)
    }

    fn refresh_by_body(
        &self,
        endpoint: &RefreshEndpoint,
        token: &RefreshToken,
        flight: &FlightContext,
    ) -> Result<Request<Bytes>, TokenError> {
        let request = self.request(endpoint.path, flight)?;
        with_json(
            request.method(endpoint.method.clone()),
            refresh_body(token)?,
        )
    }
}

impl<S: TokenService, R: TokenService> TokenProvider for JsonLogin<S, R> {
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        let request = self.login_request(flight)?;
        let (service, terms) = (self.login.clone(), &self.profile.terms);
        terms
            .exchange(Endpoint::Login, service, request, flight, &*self.clock)
            .await
    }

    async fn refresh(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let request = self.refresh_request(token, flight)?;
        let (service, terms) = (self.refresh.clone(), &self.profile.terms);
        terms
            .exchange(Endpoint::Refresh, service, request, flight, &*self.clock)
            .await
    }

    fn renewal(&self) -> Renewal {
        self.profile.renewal()
    }

    fn scheme(&self) -> Scheme {
        self.profile.scheme()
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        let credentials = self.credentials.credentials().ok()?;
        Some(CredentialDigest::from(&credentials))
    }

    fn password_changed(&self, password: &SecretString) {
        self.credentials.password_changed(password);
    }
}

impl<S, R> fmt::Debug for JsonLogin<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLogin")
            .field("base_url", &self.base_url)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

type RequestBuilder = http::request::Builder;

const JSON: &str = "application/json";

fn with_json(request: RequestBuilder, body: Bytes) -> Result<Request<Bytes>, TokenError> {
    request
        .header(header::CONTENT_TYPE, JSON)
        .body(body)
        .map_err(unsendable)
}

fn login_body(credentials: &Credentials) -> Result<Bytes, TokenError> {
    #[derive(Serialize)]
    struct Login<'a> {
        username: &'a str,
        password: &'a str,
    }
    let username = credentials.username.as_str();
    let password = credentials.password.expose_secret();
    let len = username.len() + password.len();
    secret_body::json(&Login { username, password }, len)
}

fn refresh_body(token: &RefreshToken) -> Result<Bytes, TokenError> {
    #[derive(Serialize)]
    struct Refresh<'a> {
        refresh_token: &'a str,
    }
    let refresh_token = token.expose_secret();
    secret_body::json(&Refresh { refresh_token }, refresh_token.len())
}

/// Whether a path can be appended to this URL, and nothing in it is a secret.
fn is_base(url: &Url) -> bool {
    let userinfo = !url.username().is_empty() || url.password().is_some();
    let tail = url.query().is_some() || url.fragment().is_some();
    url.has_host() && !userinfo && !tail
}

fn no_base() -> TokenError {
    let reason = "the base URL must have a host, and no user name, password, query or fragment";
    TokenError::Configuration(TokenFailure::new(ErrorClass::Terminal, reason))
}
