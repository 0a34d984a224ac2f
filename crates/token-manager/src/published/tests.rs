use proptest::prelude::*;
use token_core::lifecycle::{Event, Lifecycle, Source, Verdict};
use token_core::{AccessToken, BootInstant, Grant, Lifetime, Now, RefreshPolicy, TokenData};

use super::*;
use crate::sync::Mutex;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const HOUR: Duration = secs(3_600);
const YEAR: Duration = secs(365 * 86_400);

/// A clock whose parts are turned one by one.
#[derive(Debug)]
struct PartClock(Mutex<Parts>);

#[derive(Debug)]
struct Parts {
    now: Now,
    /// The coarse monotonic clock, which stands still while the machine sleeps.
    awake: Duration,
    /// By how much both coarse clocks lag.
    lag: Duration,
}

impl PartClock {
    fn new() -> Arc<Self> {
        let parts = Parts {
            now: token_core::ManualClock::default().now(),
            awake: secs(1_000),
            lag: Duration::ZERO,
        };
        Arc::new(Self(Mutex::new(parts)))
    }

    fn pass(&self, time: Duration) {
        self.sleep(time);
        self.0.lock().awake += time;
    }

    fn sleep(&self, time: Duration) {
        let mut parts = self.0.lock();
        parts.now.boot = parts.now.boot.saturating_add(time);
        parts.now.wall += time;
    }

    fn set_wall_ahead(&self, by: Duration) {
        self.0.lock().now.wall += by;
    }

    fn set_wall_back(&self, by: Duration) {
        self.0.lock().now.wall -= by;
    }

    fn lag(&self, by: Duration) {
        self.0.lock().lag = by;
    }
}

impl Clock for PartClock {
    fn now(&self) -> Now {
        self.0.lock().now
    }

    fn coarse(&self) -> CoarseNow {
        let parts = self.0.lock();
        let since_1970 = parts.now.wall.duration_since(std::time::UNIX_EPOCH);
        let wall = since_1970.unwrap().saturating_sub(parts.lag);
        let awake = parts.awake.saturating_sub(parts.lag);
        CoarseNow::from_secs(wall.as_secs(), awake.as_secs())
    }
}

fn token() -> AccessToken {
    AccessToken::new("0123456789abcdef").unwrap()
}

/// A life cycle that has just minted a token.
fn minted(clock: &PartClock, policy: RefreshPolicy, lifetime: Duration) -> Lifecycle {
    let now = clock.now();
    let mut life = Lifecycle::new(policy);
    let get = Event::Get {
        validity: Duration::ZERO,
        may_start: true,
    };
    let plan = life.step(get, &now).start.unwrap();
    let grant = Grant::new(token(), Lifetime::Stated(lifetime));
    let verdict = Verdict::Minted {
        minted: grant.into_minted(&now, None),
        generation: 1,
        saved: true,
        source: Source::Obtained,
    };
    let (id, draw) = (plan.id, 0.0);
    life.step(Event::FlightEnded { id, verdict, draw }, &now);
    life
}

/// A life cycle that has just taken a token over from the store.
fn loaded(clock: &impl Clock, lifetime: Duration) -> Lifecycle {
    let now = clock.now();
    let mut life = Lifecycle::new(RefreshPolicy::default());
    let observed = Event::Observed {
        data: TokenData::with_lifetime(token(), now.wall, lifetime),
        generation: 1,
        clears: 0,
        draw: 0.0,
    };
    life.step(observed, &now);
    life
}

fn publish(clock: &Arc<PartClock>, life: &Lifecycle) -> (PublishedToken, Live) {
    let clock: Arc<dyn Clock> = clock.clone();
    let published = PublishedToken::new(clock, Scheme::TOKEN);
    let live = life.held().unwrap();
    published.replace(&live);
    (published, live)
}

/// A published token of one hour that was just minted.
fn fresh_hour() -> (Arc<PartClock>, PublishedToken, Live) {
    let clock = PartClock::new();
    let life = minted(&clock, RefreshPolicy::default(), HOUR);
    let (published, live) = publish(&clock, &life);
    (clock, published, live)
}

