//! The token endpoint of OAuth 2.0, over any tower service.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use secrecy::ExposeSecret;
use token_core::flight::Renewal;
use token_core::{Clock, ErrorClass, Grant, TokenData, TokenError, TokenFailure, TokenValidator};
use url::Url;

use super::answer::AnswerShape;
use super::complaint::Complaints;
use super::exchange::Terms;
use super::failure::Endpoint;
use super::{FlightContext, TokenProvider, TokenService, secret_body, unsendable};
use crate::{CredentialDigest, CredentialSource, Scheme, SystemClock};

/// How long a token lives where the authority does not say so (RFC 6749 section 5.1 has no number
/// of its own; an hour is the one in its examples).
const ASSUMED_LIFETIME: Duration = Duration::from_secs(3600);

/// What the grants themselves put into the form; an extra parameter must not repeat it (RFC 6749
/// section 3.2).
const RESERVED: [&str; 5] = [
    "grant_type",
    "client_id",
    "client_secret",
    "refresh_token",
    "scope",
];

/// An authority of OAuth 2.0 for programs: the client credentials grant (RFC 6749 section 4.4), and
/// the refresh token grant (section 6) where it hands out refresh tokens.
///
/// The credentials are the client's: its id as user name, its secret as password. They are asked
/// for at each request. The token must be of type Bearer. A new refresh token replaces the one
/// before; without a new one the old one is kept.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use token_manager::{Credentials, FixedCredentials, OAuth2, TokenManager};
/// use tower::{BoxError, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// // Any service will do: a real one brings the connection, time-outs and retries.
/// let endpoint = service_fn(|_: Request<Bytes>| async {
///     let grant = r#"{"access_token":"abc","token_type":"Bearer","expires_in":600}"#;
///     Ok::<_, BoxError>(Response::new(Bytes::from(grant)))
/// });
/// let client = FixedCredentials::new(Credentials::new("client id", "client secret"));
/// let provider = OAuth2::new(endpoint, &"https://auth.example/token".parse()?, client)
///     .with_scope("assets:read")
///     .with_parameter("audience", "https://api.example");
/// let manager = TokenManager::builder(provider).build();
/// assert_eq!(manager.get_token().await?.expose_secret(), "abc");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OAuth2<S> {
    service: S,
    /// Nothing if the given one cannot be a token endpoint.
    token_url: Option<Arc<str>>,
    credentials: Arc<dyn CredentialSource>,
    authentication: ClientAuthentication,
    scope: Option<String>,
    parameters: Vec<(String, String)>,
    terms: Terms,
    clock: Arc<dyn Clock>,
}

/// How a client shows its id and secret (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In the header `Authorization: Basic`, which every authority must understand.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the body.
    Body,
}

impl<S> OAuth2<S> {
    /// An authority with this token endpoint. A URL with a user name, a password or a fragment, or
    /// without a host, is never used: each request fails with [`TokenError::Configuration`].
    pub fn new(service: S, token_url: &Url, credentials: impl CredentialSource) -> Self {
        let text = is_endpoint(token_url).then(|| token_url.as_str());
        Self {
            service,
            token_url: text.map(Arc::from),
            credentials: Arc::new(credentials),
            authentication: ClientAuthentication::default(),
            scope: None,
            parameters: Vec::new(),
            terms: Terms {
                shape: AnswerShape::Bearer,
                complaints: Complaints::OAuth2,
                validator: TokenValidator::Opaque,
                assumed_lifetime: ASSUMED_LIFETIME,
            },
            clock: Arc::new(SystemClock),
        }
    }

