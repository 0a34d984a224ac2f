//! One token for many callers.

use std::time::Duration;

use futures_util::future::join_all;

use super::{in_memory, logins, refreshes};

const CALLERS: usize = 200;

// W-A18, C-49
#[tokio::test(start_paused = true)]
async fn two_hundred_first_callers_cause_one_login() {
    let (sandbox, client) = in_memory().await;
    let calls = join_all((0..CALLERS).map(|_| client.get_assets())).await;
    for call in calls {
        call.unwrap();
    }
    assert_eq!(logins(&sandbox), 1);
    assert_eq!(sandbox.count("GET", "/assets"), CALLERS);
}

// C-46, W-A12, W-C09: each call is sent at most twice.
#[tokio::test(start_paused = true)]
async fn two_hundred_calls_with_a_revoked_token_cause_one_login_and_no_error() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    sandbox.revoke_tokens();
    for call in join_all((0..CALLERS).map(|_| client.get_assets())).await {
        call.unwrap();
    }
    assert_eq!(logins(&sandbox), 2);
    assert_eq!(
        refreshes(&sandbox),
        0,
        "a rejected token cannot renew itself"
    );
    assert!(sandbox.count("GET", "/assets") <= 1 + 2 * CALLERS);
}

//
#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_is_refreshed_behind_the_call() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_400 - 301)).await;
    client.get_assets().await.unwrap();
    assert_eq!(refreshes(&sandbox), 0);

    tokio::time::advance(Duration::from_secs(2)).await;
    sandbox.inject("GET /user/refresh-token=latency:5s".parse().unwrap());
    let started = tokio::time::Instant::now();
    client.get_assets().await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "the call waited for the refresh"
    );
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!((logins(&sandbox), refreshes(&sandbox)), (1, 1));
}

//
#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_by_a_login() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_401)).await;
    client.get_assets().await.unwrap();
    assert_eq!((logins(&sandbox), refreshes(&sandbox)), (2, 0));
}
