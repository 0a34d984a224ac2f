//! Keeps a bearer token alive, so that a call never fails or waits because of it.
//!
//! [`TokenManager`] drives the pure machines of `token-core`: it serves the held token without a
//! lock, renews it ahead of its end in a detached task, shares one flight and its error among all
//! callers, and keeps what it gets in a `token-store`. [`AuthorizeLayer`] puts the token on
//! requests and renews it once when the service rejects it. [`JsonLogin`] and [`OAuth2`] talk to an
//! authority over any tower service.
//!
//! It decides nothing about retries, and it does not know the transport: the provider brings both.
//!
//! ```
//! use token_core::{AccessToken, Grant, Lifetime, TokenError};
//! use token_manager::{FlightContext, TokenManager, TokenProvider};
//!
//! #[derive(Debug)]
//! struct Fixed;
//!
//! impl TokenProvider for Fixed {
//!     async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
//!         let token = AccessToken::new("0123456789abcdef").expect("visible ASCII");
//!         Ok(Grant::new(token, Lifetime::Assumed(std::time::Duration::from_secs(86_400))))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), TokenError> {
//! let manager = TokenManager::builder(Fixed).build();
//! let token = manager.get_token().await?;
//! assert_eq!(token.expose_secret(), "0123456789abcdef");
//! assert!(manager.try_current().is_some(), "from now on without waiting");
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! `test-util` adds a scripted provider and a clock that follows tokio's paused time.

mod authorize;
mod builder;
mod clock;
mod credential_digest;
mod credentials;
mod current_token;
mod driver;
mod fresh_until;
mod header;
mod manager;
#[cfg(all(test, shuttle))]
mod models;
mod patience;
mod provider;
mod published;
#[cfg_attr(all(test, shuttle), path = "models/runtime.rs")]
mod runtime;
mod snapshot;
mod stripes;
#[cfg_attr(all(test, shuttle), path = "models/sync.rs")]
mod sync;
#[cfg(any(test, feature = "test-util"))]
mod test_util;
mod token_future;
mod waiters;

pub use authorize::{Authorize, AuthorizeLayer, Origins, ResponseFuture};
pub use builder::TokenManagerBuilder;
pub use clock::SystemClock;
pub use credential_digest::CredentialDigest;
pub use credentials::{
    CredentialSource, Credentials, CredentialsFn, EnvCredentials, FixedCredentials, credentials_fn,
};
pub use current_token::CurrentToken;
pub use header::Scheme;
pub use manager::TokenManager;
pub use provider::{
    ClientAuthentication, FlightContext, JsonLogin, JsonProfile, OAuth2, SharedTokenProvider,
    TokenProvider, TokenService,
};
#[cfg(any(test, feature = "test-util"))]
pub use test_util::{PausedClock, ScriptedProvider};
