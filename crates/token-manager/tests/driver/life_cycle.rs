//! One caller and one manager: when a token is served, renewed and asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use token_core::{ErrorClass, RateLimited, TokenError, TokenFailure};
use token_manager::ScriptedProvider;
use token_store::{MemoryStore, TokenStore};
use tokio::time::{advance, sleep};

use crate::kit::{DAY, builder, grant, outage, secs, token};

fn quick() -> ScriptedProvider {
    ScriptedProvider::with_latency(Duration::ZERO)
}

fn calls(provider: &ScriptedProvider) -> (u32, u32) {
    (provider.obtains(), provider.refreshes())
}

// without a token each way of asking logs in, and none refreshes.
#[tokio::test(start_paused = true)]
async fn without_a_token_the_first_call_logs_in() {
    let provider = quick();
    let first = builder(&provider).build().get_token().await.unwrap();
    let second = builder(&provider).build().refresh_token().await.unwrap();
    let third = builder(&provider).build().force_refresh().await.unwrap();
    assert_eq!(
        [first, second, third],
        [token("token-1"), token("token-2"), token("token-3")]
    );
    assert_eq!(calls(&provider), (3, 0));
}

// to the last nanosecond before the window.
#[tokio::test(start_paused = true)]
async fn a_fresh_token_is_served_without_a_call() {
    let provider = quick();
    let manager = builder(&provider).build();
    let first = manager.get_token().await.unwrap();
    for _ in 0..3 {
        assert_eq!(manager.get_token().await.unwrap(), first);
        assert_eq!(manager.try_current().unwrap(), "token token-1");
        advance(secs(28_699)).await;
    }
    assert_eq!(calls(&provider), (1, 0));
}

// A-25, W-S08: at the border of the window, which is inclusive.
#[tokio::test(start_paused = true)]
async fn in_the_window_the_held_token_is_served_at_once_and_renewed_behind() {
    let provider = ScriptedProvider::with_latency(secs(2));
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    sleep(DAY - secs(302)).await;
    for _ in 0..3 {
        let served = manager.get_token().now_or_never();
        let served = served.expect("the first poll has the answer").unwrap();
        assert_eq!(served, token("token-1"));
        assert_eq!(manager.try_current().unwrap(), "token token-1");
    }
    sleep(secs(3)).await;
    assert_eq!(manager.try_current().unwrap(), "token token-2");
    assert_eq!(calls(&provider), (1, 1), "one renewal behind all of them");
}

// a renewal that fails or dawdles reaches nobody while the token can be sent.
#[tokio::test(start_paused = true)]
async fn nobody_hears_of_a_failed_renewal_while_the_token_can_be_sent() {
    let provider = quick();
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    advance(DAY - secs(300)).await;
    for _ in 0..290 {
        provider.on_refresh(Err(outage("down")));
        provider.on_obtain(Err(outage("down")));
        let served = manager.get_token().now_or_never().expect("served at once");
        assert_eq!(served.unwrap(), token("token-1"));
        sleep(secs(1)).await;
    }
    let (obtains, refreshes) = calls(&provider);
    assert_eq!(obtains - 1, refreshes, "one login after each refresh");
    assert!((5..60).contains(&refreshes), "spaced: {refreshes} tries");
}

// in its last seconds a token is not sent any more, but still renews itself.
#[tokio::test(start_paused = true)]
async fn an_expired_token_is_not_refreshed_and_a_dying_one_is_not_sent() {
    let provider = quick();
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    advance(DAY).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-2"));
    assert_eq!(calls(&provider), (2, 0));

    advance(DAY - secs(5)).await;
    assert_eq!(manager.try_current(), None);
    assert_eq!(manager.get_token().await.unwrap(), token("token-3"));
    assert_eq!(calls(&provider), (2, 1));
}

// whatever the refresh failed with, exactly one login follows.
#[tokio::test(start_paused = true)]
async fn after_any_failure_of_a_refresh_one_login_follows() {
    let reason = || TokenFailure::new(ErrorClass::Transient, "no");
    let refused = TokenFailure::new(ErrorClass::Refused, "no");
    let terminal = TokenFailure::new(ErrorClass::Terminal, "no");
    let failures = [
        TokenError::RefreshFailed(reason()),
        TokenError::RefreshFailed(refused),
        TokenError::Serialization(reason()),
        TokenError::Validation(terminal),
        TokenError::Timeout(secs(10)),
    ];
    for error in failures {
        let provider = quick();
        let manager = builder(&provider).build();
        manager.get_token().await.unwrap();
        provider.on_refresh(Err(error.clone()));
        let renewed = manager.refresh_token().await;
        assert_eq!(renewed.unwrap(), token("token-2"), "after {error}");
        assert_eq!(calls(&provider), (2, 1), "after {error}");
    }
}

