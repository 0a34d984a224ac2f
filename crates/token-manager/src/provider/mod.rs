//! What obtains a token from an authority.

mod answer;
mod complaint;
mod exchange;
mod failure;
mod json_login;
mod oauth2;
mod profile;
mod secret_body;
mod service;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use json_login::JsonLogin;
pub use oauth2::{ClientAuthentication, OAuth2};
pub use profile::JsonProfile;
use secrecy::SecretString;
use service::BoxError;
pub use service::TokenService;
use token_core::flight::Renewal;
use token_core::{
    CallContext, ErrorClass, Grant, Idempotency, Sent, TokenData, TokenError, TokenFailure,
};

use crate::{CredentialDigest, Scheme};

/// Obtains tokens from an authority. Implementations neither cache nor start retries of their
/// own beyond the service they send through, and keep no state.
pub trait TokenProvider: Debug + Send + Sync + 'static {
    /// Asks the authority for a new token with credentials.
    ///
    /// # Errors
    ///
    /// Why there is none. The class of the error decides what follows, so a refusal of the
    /// credentials must not be called transient.
    fn obtain(
        &self,
        flight: &FlightContext,
    ) -> impl Future<Output = Result<Grant, TokenError>> + Send;

    /// Asks the authority to renew this token without credentials. It is only called where
    /// [`renewal`](Self::renewal) says that this is possible.
    ///
    /// # Errors
    ///
    /// Why there is none; whatever it is, one login follows, unless the authority asks to wait.
    fn refresh(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> impl Future<Output = Result<Grant, TokenError>> + Send {
        let _ = (token, flight);
        std::future::ready(Err(unsupported()))
    }

    /// What renews a token of this authority without credentials; by default nothing.
    fn renewal(&self) -> Renewal {
        Renewal::LoginOnly
    }

    /// The word before this authority's tokens in the `Authorization` header, unless the builder of
    /// the manager says otherwise; by default `token`.
    fn scheme(&self) -> Scheme {
        Scheme::TOKEN
    }

    /// A digest of the credentials that a login would use now; `None` where there are none, by
    /// default. While a refusal is remembered it is asked for at every call, so it must be quick.
    /// Once it differs from what the login [noted](FlightContext::note_credentials), the refusal
    /// is forgotten and the next call logs in.
    fn credential_digest(&self) -> Option<CredentialDigest> {
        None
    }

    /// Hears that the password of the account is another one now, so that the next login can use
    /// it; by default nothing follows. It is called off the runtime.
    fn password_changed(&self, password: &SecretString) {
        let _ = password;
    }
}

fn unsupported() -> TokenError {
    let reason = "this authority does not renew tokens";
    let failure = TokenFailure::new(ErrorClass::Terminal, reason);
    TokenError::RefreshFailed(failure.with_sent(Sent::No))
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Terminal, "the token request cannot be built");
    TokenError::Configuration(failure.with_source(error))
}

/// What a provider knows about the flight it works for.
#[derive(Clone, Debug)]
pub struct FlightContext {
    call: CallContext,
    tried: Arc<OnceLock<CredentialDigest>>,
}

impl FlightContext {
    /// A login, or a refresh that can be repeated, which has this much time left. The time runs
    /// from now on tokio's clock.
    pub(crate) fn new(within: Duration) -> Self {
        // Asking twice for a token does no harm, so the class is "idempotent" whatever the method.
        Self::of_class(Idempotency::Idempotent, within)
    }

    /// A refresh that spends its refresh token: sent again after it may have been worked on, it
    /// would look like the theft of a token (RFC 6749 section 10.4), and cost them all.
    pub(crate) fn spending(within: Duration) -> Self {
        Self::of_class(Idempotency::OnlyIfUnprocessed, within)
    }

    /// The context of a login that has this much time, so that a provider can be tested by itself.
    /// It needs a tokio runtime for its deadline.
    #[cfg(any(test, feature = "test-util"))]
    pub fn for_tests(within: Duration) -> Self {
        Self::new(within)
    }

    fn of_class(class: Idempotency, within: Duration) -> Self {
        let now = tokio::time::Instant::now().into_std();
        let call = CallContext::builder(class)
            .with_deadline(now, within)
            .build();
        let tried = Arc::default();
        Self { call, tried }
    }

    /// The call that the provider's request belongs to: its deadline, its class and its book of
    /// tries. It goes into the extensions of the request.
    pub fn call(&self) -> &CallContext {
        &self.call
    }

    /// Notes what a login is tried with, so that its refusal is remembered for these credentials
    /// alone; the first note counts. Without it, it is remembered for those that
    /// [`credential_digest`](TokenProvider::credential_digest) tells of just after.
    pub fn note_credentials(&self, digest: CredentialDigest) {
        let _ = self.tried.set(digest);
    }

    pub(crate) fn tried(&self) -> Option<CredentialDigest> {
        self.tried.get().cloned()
    }
}

/// Any provider, shared: a clone is a reference count.
#[derive(Clone, Debug)]
pub struct SharedTokenProvider(Arc<dyn DynTokenProvider>);

impl SharedTokenProvider {
    /// Shares this provider.
    pub fn new(provider: impl TokenProvider) -> Self {
        Self(Arc::new(provider))
    }
}

impl TokenProvider for SharedTokenProvider {
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        self.0.obtain(flight).await
    }

    async fn refresh(
        &self,
        token: &TokenData,
        flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.0.refresh(token, flight).await
    }

    fn renewal(&self) -> Renewal {
        self.0.renewal()
    }

    fn scheme(&self) -> Scheme {
        self.0.scheme()
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        self.0.credential_digest()
    }

    fn password_changed(&self, password: &SecretString) {
        self.0.password_changed(password);
    }
}

type GrantFuture<'a> = Pin<Box<dyn Future<Output = Result<Grant, TokenError>> + Send + 'a>>;

/// The boxed twin of [`TokenProvider`], so that implementors never box.
trait DynTokenProvider: Debug + Send + Sync {
    fn obtain<'a>(&'a self, flight: &'a FlightContext) -> GrantFuture<'a>;
    fn refresh<'a>(&'a self, token: &'a TokenData, flight: &'a FlightContext) -> GrantFuture<'a>;
    fn renewal(&self) -> Renewal;
    fn scheme(&self) -> Scheme;
    fn credential_digest(&self) -> Option<CredentialDigest>;
    fn password_changed(&self, password: &SecretString);
}

impl<P: TokenProvider> DynTokenProvider for P {
    fn obtain<'a>(&'a self, flight: &'a FlightContext) -> GrantFuture<'a> {
        Box::pin(TokenProvider::obtain(self, flight))
    }

    fn refresh<'a>(&'a self, token: &'a TokenData, flight: &'a FlightContext) -> GrantFuture<'a> {
        Box::pin(TokenProvider::refresh(self, token, flight))
    }

    fn renewal(&self) -> Renewal {
        TokenProvider::renewal(self)
    }

    fn scheme(&self) -> Scheme {
        TokenProvider::scheme(self)
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        TokenProvider::credential_digest(self)
    }

    fn password_changed(&self, password: &SecretString) {
        TokenProvider::password_changed(self, password);
    }
}
