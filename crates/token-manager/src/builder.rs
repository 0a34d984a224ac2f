//! How a manager is made.

use std::sync::Arc;
use std::time::Duration;

use token_core::flight::FlightSettings;
use token_core::{Clock, RefreshPolicy};
use token_store::{MemoryStore, SharedTokenStore, TokenStore};

use crate::driver::Shared;
use crate::events::Outbox;
use crate::{Scheme, SharedTokenProvider, SystemClock, TokenEvents, TokenManager, TokenProvider};

/// Describes a [`TokenManager`].
#[derive(Debug)]
pub struct TokenManagerBuilder {
    provider: SharedTokenProvider,
    store: Option<SharedTokenStore>,
    clock: Arc<dyn Clock>,
    policy: RefreshPolicy,
    scheme: Option<Scheme>,
    budget: Duration,
    refusal_hold: Duration,
    seed: Option<u64>,
    observers: Vec<Arc<dyn TokenEvents>>,
}

impl TokenManagerBuilder {
    pub(crate) fn new(provider: impl TokenProvider) -> Self {
        Self {
            provider: SharedTokenProvider::new(provider),
            store: None,
            clock: Arc::new(SystemClock),
            policy: RefreshPolicy::default(),
            scheme: None,
            budget: FlightSettings::BUDGET,
            refusal_hold: FlightSettings::REFUSAL_HOLD,
            seed: None,
            observers: Vec::new(),
        }
    }

    /// Keeps tokens in this store; the default keeps them in the process alone.
    #[must_use]
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(SharedTokenStore::new(store));
        self
    }

    /// Reads the time from this clock; the default is the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Renews by this policy; the default is 5 minutes ahead.
    #[must_use]
    pub fn refresh_policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Puts this word before the token; the default is the [provider's](TokenProvider::scheme).
    #[must_use]
    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// Gives a refresh and a login together this much time; the default is 40 s.
    #[must_use]
    pub fn flight_budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Answers a refusal of the credentials for this long without logging in again; the default is
    /// 60 s. [`Duration::MAX`] waits until they change, so that no account is locked. Other
    /// credentials, [`clear_token`](TokenManager::clear_token) and forced calls end it at once.
    #[must_use]
    pub fn refusal_hold(mut self, hold: Duration) -> Self {
        self.refusal_hold = hold;
        self
    }

    /// Draws jitter from this seed; the default is a new one for each manager.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Tells this observer what the manager does, beside those added before; the default is nobody.
    #[must_use]
    pub fn events(mut self, observer: impl TokenEvents) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// The manager. This does no I/O and needs no runtime.
    pub fn build(self) -> TokenManager {
        let mut settings = FlightSettings::new(self.provider.renewal(), self.policy);
        settings.budget = self.budget;
        settings.lease_wait = self.budget.saturating_add(Duration::from_secs(5));
        settings.refusal_hold = self.refusal_hold;
        let scheme = self.scheme.unwrap_or_else(|| self.provider.scheme());
        let store = self
            .store
            .unwrap_or_else(|| SharedTokenStore::new(MemoryStore::new()));
        let rng = self
            .seed
            .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let outbox = Outbox::new(self.observers);
        let shared = Shared::new(
            self.provider,
            store,
            self.clock,
            settings,
            scheme,
            rng,
            outbox,
        );
        TokenManager::from_shared(Arc::new(shared))
    }
}
