//! Suspends and jumps of the wall clock: no dead token is sent, and nothing loops.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use token_core::flight::Renewal;
use token_core::{Clock, Grant, Lifetime, ManualClock, TokenData, TokenError};
use token_manager::{FlightContext, TokenManager, TokenProvider};
use token_store::{MemoryStore, TokenStore};

use crate::kit::{DAY, builder, secs, token};

const HOUR: Duration = Duration::from_secs(3_600);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// An authority that knows by the true time, whatever the clocks say, how long its tokens live.
#[derive(Clone, Debug)]
struct Truthful {
    clock: ManualClock,
    lifetime: Lifetime,
    ends: Arc<Mutex<Vec<Duration>>>,
}

impl Truthful {
    fn new(lifetime: Lifetime) -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Self {
            clock: ManualClock::new(start),
            lifetime,
            ends: Arc::default(),
        }
    }

    fn true_time(&self) -> Duration {
        self.clock.now().boot.since_zero()
    }

    fn issue(&self) -> Grant {
        let mut ends = self.ends.lock().unwrap();
        ends.push(self.true_time() + self.lifetime.duration());
        Grant::new(token(&format!("token-{}", ends.len())), self.lifetime)
    }

    fn issued(&self) -> usize {
        self.ends.lock().unwrap().len()
    }

    /// Asks as a caller would, and checks what would be sent. The provider never waits, so two
    /// polls are enough for a flight.
    async fn sends(&self, manager: &TokenManager) -> String {
        let sent = manager.get_token().await.unwrap();
        let number: usize = sent.expose_secret()[6..].parse().unwrap();
        let end = self.ends.lock().unwrap()[number - 1];
        assert!(self.true_time() < end, "a dead token would be sent");
        sent.expose_secret().to_owned()
    }
}

impl TokenProvider for Truthful {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        Ok(self.issue())
    }

    async fn refresh(
        &self,
        _token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        Ok(self.issue())
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}

/// Settles what a call started behind its answer.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

// A-26, W-A30: the time of a suspend counts, on the hot path too.
#[tokio::test(start_paused = true)]
async fn after_a_suspend_of_six_hours_no_dead_token_is_sent() {
    for lifetime in [secs(600), 6 * HOUR, 6 * HOUR + secs(100), DAY] {
        for lifetime in [Lifetime::Stated(lifetime), Lifetime::Assumed(lifetime)] {
            let authority = Truthful::new(lifetime);
            let manager = builder(&authority).clock(authority.clock.clone()).build();
            authority.sends(&manager).await;
            authority.clock.advance(6 * HOUR);
            let served = manager.try_current().is_some();
            assert_eq!(served, lifetime.duration() > 6 * HOUR + secs(5));
            authority.sends(&manager).await;
            settle().await;
            authority.sends(&manager).await;
            assert!(authority.issued() <= 2, "one renewal is enough");
        }
    }
}

// W-A30: our own token is timed by the clock that never jumps.
#[tokio::test(start_paused = true)]
async fn a_jump_of_the_wall_clock_does_not_touch_a_token_of_our_own() {
    for (jump, ahead) in jumps() {
        let authority = Truthful::new(Lifetime::Assumed(DAY));
        let manager = builder(&authority).clock(authority.clock.clone()).build();
        let first = authority.sends(&manager).await;
        turn(&authority.clock, jump, ahead);
        for _ in 0..20 {
            assert_eq!(authority.sends(&manager).await, first);
            assert!(manager.try_current().is_some());
            settle().await;
        }
        assert_eq!(authority.issued(), 1);
        authority.clock.advance(DAY);
        assert_eq!(authority.sends(&manager).await, "token-2");
    }
}

// W-A30, A-43: a stored token is judged by the wall clock, in the worst case once too often; a jump
// back never makes a dead one alive.
#[tokio::test(start_paused = true)]
async fn a_jump_of_the_wall_clock_costs_a_stored_token_one_renewal_at_most() {
    for (jump, ahead) in jumps() {
        for after_load in [false, true] {
            let authority = Truthful::new(Lifetime::Assumed(DAY));
            let clock = &authority.clock;
            let store = MemoryStore::new();
            let manager = || {
                let builder = builder(&authority).clock(clock.clone());
                builder.store(store.clone()).build()
            };
            authority.sends(&manager()).await;
            clock.advance(HOUR);
            let later = manager();
            if after_load {
                authority.sends(&later).await;
            }
            turn(clock, jump, ahead);
            for _ in 0..20 {
                authority.sends(&later).await;
                settle().await;
                clock.advance(secs(30));
            }
            let issued = authority.issued();
            assert!(issued <= 2, "{issued} tokens after {jump:?} {ahead}");
            let stored = store.load().await.unwrap().record.unwrap().token;
            assert!(!stored.is_expired(clock.now().wall));
        }
    }
}

fn jumps() -> impl Iterator<Item = (Duration, bool)> {
    [2 * HOUR, YEAR]
        .into_iter()
        .flat_map(|jump| [(jump, true), (jump, false)])
}

fn turn(clock: &ManualClock, jump: Duration, ahead: bool) {
    let wall = clock.now().wall;
    clock.set_wall(if ahead { wall + jump } else { wall - jump });
}

// the anchor is the moment of the request, not of the answer.
#[tokio::test(start_paused = true)]
async fn an_answer_that_was_suspended_on_its_way_is_dead_on_arrival() {
    let authority = Truthful::new(Lifetime::Stated(secs(600)));
    let clock = authority.clock.clone();
    let manager = builder(&Slow(authority.clone())).clock(clock).build();
    let error = manager.get_token().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert!(manager.try_current().is_none());
    assert!(
        manager.get_token().now_or_never().unwrap().is_err(),
        "spaced"
    );
}

/// The machine sleeps between the request and the answer.
#[derive(Clone, Debug)]
struct Slow(Truthful);

impl TokenProvider for Slow {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        let grant = self.0.issue();
        self.0.clock.advance(6 * HOUR);
        Ok(grant)
    }
}