#[test]
fn nothing_is_fresh_before_the_first_token_and_after_a_withdrawal() {
    let (_, published, _) = fresh_hour();
    assert!(published.fresh().is_some());
    published.withdraw();
    assert!(published.fresh().is_none());
    assert!(published.fresh_for(Duration::ZERO).is_none());
    let never = PublishedToken::new(Arc::new(SystemClock), Scheme::TOKEN);
    assert!(never.fresh().is_none());
}

// what is fresh ends at most two seconds before the refresh window, and never after.
#[test]
fn a_token_is_fresh_until_its_refresh_window() {
    let (clock, published, _) = fresh_hour();
    clock.pass(secs(3_300 - 2));
    assert!(published.fresh().is_some());
    clock.pass(secs(2));
    assert!(published.fresh().is_none());
}

// The clocks of the machine are read without a call, and decide alike.
#[test]
fn the_clocks_of_the_machine_decide_where_no_other_was_given() {
    let system: Arc<dyn Clock> = Arc::new(SystemClock);
    let published = PublishedToken::new(Arc::new(system), Scheme::TOKEN);
    assert!(published.by_machine);
    for (lifetime, is_fresh) in [(HOUR, true), (secs(1), false)] {
        let life = loaded(&SystemClock, lifetime);
        published.replace(&life.held().unwrap());
        assert_eq!(published.fresh().is_some(), is_fresh, "{lifetime:?}");
    }
}

#[test]
fn a_demand_on_validity_is_met_while_enough_is_left_for_certain() {
    let (clock, published, _) = fresh_hour();
    assert!(published.fresh_for(secs(3_500)).is_some());
    // Dead at 3,595 s; what the coarse clocks may not know is taken off.
    assert!(published.fresh_for(secs(3_590)).is_none());
    assert!(published.fresh_for(Duration::MAX).is_none());
    clock.pass(secs(3_000));
    assert!(published.fresh_for(secs(500)).is_some());
    assert!(published.fresh_for(secs(590)).is_none());
}

// W-A30: the machine slept, so the token aged while the monotonic clock stood still.
#[test]
fn a_suspend_ends_what_was_fresh() {
    let (clock, published, live) = fresh_hour();
    clock.sleep(6 * HOUR);
    assert!(published.fresh().is_none());
    published.confirm(&live);
    assert!(published.fresh().is_none(), "it is dead");
}

#[test]
fn many_short_suspends_are_noticed_together() {
    let (clock, published, _) = fresh_hour();
    for _ in 0..4 {
        clock.sleep(secs(2));
    }
    assert!(published.fresh().is_none());
}

// W-A30: a minted token is judged by the boot clock, so a jump is a reason to look and no more.
#[test]
fn after_a_jump_of_the_wall_a_minted_token_is_fresh_again_once_it_was_confirmed() {
    for (name, jump) in [("hours", 2 * HOUR), ("year", YEAR)] {
        for ahead in [true, false] {
            let (clock, published, live) = fresh_hour();
            let text = |token: Option<Loan<Snapshot>>| {
                token.map(|token| token.headers().first().as_bytes().as_ptr())
            };
            let before = text(published.fresh());
            match ahead {
                true => clock.set_wall_ahead(jump),
                false => clock.set_wall_back(jump),
            }
            assert!(published.fresh().is_none(), "{name}, ahead: {ahead}");
            published.confirm(&live);
            let after = text(published.fresh());
            assert!(after.is_some(), "{name}, ahead: {ahead}");
            assert_eq!(after, before, "the secret was not copied");
        }
    }
}

// W-A30: a loaded record is judged by the wall clock, so that its span goes by where the clock
// stood when it was judged, also when it is published later.
#[test]
fn small_steps_of_the_wall_add_up_for_a_loaded_record() {
    let clock = PartClock::new();
    let life = loaded(&clock, HOUR);
    clock.set_wall_ahead(secs(4));
    let (published, live) = publish(&clock, &life);
    assert!(published.fresh().is_some());
    clock.set_wall_ahead(secs(4));
    assert!(published.fresh().is_none());
    published.confirm(&live);
    assert!(published.fresh().is_none(), "it must be judged again");
}

#[test]
fn a_confirmation_keeps_that_a_service_accepted_the_token() {
    let (clock, published, live) = fresh_hour();
    published.fresh().unwrap().mark_accepted();
    clock.set_wall_ahead(HOUR);
    published.confirm(&live);
    assert!(published.fresh().unwrap().was_accepted());
}

