//! What the tests of the driver share: managers over scripted providers on paused time.

use std::time::Duration;

use token_core::{AccessToken, ErrorClass, Grant, Lifetime, TokenError, TokenFailure};
use token_manager::{PausedClock, ScriptedProvider, TokenManager, TokenManagerBuilder};

/// The life of a token whose authority states none.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A manager on paused time whose jitter is always the same.
pub(crate) fn builder(provider: &ScriptedProvider) -> TokenManagerBuilder {
    TokenManager::builder(provider.clone())
        .clock(PausedClock::new())
        .seed(7)
}

pub(crate) fn token(text: &str) -> AccessToken {
    AccessToken::new(text).unwrap()
}

pub(crate) fn grant(text: &str, lifetime: Duration) -> Grant {
    Grant::new(token(text), Lifetime::Stated(lifetime))
}

pub(crate) fn failure(class: ErrorClass, reason: &'static str) -> TokenError {
    TokenError::ObtainFailed(TokenFailure::new(class, reason).with_attempts(1))
}

pub(crate) fn outage(reason: &'static str) -> TokenError {
    failure(ErrorClass::Transient, reason)
}
