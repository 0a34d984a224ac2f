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
//! - `metrics` adds `TokenMetrics`, which counts what a manager does through the crate `metrics`.
//! - `test-util` adds the test kit.
//!
//! # The test kit
//!
//! What the tests of this crate use, for tests of programs that use it: `ScriptedProvider` answers
//! as it is told, late, never or with a panic; `PausedClock` follows tokio's paused time;
//! `EventLog` remembers what happened; `CallLog` has the calls of several providers in one order.
//! `Canary` is a secret that fails the test wherever it turns up, whole, in pieces or in base64,
//! and `Output` collects what a program says: its log, its panics, and what is written to it.
//!
#![cfg_attr(feature = "test-util", doc = "```")]
#![cfg_attr(not(feature = "test-util"), doc = "```ignore")]
//! use std::time::Duration;
//! use token_core::{Grant, Lifetime};
//! use token_manager::{Canary, EventLog, Output, PausedClock, Reply, ScriptedProvider, TokenManager};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let output = Output::new();
//! output.take_logs();
//! let token = Canary::new("token");
//! let provider = ScriptedProvider::with_latency(Duration::from_millis(50));
//! let grant = Grant::new(token.token(), Lifetime::Stated(Duration::from_secs(600)));
//! provider.on_obtain(Ok(grant)).on_obtain(Reply::hang());
//!
//! let events = EventLog::default();
//! let manager = TokenManager::builder(provider.clone())
//!     .clock(PausedClock::new())
//!     .events(events.clone())
//!     .build();
//! manager.get_token().await.unwrap();
//! let error = manager.obtain_token().await.unwrap_err();
//!
//! assert_eq!(error.to_string(), "Request timeout after 40 seconds");
//! let told = ["flight_started", "obtained", "flight_started", "failed"];
//! assert_eq!(events.take_names(), told);
//! output.add_debug(&manager.status());
//! output.assert_hides([&token]);
//! # }
//! ```

mod authorize;
mod builder;
mod clock;
mod credential_digest;
mod credentials;
mod current_token;
mod driver;
mod events;
mod fingerprint;
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
mod status;
mod stripes;
#[cfg_attr(all(test, shuttle), path = "models/sync.rs")]
mod sync;
#[cfg(any(test, feature = "test-util"))]
mod test_util;
mod token_future;
#[cfg(feature = "metrics")]
mod token_metrics;
mod waiters;

pub use authorize::{Authorize, AuthorizeLayer, Origins, ResponseFuture};
pub use builder::TokenManagerBuilder;
pub use clock::SystemClock;
pub use credential_digest::CredentialDigest;
pub use credentials::{
    CredentialSource, Credentials, CredentialsFn, EncryptedCredentials, EnvCredentials,
    FixedCredentials, credentials_fn,
};
pub use current_token::CurrentToken;
pub use events::{Discarded, FlightReason, StoreStep, TokenEvent, TokenEvents};
pub use fingerprint::Fingerprint;
pub use header::Scheme;
pub use manager::TokenManager;
pub use provider::{
    ClientAuthentication, FlightContext, JsonLogin, JsonProfile, OAuth2, SharedTokenProvider,
    TokenProvider, TokenService,
};
pub use status::TokenStatus;
#[cfg(any(test, feature = "test-util"))]
pub use test_util::{
    Call, CallKind, CallLog, Canary, EventLog, Output, PausedClock, Reply, ScriptedProvider,
};
#[cfg(feature = "metrics")]
pub use token_metrics::TokenMetrics;
