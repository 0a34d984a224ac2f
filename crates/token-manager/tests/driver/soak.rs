//! Random callers, clears, outages and days that pass: what must hold in every order of events.

use std::time::Duration;

use futures_util::future::join_all;
use token_core::{AccessToken, TokenError};
use token_manager::{AuthorizeLayer, Origins, PausedClock, TokenManager};
use token_store::{MemoryStore, TokenStore};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer, ServiceExt};

use crate::authority::{Authority, request, service};
use crate::kit::{millis, secs};
use crate::moody_store::MoodyStore;

/// Nobody waits longer than for somebody's lease and for two flights over a store that hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// How many lives each test tries; each is another order of events, and always the same one.
const SEEDS: u64 = 20;

/// What the callers may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    /// Anything.
    Wild,
    /// Nothing that overrides the waits after a failure.
    Polite,
}

#[derive(Clone)]
struct Caller {
    tokens: TokenManager,
    authority: Authority,
    rng: fastrand::Rng,
    manners: Manners,
    name: String,
}

impl Caller {
    async fn live(mut self) {
        for _ in 0..60 {
            let first = if self.manners == Manners::Wild { 0 } else { 3 };
            let action = self.rng.u8(first..20);
            let is_patient = self.rng.u8(..4) > 0;
            let patience = if is_patient {
                PATIENCE
            } else {
                millis(self.rng.u64(..5_000))
            };
            let done = timeout(patience, self.act(action)).await;
            assert!(done.is_ok() || !is_patient, "{}: {action} hangs", self.name);
            let pauses = [1, 50, 1_000, 20_000, 300_000, 40_000_000];
            let longest = *self.rng.choice(&pauses).unwrap();
            sleep(millis(self.rng.u64(..longest))).await;
        }
    }

    async fn act(&self, action: u8) {
        match action {
            0 => self.clear().await,
            1 => drop(self.tokens.obtain_token().await),
            2 => drop(self.tokens.refresh_token().await),
            3 => drop(self.tokens.get_token_info().await),
            4 => self.authority.change_mood(),
            5 => self.authority.revoke_all(),
            6..=12 => self.call().await,
            _ => self.get().await,
        }
    }

    async fn clear(&self) {
        let so_far = self.authority.count();
        if self.tokens.clear_token().await.is_err() {
            return;
        }
        if let Ok(token) = self.tokens.get_token().await {
            let number = self.authority.number(&token);
            assert!(number >= so_far, "{}: {number} was cleared", self.name);
        }
    }

    async fn get(&self) {
        if let Ok(token) = self.tokens.get_token().await {
            let ends = self.authority.end(&token);
            assert!(Instant::now() < ends, "{}: served at its end", self.name);
        }
    }

    /// One request through the layer: the service itself looks at what it is sent.
    async fn call(&self) {
        let origins = Origins::of(&"https://amp.example".parse().unwrap());
        let layer = AuthorizeLayer::new(self.tokens.clone(), origins);
        let (request, call) = request();
        drop(layer.layer(service(&self.authority)).oneshot(request).await);
        assert!(call.ledger().replays() <= 1, "{}", self.name);
    }
}

async fn soak(
    seed: u64,
    managers: u32,
    manners: Manners,
    store: impl TokenStore + Clone,
) -> Authority {
    let authority = Authority::new(seed, managers == 1);
    let clock = PausedClock::new();
    let mut rng = fastrand::Rng::with_seed(!seed);
    let mut manager = || {
        TokenManager::builder(authority.clone())
            .store(store.clone())
            .clock(clock)
            .seed(rng.u64(..))
            .build()
    };
    let managers: Vec<_> = (0..managers).map(|_| manager()).collect();
    let callers = (0..6).map(|number| Caller {
        tokens: managers[number % managers.len()].clone(),
        authority: authority.clone(),
        rng: rng.fork(),
        manners,
        name: format!("seed {seed}, caller {number}"),
    });
    let lives: Vec<_> = callers.map(|caller| tokio::spawn(caller.live())).collect();
    for life in join_all(lives).await {
        life.unwrap();
    }
    authority.calm_down();
    sleep(secs(200)).await;
    for tokens in managers {
        let token = timeout(PATIENCE, in_the_end(&tokens)).await.unwrap();
        assert!(token.is_ok(), "seed {seed}: {token:?}");
        timeout(PATIENCE, tokens.close()).await.unwrap();
    }
    authority
}

/// The token, or the error of the second try: a store that fails may hide the token, but not the
/// note about somebody else's failure, which is worth a second.
async fn in_the_end(tokens: &TokenManager) -> Result<AccessToken, TokenError> {
    if let Ok(token) = tokens.get_token().await {
        return Ok(token);
    }
    sleep(secs(2)).await;
    tokens.get_token().await
}

// W-A20: nobody hangs, no token is sent at its end, and none that was cleared.
#[tokio::test(start_paused = true)]
async fn one_manager_asks_once_at_a_time_whatever_happens() {
    for seed in 0..SEEDS {
        let authority = soak(seed, 1, Manners::Wild, MemoryStore::new()).await;
        assert_eq!(authority.most_at_a_time(), 1, "seed {seed}");
    }
}

// through the lease.
#[tokio::test(start_paused = true)]
async fn managers_of_one_store_ask_once_at_a_time_whatever_happens() {
    for seed in 0..SEEDS {
        let authority = soak(seed, 3, Manners::Wild, MemoryStore::new()).await;
        assert_eq!(authority.most_at_a_time(), 1, "seed {seed}");
    }
}

// C-36, C-37, W-A19: by no manager of the store, for a limit; a refusal is each one's own.
#[tokio::test(start_paused = true)]
async fn an_authority_that_said_not_before_is_not_asked_before() {
    for seed in 0..SEEDS {
        for managers in [1, 3] {
            let authority = soak(seed, managers, Manners::Polite, MemoryStore::new()).await;
            assert_eq!(authority.asked_too_early(), 0, "seed {seed}");
        }
    }
}

// A-38, C-30: over a store that dawdles, fails and hangs, calls end as they should.
#[tokio::test(start_paused = true)]
async fn a_moody_store_keeps_nobody_from_a_token() {
    for seed in 0..SEEDS {
        soak(seed, 3, Manners::Wild, MoodyStore::new(seed)).await;
    }
}
