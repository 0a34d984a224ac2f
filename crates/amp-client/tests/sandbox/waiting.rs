//! Waiting for what happens elsewhere.

use std::time::Duration;

use amp_client::{Error, ErrorKind, Polling};
use tokio::time::Instant;

use crate::scripted::{Act, answer, scripted};

fn transaction(blockheight: i64) -> Act {
    let body = format!(r#"{{"txid":"ab","blockheight":{blockheight},"inputs":[],"outputs":[]}}"#);
    answer(200, body)
}

fn distribution(status: &str) -> Act {
    let body = format!(
        r#"{{"distribution_uuid":"d","distribution_status":"{status}","transactions":[]}}"#
    );
    answer(200, body)
}

// W-A35: upstream slept for 60 s and hoped. Here the answer is taken when it is there.
#[tokio::test(start_paused = true)]
async fn a_transaction_is_waited_for_until_the_service_knows_it_mined() {
    let (client, book) = scripted(|_, number| match number {
        0 | 1 => answer(404, r#"{"detail":"Not found."}"#),
        2 => transaction(0),
        _ => transaction(7),
    })
    .await;
    let polling = Polling::new();
    let found = client.wait_for_asset_transaction("u", "ab", &polling).await;
    assert_eq!(found.unwrap().blockheight, 7);
    assert_eq!(book.lines()[0], "GET /assets/u/txs/ab");
    assert_eq!(book.seconds(), [0, 2, 6, 14]);
}

// W-A35
#[tokio::test(start_paused = true)]
async fn a_distribution_is_waited_for_until_it_is_confirmed() {
    let (client, book) = scripted(|_, number| match number {
        0 => distribution("UNCONFIRMED"),
        1 => distribution("SETTLING"),
        _ => distribution("CONFIRMED"),
    })
    .await;
    let found = client
        .wait_for_distribution("u", "d", &Polling::new())
        .await;
    assert!(found.unwrap().is_confirmed());
    assert_eq!(book.seconds(), [0, 2, 6]);
}

// W-A35: who waits gets an end, and the reason that was seen last.
#[tokio::test(start_paused = true)]
async fn waiting_ends_in_time_with_what_was_seen_last() {
    let minute = Polling::new().with_total(Duration::from_secs(60));
    let (client, _) = scripted(|_, _| transaction(0)).await;
    let begun = Instant::now();
    let error = client.wait_for_asset_transaction("u", "ab", &minute).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::NotYet(_)), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(!error.may_have_happened());
    assert!(begun.elapsed() <= Duration::from_secs(60));

    let (client, _) = scripted(|_, _| answer(404, r#"{"detail":"Not found."}"#)).await;
    let error = client.wait_for_asset_transaction("u", "ab", &minute).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_are_waited_out_and_others_end_the_waiting() {
    let (client, book) = scripted(|_, number| match number {
        0..9 => answer(503, ""),
        _ => transaction(7),
    })
    .await;
    let polling = Polling::new();
    let found = client.wait_for_asset_transaction("u", "ab", &polling).await;
    assert!(found.unwrap().is_mined());
    assert!(book.lines().len() >= 10);

    let (client, book) = scripted(|_, _| answer(403, r#"{"detail":"no"}"#)).await;
    let error = client.wait_for_asset_transaction("u", "ab", &polling).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(book.lines().len(), 1);

    let error = client.wait_for_asset_transaction("u", "", &polling).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Usage);
}
