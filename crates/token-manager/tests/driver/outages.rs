//! Authorities that are down, in part or for long: what callers notice, and how often it is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use token_core::flight::Renewal;
use token_core::{Grant, Lifetime, TokenData, TokenError};
use token_manager::{FlightContext, TokenProvider};
use tokio::time::{Instant, advance, sleep};

use crate::kit::{DAY, builder, outage, secs, token};

/// An authority that is down for a while, and remembers when it was asked.
#[derive(Clone, Debug)]
struct Failing {
    down: Arc<Mutex<(Instant, Instant)>>,
    tries: Arc<Mutex<Vec<Instant>>>,
    tokens: Arc<Mutex<u32>>,
}

impl Failing {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            down: Arc::new(Mutex::new((now, now))),
            tries: Arc::default(),
            tokens: Arc::default(),
        }
    }

    fn goes_down(&self, from: Instant, to: Instant) {
        *self.down.lock().unwrap() = (from, to);
    }

    fn answer(&self) -> Result<Grant, TokenError> {
        let (from, to) = *self.down.lock().unwrap();
        if (from..to).contains(&Instant::now()) {
            return Err(outage("down"));
        }
        let mut tokens = self.tokens.lock().unwrap();
        *tokens += 1;
        let text = format!("token-{tokens}");
        Ok(Grant::new(token(&text), Lifetime::Assumed(DAY)))
    }
}

impl TokenProvider for Failing {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.answer()
    }

    async fn refresh(
        &self,
        _token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.tries.lock().unwrap().push(Instant::now());
        self.answer()
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}

// W-A19: both endpoints are down for 95 % of the five-minute window. No caller hears of
// it, the tries keep the spacing, and the first try after the end is within one of them.
#[tokio::test(start_paused = true)]
async fn an_outage_of_nearly_the_whole_window_reaches_no_caller() {
    for seed in 0..50 {
        let authority = Failing::new();
        let manager = builder(&authority).seed(seed).build();
        manager.get_token().await.unwrap();
        let window = Instant::now() + DAY - secs(300);
        let recovers = window + secs(285);
        authority.goes_down(window, recovers);
        sleep(window - Instant::now()).await;

        let step = Duration::from_millis(100);
        while manager.try_current().unwrap() == "token token-1" {
            let polled = futures_util::FutureExt::now_or_never(manager.get_token());
            polled.expect("no caller waits").expect("no caller fails");
            advance(step).await;
            tokio::task::yield_now().await;
            assert!(Instant::now() < window + secs(295), "seed {seed}: too late");
        }
        let tries = authority.tries.lock().unwrap().clone();
        check_spacing(&tries, window + secs(295), step);
        let last_failed = tries[tries.len() - 2];
        let spacing = secs(60).min((window + secs(295) - last_failed) / 4);
        let late = Instant::now() - recovers;
        assert!(late <= spacing + 2 * step, "seed {seed}: {late:?}");
    }
}

/// No two tries closer than a quarter second, none further apart than a minute or a quarter of
/// what the token had left.
fn check_spacing(tries: &[Instant], dead_at: Instant, step: Duration) {
    assert!(tries.len() >= 8, "{} tries", tries.len());
    for pair in tries.windows(2) {
        let gap = pair[1] - pair[0];
        let longest = secs(60).min((dead_at - pair[0]) / 4);
        assert!(gap >= Duration::from_millis(250), "{gap:?}");
        let longest = longest.max(Duration::from_millis(250)) + 2 * step;
        assert!(gap <= longest, "{gap:?} of {longest:?}");
    }
}

// the refresh endpoint alone is down.
#[tokio::test(start_paused = true)]
async fn a_refresh_endpoint_that_is_down_costs_one_try_one_login_and_no_error() {
    let provider = token_manager::ScriptedProvider::with_latency(secs(2));
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    provider.on_refresh(Err(outage("down")));
    sleep(DAY - secs(300)).await;
    for _ in 0..20 {
        manager.get_token().await.unwrap();
        sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(manager.try_current().unwrap(), "token token-2");
    assert_eq!((provider.refreshes(), provider.obtains()), (1, 2));
}
