//! A scripted provider and a clock for tests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use token_core::flight::Renewal;
use token_core::{AccessToken, BootInstant, Clock, Grant, Lifetime, Now, TokenData, TokenError};

use crate::sync::Mutex;
use crate::{FlightContext, TokenProvider};

/// A clock that follows tokio's time, paused or not. It starts at 2027-01-15 08:00:00 UTC.
#[derive(Clone, Copy, Debug)]
pub struct PausedClock {
    start: tokio::time::Instant,
}

impl PausedClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

impl Default for PausedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let passed = self.start.elapsed();
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + passed;
        Now {
            wall,
            boot: BootInstant::new(Duration::from_secs(3_600) + passed),
        }
    }
}

/// A provider that answers from a script, counts its calls and takes its time. A clone is the
/// same provider.
///
/// When the script is at its end it hands out `token-1`, `token-2`, … that live for a day.
#[derive(Clone, Debug)]
pub struct ScriptedProvider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    latency: Duration,
    lifetime: Lifetime,
    renewal: Renewal,
    obtains: AtomicU32,
    refreshes: AtomicU32,
    tokens: AtomicU32,
    obtain_script: Mutex<VecDeque<Result<Grant, TokenError>>>,
    refresh_script: Mutex<VecDeque<Result<Grant, TokenError>>>,
}

impl ScriptedProvider {
    /// A provider whose access token renews itself and whose calls take this long.
    pub fn with_latency(latency: Duration) -> Self {
        Self::new(
            latency,
            Renewal::AccessToken,
            Lifetime::Assumed(Duration::from_secs(86_400)),
        )
    }

    /// A provider with this way of renewal and these lifetimes.
    pub fn new(latency: Duration, renewal: Renewal, lifetime: Lifetime) -> Self {
        Self(Arc::new(Inner {
            latency,
            lifetime,
            renewal,
            obtains: AtomicU32::new(0),
            refreshes: AtomicU32::new(0),
            tokens: AtomicU32::new(0),
            obtain_script: Mutex::default(),
            refresh_script: Mutex::default(),
        }))
    }

    /// Adds an answer to the script of logins.
    pub fn on_obtain(&self, answer: Result<Grant, TokenError>) -> &Self {
        self.0.obtain_script.lock().push_back(answer);
        self
    }

    /// Adds an answer to the script of refreshes.
    pub fn on_refresh(&self, answer: Result<Grant, TokenError>) -> &Self {
        self.0.refresh_script.lock().push_back(answer);
        self
    }

    /// How many logins were asked for.
    pub fn obtains(&self) -> u32 {
        self.0.obtains.load(Ordering::SeqCst)
    }

    /// How many refreshes were asked for.
    pub fn refreshes(&self) -> u32 {
        self.0.refreshes.load(Ordering::SeqCst)
    }

    async fn answer(
        &self,
        script: &Mutex<VecDeque<Result<Grant, TokenError>>>,
    ) -> Result<Grant, TokenError> {
        tokio::time::sleep(self.0.latency).await;
        let scripted = script.lock().pop_front();
        scripted.unwrap_or_else(|| Ok(self.next_grant()))
    }

    fn next_grant(&self) -> Grant {
        let number = self.0.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        let token = AccessToken::new(format!("token-{number}")).expect("visible ASCII");
        Grant::new(token, self.0.lifetime)
    }
}

impl TokenProvider for ScriptedProvider {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.0.obtains.fetch_add(1, Ordering::SeqCst);
        self.answer(&self.0.obtain_script).await
    }

    async fn refresh(
        &self,
        _token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.0.refreshes.fetch_add(1, Ordering::SeqCst);
        self.answer(&self.0.refresh_script).await
    }

    fn renewal(&self) -> Renewal {
        self.0.renewal
    }
}