#[test]
fn a_confirmation_that_comes_late_brings_no_old_token_back() {
    let (clock, published, live) = fresh_hour();
    published.withdraw();
    clock.set_wall_ahead(HOUR);
    published.confirm(&live);
    assert!(published.fresh().is_none());
}

// W-A30: the refresh window is empty, so that nothing but the margin keeps the token from being
// sent too late.
#[test]
fn neither_lag_nor_a_suspend_too_short_to_be_seen_serves_a_dead_token() {
    let policy = RefreshPolicy::with_window(Duration::ZERO);
    for (slept, lag) in [(0, 100), (4_000, 0), (4_000, 100), (4_990, 0), (4_990, 100)] {
        let mut served = 0;
        for passed in (80_000..100_000).step_by(10) {
            let clock = PartClock::new();
            let life = minted(&clock, policy.clone(), secs(100));
            let (published, live) = publish(&clock, &life);
            clock.pass(Duration::from_millis(passed));
            clock.sleep(Duration::from_millis(slept));
            clock.lag(Duration::from_millis(lag));
            let is_fresh = published.fresh().is_some();
            let is_dead = clock.now().boot >= live.dead_at;
            assert!(
                !(is_fresh && is_dead),
                "{passed} ms, slept {slept}, lag {lag}"
            );
            served += u32::from(is_fresh);
        }
        assert!(served > 0, "slept {slept}, lag {lag}");
    }
}

/// What may happen to the clocks between two looks.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Pass(u64),
    Sleep(u64),
    Ahead(u64),
    Back(u64),
    Lag(u64),
}

fn passing() -> impl Strategy<Value = Turn> {
    prop_oneof![
        (0..400_000_u64).prop_map(Turn::Pass),
        (0..=100_u64).prop_map(Turn::Lag),
    ]
}

/// The time passes, and the machine sleeps.
fn with_sleep() -> impl Strategy<Value = Turn> {
    prop_oneof![passing(), (0..20_000_u64).prop_map(Turn::Sleep)]
}

/// The time passes, and somebody turns the wall clock.
fn with_jumps() -> impl Strategy<Value = Turn> {
    prop_oneof![
        passing(),
        (0..20_000_u64).prop_map(Turn::Ahead),
        (0..20_000_u64).prop_map(Turn::Back),
    ]
}

/// Looks after every turn; confirms as the life cycle would.
fn never_serves_a_dead_token(lifetime: u64, window: u64, turns: &[Turn]) {
    let clock = PartClock::new();
    let policy = RefreshPolicy::with_window(Duration::from_millis(window));
    let life = minted(&clock, policy, Duration::from_millis(lifetime));
    let (published, live) = publish(&clock, &life);
    for turn in turns {
        match *turn {
            Turn::Pass(time) => clock.pass(Duration::from_millis(time)),
            Turn::Sleep(time) => clock.sleep(Duration::from_millis(time)),
            Turn::Ahead(by) => clock.set_wall_ahead(Duration::from_millis(by)),
            Turn::Back(by) => clock.set_wall_back(Duration::from_millis(by)),
            Turn::Lag(by) => clock.lag(Duration::from_millis(by)),
        }
        let boot: BootInstant = clock.now().boot;
        assert!(published.fresh().is_none() || boot < live.dead_at);
        let validity = secs(7);
        let serves = boot.saturating_add(validity) < live.dead_at;
        assert!(published.fresh_for(validity).is_none() || serves);
        published.confirm(&live);
    }
}

proptest! {
    // A coarse clock that lags or stands still serves no dead token, also where the refresh
    // window is empty.
    #[test]
    fn no_suspend_and_no_lag_serves_a_dead_token(
        lifetime in 1..4_000_000_u64, window in prop_oneof![Just(0), 0..400_000_u64],
        turns in proptest::collection::vec(with_sleep(), 1..40),
    ) {
        never_serves_a_dead_token(lifetime, window, &turns);
    }

    #[test]
    fn no_jump_of_the_wall_and_no_lag_serves_a_dead_token(
        lifetime in 1..4_000_000_u64, window in prop_oneof![Just(0), 0..400_000_u64],
        turns in proptest::collection::vec(with_jumps(), 1..40),
    ) {
        never_serves_a_dead_token(lifetime, window, &turns);
    }
}