// the login has what the refresh left of the budget, so both end in time.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_hangs_leaves_time_for_the_login() {
    let provider = ScriptedProvider::with_latency(secs(15));
    let manager = builder(&provider).flight_budget(secs(20)).build();
    manager.get_token().await.unwrap();
    let started = tokio::time::Instant::now();
    let error = manager.refresh_token().await.unwrap_err();
    assert_eq!(started.elapsed(), secs(20));
    assert!(
        matches!(error, TokenError::Timeout(left) if left == secs(10)),
        "{error}"
    );
    assert_eq!(manager.try_current().unwrap(), "token token-1");
}

// an authority that asks to wait is obeyed; a login would be one more request.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_is_told_to_wait_is_not_followed_by_a_login() {
    let provider = quick();
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    provider.on_refresh(Err(TokenError::RateLimited(RateLimited::new(secs(30)))));
    let error = manager.refresh_token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(secs(30)), "{error}");
    assert_eq!(calls(&provider), (1, 1));
    assert_eq!(manager.try_current().unwrap(), "token token-1");
}

// A-28, W-A13: one refresh and one login, and the login's error.
#[tokio::test(start_paused = true)]
async fn when_both_fail_the_error_of_the_login_comes_back() {
    let provider = quick();
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    advance(DAY - secs(4)).await;
    provider.on_refresh(Err(outage("of the refresh")));
    provider.on_obtain(Err(outage("of the login")));
    let error = manager.get_token().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Token obtain failed after 1 attempts: of the login"
    );
    assert_eq!(calls(&provider), (2, 1));
}

//
#[tokio::test(start_paused = true)]
async fn forced_calls_ask_the_authority_whatever_the_age_of_the_token() {
    let provider = quick();
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    manager.get_token().await.unwrap();
    assert_eq!(manager.obtain_token().await.unwrap(), token("token-2"));
    assert_eq!(calls(&provider), (2, 0));
    assert_eq!(manager.force_refresh().await.unwrap(), token("token-3"));
    assert_eq!(manager.refresh_token().await.unwrap(), token("token-4"));
    assert_eq!(calls(&provider), (2, 2));
    let stored = store.load().await.unwrap().record.unwrap();
    assert_eq!(stored.token.token(), &token("token-4"));
}

//
#[tokio::test(start_paused = true)]
async fn after_a_clear_there_is_nothing_and_the_next_call_logs_in() {
    let provider = quick();
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    manager
        .clear_token()
        .await
        .expect("nothing to clear is fine");
    manager.get_token().await.unwrap();
    manager.clear_token().await.unwrap();
    assert_eq!(store.load().await.unwrap().record, None);
    assert_eq!(manager.get_token_info().await, None);
    assert_eq!(manager.get_token().await.unwrap(), token("token-2"));
    assert_eq!(calls(&provider), (2, 0));
}

// the network is never asked, whatever the state of the token.
#[tokio::test(start_paused = true)]
async fn asking_about_the_token_never_asks_the_authority() {
    let provider = quick();
    let manager = builder(&provider).build();
    assert_eq!(manager.get_token_info().await, None);
    assert_eq!(calls(&provider), (0, 0));

    manager.get_token().await.unwrap();
    for (passed, left, soon, expired) in [
        (0, 86_400, false, false),
        (86_200, 200, true, false),
        (300, -100, true, true),
    ] {
        advance(secs(passed)).await;
        let info = manager.get_token_info().await.unwrap();
        assert_eq!(info.expires_in.whole_seconds(), left);
        assert_eq!(
            (info.expires_soon, info.is_expired),
            (soon, expired),
            "{info:?}"
        );
    }
    tokio::task::yield_now().await;
    assert_eq!(calls(&provider), (1, 0));
}

// each token has a life of its own length, so a mix of two would show.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_sees_the_times_of_two_tokens() {
    const TOKENS: u64 = 200;
    let provider = quick();
    for number in 1..=TOKENS {
        provider.on_obtain(Ok(grant(&format!("token-{number}"), secs(10_000 + number))));
    }
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    let done = Arc::new(AtomicU32::new(0));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (manager, done) = (manager.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut last = (std::time::SystemTime::UNIX_EPOCH, secs(0));
                while done.load(Ordering::Relaxed) == 0 {
                    let info = manager
                        .get_token_info()
                        .await
                        .expect("never without a token");
                    let life = info.expires_at.duration_since(info.obtained_at).unwrap();
                    let seen = (info.obtained_at, life);
                    assert!(
                        seen.0 >= last.0 && seen.1 >= last.1,
                        "{last:?} then {seen:?}"
                    );
                    assert!(manager.try_current().is_some());
                    last = seen;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for _ in 1..TOKENS {
        manager.obtain_token().await.unwrap();
    }
    done.store(1, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}
