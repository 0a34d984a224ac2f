//! Many instances that start together and must not renew together.

use std::sync::{Arc, Mutex};

use token_core::flight::Renewal;
use token_core::{Grant, Lifetime, RefreshPolicy, TokenData, TokenError};
use token_manager::{FlightContext, PausedClock, TokenManager, TokenProvider};
use tokio::time::{Instant, advance};

use crate::kit::{DAY, secs, token};

/// Remembers when each of its instances asked for a renewal.
#[derive(Clone, Debug, Default)]
struct Authority(Arc<Mutex<Vec<Instant>>>);

impl TokenProvider for Authority {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        Ok(Grant::new(token("first"), Lifetime::Assumed(DAY)))
    }

    async fn refresh(
        &self,
        _token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.0.lock().unwrap().push(Instant::now());
        Ok(Grant::new(token("second"), Lifetime::Assumed(DAY)))
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}

// W-A17, W-A19: in no 1 % of the span do more than three times the mean renew.
#[tokio::test(start_paused = true)]
async fn a_thousand_instances_that_start_together_spread_their_renewals() {
    const INSTANCES: u64 = 1_000;
    let authority = Authority::default();
    let clock = PausedClock::new();
    let started = Instant::now();
    let mut managers = Vec::new();
    for seed in 0..INSTANCES {
        let builder = TokenManager::builder(authority.clone()).clock(clock);
        let manager = builder.refresh_policy(RefreshPolicy::fleet()).seed(seed);
        managers.push(manager.build());
    }
    for manager in &managers {
        manager.get_token().await.unwrap();
    }
    // An hour ahead, and up to a quarter of that earlier.
    let (earliest, span) = (DAY - secs(4_500), secs(900));
    advance(earliest).await;
    for _ in 0..=900 {
        for manager in &managers {
            manager.try_current().expect("served meanwhile");
        }
        tokio::task::yield_now().await;
        advance(secs(1)).await;
    }
    let mut renewals = authority.0.lock().unwrap().clone();
    renewals.sort();
    assert_eq!(renewals.len() as u64, INSTANCES);
    assert!(renewals[0] >= started + earliest);
    let slice = span / 100;
    let peak = renewals.iter().map(|from| {
        let within = |at: &&Instant| (*from..*from + slice).contains(*at);
        renewals.iter().filter(within).count() as u64
    });
    let peak = peak.max().unwrap();
    assert!(peak <= 3 * INSTANCES / 100, "{peak} in 1 % of the span");
}
