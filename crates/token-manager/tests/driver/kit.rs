//! What the tests of the driver share: managers over scripted providers on paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use token_core::{AccessToken, ErrorClass, Grant, Lifetime, TokenError, TokenFailure};
use token_manager::{FlightContext, PausedClock, TokenManager, TokenManagerBuilder, TokenProvider};
use tokio::sync::Semaphore;

/// The life of a token whose authority states none.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A manager on paused time whose jitter is always the same.
pub(crate) fn builder(provider: &(impl TokenProvider + Clone)) -> TokenManagerBuilder {
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

/// A provider that says when a login has started and lets it end when it is told to.
#[derive(Clone, Debug)]
pub(crate) struct GatedProvider {
    started: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    logins: Arc<AtomicU32>,
}

impl GatedProvider {
    pub(crate) fn new() -> Self {
        Self {
            started: Arc::new(Semaphore::new(0)),
            gate: Arc::new(Semaphore::new(0)),
            logins: Arc::default(),
        }
    }

    /// Resolves once for each login that starts.
    pub(crate) async fn started(&self) {
        self.started.acquire().await.unwrap().forget();
    }

    /// Lets one login end, now or later.
    pub(crate) fn open(&self) {
        self.gate.add_permits(1);
    }

    pub(crate) fn logins(&self) -> u32 {
        self.logins.load(Ordering::SeqCst)
    }
}

impl TokenProvider for GatedProvider {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        self.started.add_permits(1);
        self.gate.acquire().await.unwrap().forget();
        Ok(grant(&format!("token-{number}"), DAY))
    }
}
