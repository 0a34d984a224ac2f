//! Rejected tokens and failing requests in one call: how often it is sent at most.

use std::time::Duration;

use amp_client::Error;
use token_core::{Ledger, RetryConfig};

use crate::rig::{builder, inject, service};

const LIST: (&str, &str) = ("GET", "/assets");
const ATTEMPTS: u32 = 3;

fn three_tries() -> RetryConfig {
    let retry = RetryConfig::builder().with_max_attempts(ATTEMPTS);
    retry.build().unwrap()
}

fn ledger_of(error: &Error) -> Ledger {
    error.call().unwrap().ledger()
}

// C-46, W-A12, W-A11: one replay for the whole call comes on top of the tries, not one for each of
// them.
#[tokio::test(start_paused = true)]
async fn a_call_is_sent_once_more_than_it_may_be_tried_at_most() {
    for failures in 1..=ATTEMPTS {
        let service = service();
        let retry = three_tries();
        let client = builder(&service).retry(retry).build().await.unwrap();
        client.get_assets().await.unwrap();
        let before = service.count(LIST.0, LIST.1);

        // The token is revoked again and again, so that every try may meet a 401.
        let revoker = tokio::spawn({
            let service = service.clone();
            async move {
                loop {
                    service.revoke_tokens();
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        });
        inject(&service, &[&format!("GET /assets=503*{failures}")]);
        tokio::task::yield_now().await;
        let answer = client.get_assets().await;
        revoker.abort();
        let sent = service.count(LIST.0, LIST.1) - before;
        assert!(
            sent <= 4,
            "{sent} times with {failures} failures: {answer:?}"
        );
        if let Err(error) = answer {
            let ledger = ledger_of(&error);
            assert_eq!(ledger.sends() as usize, sent, "{ledger:?}");
            assert!(ledger.replays() <= 1, "{ledger:?}");
        }
    }
}

// C-46: all tries fail, and one of them meets a revoked token: the bound is reached.
#[tokio::test(start_paused = true)]
async fn the_replay_comes_on_top_of_the_tries() {
    let service = service();
    let retry = three_tries();
    let client = builder(&service).retry(retry).build().await.unwrap();
    client.get_assets().await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;

    service.revoke_tokens();
    let slow = "POST /user/obtain_token=latency:1s";
    inject(&service, &[slow]);
    let failing = tokio::spawn({
        let service = service.clone();
        async move {
            // The renewal is under way; what comes after it fails.
            tokio::time::sleep(Duration::from_millis(500)).await;
            inject(&service, &["GET /assets=503*9"]);
        }
    });
    let error = client.get_assets().await.unwrap_err();
    failing.await.unwrap();
    let ledger = ledger_of(&error);
    assert_eq!((ledger.attempts(), ledger.replays()), (ATTEMPTS, 1));
    assert_eq!(service.count(LIST.0, LIST.1), 1 + 4);
}
