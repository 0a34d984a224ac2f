//! What a manager tells about itself.

use token_core::ErrorClass;
use token_core::lifecycle::{Source, TokenState};
use token_manager::{Canary, ScriptedProvider, TokenManager};
use tokio::time::{advance, sleep};

use crate::kit::{DAY, GatedProvider, builder, failure, grant, millis, outage, secs};
use crate::moody_store::BrokenStore;

fn manager() -> (ScriptedProvider, TokenManager) {
    let provider = ScriptedProvider::with_latency(secs(1));
    let manager = builder(&provider).build();
    (provider, manager)
}

// all of it is of one moment.
#[tokio::test(start_paused = true)]
async fn the_status_follows_the_life_of_the_token() {
    let (provider, manager) = manager();
    let empty = manager.status();
    assert_eq!(
        (empty.state(), empty.epoch().number()),
        (TokenState::Empty, 0)
    );
    assert!(empty.age().is_none() && empty.source().is_none() && empty.fingerprint().is_none());

    manager.get_token().await.unwrap();
    let first = manager.status();
    assert_eq!(
        (first.state(), first.epoch().number()),
        (TokenState::Fresh, 1)
    );
    assert_eq!(first.source(), Some(Source::Obtained));
    assert!(first.is_usable() && first.is_saved());
    assert_eq!(
        (first.age(), first.remaining()),
        (Some(secs(1)), DAY - secs(6))
    );

    advance(secs(86_200)).await;
    assert_eq!(manager.status().state(), TokenState::Stale);
    assert_eq!(provider.refreshes(), 0, "to look is not to ask");
    advance(secs(200)).await;
    let expired = manager.status();
    assert_eq!(
        (expired.state(), expired.is_usable()),
        (TokenState::Expired, false)
    );

    manager.refresh_token().await.unwrap();
    let second = manager.status();
    assert_eq!(second.epoch().number(), 2);
    assert_ne!(second.fingerprint(), first.fingerprint());
    assert_eq!(manager.status().fingerprint(), second.fingerprint());

    manager.clear_token().await.unwrap();
    let cleared = manager.status();
    assert_eq!(cleared.state(), TokenState::Empty);
    assert!(cleared.source().is_none() && !cleared.is_saved());
    manager.close().await;
    assert_eq!(manager.status().state(), TokenState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_flight_under_way_is_told_with_those_who_wait_for_it() {
    let provider = GatedProvider::new();
    let manager = builder(&provider).build();
    let callers = (0..3).map(|_| {
        let manager = manager.clone();
        tokio::spawn(async move { manager.get_token().await })
    });
    let callers = callers.collect::<Vec<_>>();
    provider.started().await;
    let status = manager.status();
    assert!(status.flight().is_some());
    assert_eq!(status.waiters(), 3);

    callers[0].abort();
    sleep(millis(1)).await;
    assert_eq!(manager.status().waiters(), 2, "one gave up");
    provider.open();
    for caller in callers.into_iter().skip(1) {
        caller.await.unwrap().unwrap();
    }
    let status = manager.status();
    assert!(status.flight().is_none());
    assert_eq!(status.waiters(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_last_error_is_told_until_a_token_comes() {
    let (provider, manager) = manager();
    provider.on_obtain(Err(failure(ErrorClass::Refused, "wrong password")));
    manager.get_token().await.unwrap_err();
    let status = manager.status();
    assert_eq!(status.last_error().unwrap().class(), ErrorClass::Refused);
    assert_eq!(status.next_attempt_in(), secs(60));
    let line = status.to_string();
    for words in ["empty", "refused", "wrong password", "60.0 s"] {
        assert!(line.contains(words), "{words} in {line}");
    }
    manager.obtain_token().await.unwrap();
    assert!(manager.status().last_error().is_none());
}

//
#[tokio::test(start_paused = true)]
async fn a_token_that_the_store_does_not_have_is_told_as_unsaved() {
    let provider = ScriptedProvider::with_latency(secs(1));
    let manager = builder(&provider).store(BrokenStore).build();
    manager.get_token().await.unwrap();
    let status = manager.status();
    assert!(status.is_usable() && !status.is_saved());
    assert!(status.to_string().contains("not saved"), "{status}");
}

//
#[tokio::test(start_paused = true)]
async fn no_status_shows_a_token() {
    let canary = Canary::new("access");
    let (provider, manager) = manager();
    provider.on_obtain(Ok(grant(&canary.text(), DAY)));
    manager.get_token().await.unwrap();
    provider.on_obtain(Err(outage("it is down")));
    manager.obtain_token().await.unwrap_err();
    let status = manager.status();
    assert!(status.fingerprint().is_some());
    canary.assert_not_debugged(&status);
    canary.assert_absent(&status.to_string());
}
