//! The life of a ten-minute token.

use std::sync::Arc;

use amp_sandbox::{DEFAULT_PASSWORD, JwtAlgorithm, Sandbox};
use cidx_client::CidxError;
use futures_util::future::join_all;
use token_store::MemoryStore;
use tokio::time::{Instant, advance, sleep};

use super::{Desk, Fixture, described, secs};

const CALLERS: usize = 60;

// C-32, C-47, C-49, W-S02, W-S03: X-34, on one thread, which a blocking wait would stop.
#[tokio::test(start_paused = true)]
async fn sixty_first_callers_cause_one_login_and_none_of_them_waits_longer_than_it() {
    let fixture = Fixture::new().await;
    fixture.inject(&["POST /auth/login=latency:5s"]);
    let start = Instant::now();
    for call in join_all((0..CALLERS).map(|_| fixture.call())).await {
        call.unwrap();
    }
    assert_eq!(start.elapsed(), secs(5));
    assert_eq!(fixture.asked(), (1, 0));
    assert_eq!(fixture.sandbox.count("GET", "/repos"), CALLERS);
}

// C-48, W-C16, W-S08: X-13, each refresh uses the token that the one before brought.
#[tokio::test(start_paused = true)]
async fn a_token_renews_itself_for_hours_with_the_refresh_token_that_came_last() {
    let fixture = Fixture::new().await;
    for _ in 0..120 {
        fixture.call().await.unwrap();
        sleep(secs(60)).await;
    }
    let (logins, refreshes) = fixture.asked();
    assert_eq!((logins, fixture.sandbox.refresh_replays()), (1, 0));
    assert!((20..=24).contains(&refreshes), "{refreshes} in two hours");
}

// C-22, C-23, W-C10, nobody waits for a renewal while the old token is good.
#[tokio::test(start_paused = true)]
async fn in_its_last_five_minutes_the_token_is_served_while_it_is_renewed() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    advance(secs(299)).await;
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked(), (1, 0));

    advance(secs(2)).await;
    fixture.inject(&["POST /auth/refresh=latency:9s"]);
    let start = Instant::now();
    for call in join_all((0..CALLERS).map(|_| fixture.call())).await {
        call.unwrap();
    }
    assert_eq!(start.elapsed(), secs(0));
    sleep(secs(10)).await;
    assert_eq!(fixture.asked(), (1, 1));
}

// C-24: X-10, a token that has just ended is not sent, but renewed by its refresh token.
#[tokio::test(start_paused = true)]
async fn within_half_a_minute_after_its_end_a_refresh_is_enough() {
    for (age, expected) in [(620, (1, 1)), (640, (2, 0))] {
        let fixture = Fixture::new().await;
        fixture.call().await.unwrap();
        advance(secs(age)).await;
        fixture.call().await.unwrap();
        assert_eq!(fixture.asked(), expected, "{age} s");
        assert_eq!(fixture.sandbox.count("GET", "/repos"), 2, "{age} s");
    }
}

// C-48: X-13, a refresh that fails for good costs one login and no error.
#[tokio::test(start_paused = true)]
async fn a_spent_refresh_token_ends_in_one_login() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    assert_eq!(fixture.sandbox.spend_refresh_tokens(), 1);
    advance(secs(301)).await;
    for call in join_all((0..CALLERS).map(|_| fixture.call())).await {
        call.unwrap();
    }
    sleep(secs(1)).await;
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked(), (2, 1));
    assert_eq!(fixture.sandbox.refresh_replays(), 1);
}

// C-48, W-C16: X-13, shown twice, a rotating refresh token looks stolen.
#[tokio::test(start_paused = true)]
async fn a_refresh_whose_answer_was_lost_is_not_sent_again() {
    for fault in [
        "reset-after",
        "503-after",
        "stall-after",
        "half-body",
        "latency:30s",
    ] {
        let fixture = Fixture::new().await;
        fixture.call().await.unwrap();
        advance(secs(301)).await;
        fixture.inject(&[&format!("POST /auth/refresh={fault}")]);
        for _ in 0..30 {
            fixture.call().await.unwrap();
            sleep(secs(2)).await;
        }
        assert_eq!(fixture.asked(), (2, 1), "{fault}");
        assert_eq!(fixture.sandbox.refresh_replays(), 0, "{fault}");
    }
}

// C-46, W-C09: the renewal needs no login, and each call is sent at most twice.
#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_renewed_once_and_no_caller_hears_of_it() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    advance(secs(10)).await;
    fixture.sandbox.revoke_tokens();
    for call in join_all((0..CALLERS).map(|_| fixture.call())).await {
        call.unwrap();
    }
    assert_eq!(fixture.asked(), (1, 1));
    assert!(fixture.sandbox.count("GET", "/repos") <= 1 + 2 * CALLERS);

    fixture.sandbox.revoke_tokens();
    fixture.sandbox.spend_refresh_tokens();
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked(), (2, 2));
}

// W-S09
#[tokio::test(start_paused = true)]
async fn a_token_of_less_than_five_minutes_is_not_renewed_at_every_call() {
    let fixture = Fixture::of(Sandbox::builder().cidx().token_ttl(secs(100))).await;
    for _ in 0..100 {
        fixture.call().await.unwrap();
        sleep(secs(1)).await;
    }
    let (logins, refreshes) = fixture.asked();
    assert_eq!(logins, 1);
    assert!((1..=3).contains(&refreshes), "{refreshes}");
}

// C-25, W-S06: X-26, the algorithm is read from the token itself.
#[tokio::test(start_paused = true)]
async fn signed_tokens_are_taken_and_unsigned_ones_refused() {
    for (algorithm, taken) in [
        (JwtAlgorithm::Rs256, true),
        (JwtAlgorithm::Hs256, true),
        (JwtAlgorithm::Unsigned, false),
    ] {
        let fixture = Fixture::of(Sandbox::builder().cidx().jwt_algorithm(algorithm)).await;
        let called = fixture.call().await;
        assert_eq!(called.is_ok(), taken, "{algorithm:?}: {called:?}");
        let sent = fixture.sandbox.count("GET", "/repos");
        assert_eq!(sent, usize::from(taken), "{algorithm:?}");
    }
}

// C-28, C-35, C-64
#[tokio::test(start_paused = true)]
async fn after_a_restart_the_stored_token_is_used_and_renewed_without_a_login() {
    let sandbox = Arc::new(Sandbox::builder().cidx().in_memory());
    let store = MemoryStore::new();
    let start = || {
        let described = described(&sandbox, Desk::with(DEFAULT_PASSWORD));
        described.store(store.clone()).build()
    };
    let first = start().await.unwrap();
    let _: serde_json::Value = first.get_json("/api/repos").await.unwrap();
    first.close().await;
    let closed = first.get_json::<serde_json::Value>("/api/repos").await;
    assert!(matches!(closed, Err(CidxError::Token(_))), "{closed:?}");

    let second = start().await.unwrap();
    let _: serde_json::Value = second.get_json("/api/repos").await.unwrap();
    assert_eq!(sandbox.count("POST", "/auth/refresh"), 0);
    advance(secs(10)).await;
    sandbox.revoke_tokens();
    let _: serde_json::Value = second.get_json("/api/repos").await.unwrap();
    assert_eq!(sandbox.count("POST", "/auth/refresh"), 1);
    assert_eq!(sandbox.count("POST", "/auth/login"), 1);
    assert_eq!(sandbox.refresh_replays(), 0);
}
