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
use std::sync::Arc;
use std::time::Duration;

pub use json_login::JsonLogin;
pub use oauth2::{ClientAuthentication, OAuth2};
pub use profile::JsonProfile;
use service::BoxError;
pub use service::TokenService;
use token_core::flight::Renewal;
use token_core::{
    CallContext, ErrorClass, Grant, Idempotency, TokenData, TokenError, TokenFailure,
};

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
}

fn unsupported() -> TokenError {
    let reason = "this authority does not renew tokens";
    TokenError::RefreshFailed(TokenFailure::new(ErrorClass::Terminal, reason))
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Terminal, "the token request cannot be built");
    TokenError::Configuration(failure.with_source(error))
}

/// What a provider knows about the flight it works for.
#[derive(Clone, Debug)]
pub struct FlightContext {
    call: CallContext,
}

impl FlightContext {
    /// A flight that has this much time left. The time runs from now on tokio's clock.
    pub(crate) fn new(within: Duration) -> Self {
        let now = tokio::time::Instant::now().into_std();
        // Asking twice for a token does no harm, so the class is "idempotent" whatever the method.
        let call = CallContext::builder(Idempotency::Idempotent)
            .with_deadline(now, within)
            .build();
        Self { call }
    }

    /// The call that the provider's request belongs to: its deadline, its class and its book of
    /// tries. It goes into the extensions of the request.
    pub fn call(&self) -> &CallContext {
        &self.call
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
}

type GrantFuture<'a> = Pin<Box<dyn Future<Output = Result<Grant, TokenError>> + Send + 'a>>;

/// The boxed twin of [`TokenProvider`], so that implementors never box.
trait DynTokenProvider: Debug + Send + Sync {
    fn obtain<'a>(&'a self, flight: &'a FlightContext) -> GrantFuture<'a>;
    fn refresh<'a>(&'a self, token: &'a TokenData, flight: &'a FlightContext) -> GrantFuture<'a>;
    fn renewal(&self) -> Renewal;
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
}