    /// Shows id and secret in this way; the default is [`ClientAuthentication::Basic`].
    #[must_use]
    pub fn with_client_authentication(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Asks for this scope, names with blanks between them; the default is none, so that the
    /// authority chooses. A refresh does not repeat it: the token keeps its scope.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Adds a parameter to each request, such as `audience` or `resource`. It is no place for a
    /// secret. One that belongs to the grant itself (`grant_type`, `scope` and the like) makes
    /// each request fail with [`TokenError::Configuration`].
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Assumes this lifetime where the authority states none; the default is an hour.
    #[must_use]
    pub fn with_assumed_lifetime(mut self, lifetime: Duration) -> Self {
        self.terms.assumed_lifetime = lifetime;
        self
    }

    /// Demands that tokens are like this; the default is any text, since a client is not meant to
    /// look into them (RFC 6749 section 1.4).
    #[must_use]
    pub fn with_validator(mut self, validator: TokenValidator) -> Self {
        self.terms.validator = validator;
        self
    }

    /// Reads dates in `Retry-After` and in tokens against this clock; the default is the
    /// machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// A request with this grant, the client's proof of itself, and the extra parameters.
    fn request(
        &self,
        grant: &[(&str, &str)],
        flight: &FlightContext,
    ) -> Result<Request<Bytes>, TokenError> {
        let token_url = self.token_url.as_deref().ok_or_else(no_endpoint)?;
        self.check_parameters()?;
        let client = self.credentials.credentials()?;
        flight.note_credentials(CredentialDigest::from(&client));
        let (id, secret) = (&*client.username, client.password.expose_secret());
        let mut request = Request::post(token_url)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(flight.call().clone());
        let mut pairs = grant.to_vec();
        match self.authentication {
            ClientAuthentication::Basic => {
                let value = secret_body::basic(id, secret);
                request = request.header(header::AUTHORIZATION, value);
            }
            ClientAuthentication::Body => {
                pairs.extend([("client_id", id), ("client_secret", secret)]);
            }
        }
        let extra = self.parameters.iter();
        pairs.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
        request.body(secret_body::form(&pairs)).map_err(unsendable)
    }

    fn check_parameters(&self) -> Result<(), TokenError> {
        let mut names = self.parameters.iter().map(|(name, _)| name.as_str());
        match names.find(|name| RESERVED.contains(name)) {
            Some(name) => Err(reserved(name)),
            None => Ok(()),
        }
    }
}

impl<S: TokenService> OAuth2<S> {
    async fn send(
        &self,
        endpoint: Endpoint,
        grant: &[(&str, &str)],
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let request = self.request(grant, flight)?;
        let service = self.service.clone();
        self.terms
            .exchange(endpoint, service, request, flight, &*self.clock)
            .await
    }
}

impl<S: TokenService> TokenProvider for OAuth2<S> {
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        let mut grant = vec![("grant_type", "client_credentials")];
        grant.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        self.send(Endpoint::Login, &grant, flight).await
    }

    async fn refresh(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let refresh = token.refresh_token().ok_or_else(super::unsupported)?;
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose_secret()),
        ];
        self.send(Endpoint::Refresh, &grant, flight).await
    }

    fn renewal(&self) -> Renewal {
        Renewal::RefreshToken
    }

    fn scheme(&self) -> Scheme {
        Scheme::BEARER
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        let client = self.credentials.credentials().ok()?;
        Some(CredentialDigest::from(&client))
    }
}

impl<S> fmt::Debug for OAuth2<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some authorities want a key in the query.
        let token_url = self.token_url.as_deref();
        let place = token_url.and_then(|url| url.split('?').next());
        f.debug_struct("OAuth2")
            .field("token_url", &place)
            .field("authentication", &self.authentication)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A token endpoint may have a query, and must not have a fragment (RFC 6749 section 3.2).
fn is_endpoint(url: &Url) -> bool {
    let userinfo = !url.username().is_empty() || url.password().is_some();
    url.has_host() && !userinfo && url.fragment().is_none()
}

fn no_endpoint() -> TokenError {
    configuration("the token URL must have a host, and no user name, password or fragment".into())
}

fn reserved(name: &str) -> TokenError {
    configuration(format!(
        "the parameter `{name}` belongs to the grant itself"
    ))
}

fn configuration(reason: String) -> TokenError {
    TokenError::Configuration(TokenFailure::new(ErrorClass::Terminal, reason))
}
