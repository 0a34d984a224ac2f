//! Logs in with user name and password as JSON, over any tower service.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use secrecy::ExposeSecret;
use serde::Serialize;
use token_core::flight::Renewal;
use token_core::{
    Classify, Clock, ErrorClass, Grant, Lifetime, TokenData, TokenError, TokenFailure,
};
use tower_service::Service;
use url::Url;
use zeroize::Zeroizing;

use super::answer::read_token;
use super::failure::{Endpoint, of_answer, of_error};
use super::{FlightContext, JsonProfile, TokenProvider};
use crate::{CredentialDigest, CredentialSource, Credentials, SystemClock};

/// An authority that takes user name and password as JSON and answers with a token.
///
/// The service brings everything that a request needs: time-outs, retries, the connection. It is
/// a stack of its own, apart from the one of the API.
#[derive(Clone)]
pub struct JsonLogin<S> {
    service: S,
    /// Nothing if the given one cannot be a base URL.
    base_url: Option<Arc<str>>,
    profile: JsonProfile,
    credentials: Arc<dyn CredentialSource>,
    clock: Arc<dyn Clock>,
}

impl<S> JsonLogin<S> {
    /// An authority at `base_url`, to whose path the profile's paths are appended. A URL
    /// with a user name, a password, a query or a fragment, or without a host, is never used:
    /// each login fails with [`TokenError::Configuration`].
    pub fn new(
        service: S,
        base_url: &Url,
        profile: JsonProfile,
        credentials: impl CredentialSource,
    ) -> Self {
        let text = is_base(base_url).then(|| base_url.as_str().trim_end_matches('/'));
        Self {
            service,
            base_url: text.map(Arc::from),
            profile,
            credentials: Arc::new(credentials),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads dates in `Retry-After` against this clock; the default is the machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        flight: &FlightContext,
    ) -> Result<http::request::Builder, TokenError> {
        let base_url = self.base_url.as_deref().ok_or_else(no_base)?;
        Ok(Request::builder()
            .method(method)
            .uri(format!("{base_url}{path}"))
            .header(header::ACCEPT, "application/json")
            .extension(flight.call().clone()))
    }

    fn login_request(&self, flight: &FlightContext) -> Result<Request<Bytes>, TokenError> {
        let request = self.request(Method::POST, self.profile.login_path, flight)?;
        let credentials = self.credentials.credentials()?;
        flight.note_credentials(CredentialDigest::from(&credentials));
        let body = login_body(&credentials)?;
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(unsendable)
    }

    fn refresh_request(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Request<Bytes>, TokenError> {
        let Some(endpoint) = &self.profile.refresh else {
            return Err(super::unsupported());
        };
        self.request(endpoint.method.clone(), endpoint.path, flight)?
            .header(
                header::AUTHORIZATION,
                self.profile.scheme.header(token.token()),
            )
            .body(Bytes::new())
            .map_err(unsendable)
    }
}

impl<S> JsonLogin<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync,
    S::Error: Classify + std::error::Error + Send + Sync + 'static,
    S::Future: Send,
{
    async fn send(
        &self,
        endpoint: Endpoint,
        request: Request<Bytes>,
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let answer = oneshot(self.service.clone(), request)
            .await
            .map_err(|error| of_error(endpoint, error, flight.call()))?;
        if !answer.status().is_success() {
            return Err(of_answer(
                endpoint,
                &answer,
                flight.call(),
                self.clock.now().wall,
            ));
        }
        let token = read_token(answer.body(), self.profile.token_key)?;
        Ok(Grant::new(
            token,
            Lifetime::Assumed(self.profile.assumed_lifetime),
        ))
    }
}

impl<S> TokenProvider for JsonLogin<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Error: Classify + std::error::Error + Send + Sync + 'static,
    S::Future: Send,
{
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        let request = self.login_request(flight)?;
        self.send(Endpoint::Login, request, flight).await
    }

    async fn refresh(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let request = self.refresh_request(token, flight)?;
        self.send(Endpoint::Refresh, request, flight).await
    }

    fn renewal(&self) -> Renewal {
        self.profile.renewal()
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        let credentials = self.credentials.credentials().ok()?;
        Some(CredentialDigest::from(&credentials))
    }
}

impl<S> fmt::Debug for JsonLogin<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLogin")
            .field("base_url", &self.base_url)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

async fn oneshot<S>(mut service: S, request: Request<Bytes>) -> Result<Response<Bytes>, S::Error>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
{
    std::future::poll_fn(|context| service.poll_ready(context)).await?;
    service.call(request).await
}

/// The login body in a buffer that is wiped when the last copy of the request drops.
fn login_body(credentials: &Credentials) -> Result<Bytes, TokenError> {
    #[derive(Serialize)]
    struct Login<'a> {
        username: &'a str,
        password: &'a str,
    }
    let username = credentials.username.as_str();
    let password = credentials.password.expose_secret();
    // JSON escapes a byte with six at most, so the buffer never grows and leaves no copy behind.
    let mut body = Zeroizing::new(Vec::with_capacity(
        32 + 6 * (username.len() + password.len()),
    ));
    serde_json::to_writer(&mut *body, &Login { username, password }).map_err(unsendable)?;
    Ok(Bytes::from_owner(body))
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

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Terminal, "the token request cannot be built");
    TokenError::Configuration(failure.with_source(error))
}
