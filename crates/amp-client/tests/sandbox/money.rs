//! Nothing that may have happened is sent twice.

use std::time::Duration;

use amp_client::{Error, ErrorKind};
use tokio::time::Instant;

use crate::rig::{builder, client, gold, inject, refusing, service, some_asset};

const ISSUE: (&str, &str) = ("POST", "/assets/issue");

// W-A11: upstream sent it three times; here the caller is told to look first.
#[tokio::test(start_paused = true)]
async fn an_issuance_whose_answer_is_lost_is_sent_once_and_said_to_be_uncertain() {
    for (fault, issued) in [
        ("POST /assets/issue=reset-after", 1),
        ("POST /assets/issue=reset", 0),
        ("POST /assets/issue=half-body", 1),
        ("POST /assets/issue=503", 0),
    ] {
        let service = service();
        let client = client(&service).await;
        inject(&service, &[fault]);
        let error = client.issue_asset(&gold()).await.unwrap_err();
        assert_eq!(service.count(ISSUE.0, ISSUE.1), 1, "{fault}");
        assert_eq!(service.issued_count(), issued, "{fault}");
        assert!(error.may_have_happened(), "{fault}: {error:?}");
        assert!(
            error.to_string().contains("may have happened"),
            "{fault}: {error}"
        );
    }
}

// W-A11, A-66: the seed gave up on time-outs only after three sends.
#[tokio::test(start_paused = true)]
async fn an_issuance_that_is_never_answered_is_sent_once() {
    let service = service();
    let client = client(&service).await;
    inject(&service, &["POST /assets/issue=stall"]);
    let begun = Instant::now();
    let error = client.issue_asset(&gold()).await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 60, "one try takes 60 s at most");
    assert_eq!(service.count(ISSUE.0, ISSUE.1), 1);
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    assert!(error.may_have_happened(), "{error:?}");
}

// W-A11: whichever timer ends the call, the warning does not depend on it.
#[tokio::test(start_paused = true)]
async fn an_issuance_that_the_deadline_cuts_off_may_have_happened_unless_only_the_token_was_waited_for()
 {
    for (fault, sent) in [
        ("POST /assets/issue=stall-after", 1),
        ("POST /assets/issue=latency:30s", 1),
        ("POST /user/obtain_token=stall*9", 0),
    ] {
        let service = service();
        let twenty = Duration::from_secs(20);
        let client = builder(&service)
            .total_timeout(twenty)
            .build()
            .await
            .unwrap();
        inject(&service, &[fault]);
        let error = client.issue_asset(&gold()).await.unwrap_err();
        assert!(matches!(error, Error::Stopped { .. }), "{fault}: {error:?}");
        assert_eq!(service.count(ISSUE.0, ISSUE.1), sent, "{fault}");
        assert_eq!(error.may_have_happened(), sent > 0, "{fault}: {error:?}");
    }
}

// a 429 was certainly not processed, so even an issuance is sent again, never too early.
#[tokio::test(start_paused = true)]
async fn an_issuance_that_met_a_limit_is_sent_again_after_the_wait_that_was_asked_for() {
    let service = service();
    let client = client(&service).await;
    inject(&service, &["POST /assets/issue=429:7"]);
    let begun = Instant::now();
    let issued = client.issue_asset(&gold()).await.unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(7),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(service.count(ISSUE.0, ISSUE.1), 2);
    assert_eq!(service.issued_count(), 1);
    assert_eq!(
        client.get_asset(&issued.asset_uuid).await.unwrap().name,
        "Gold coin"
    );
}

// the wait is everybody's, except that the token endpoint has its own pace.
#[tokio::test(start_paused = true)]
async fn one_limit_slows_every_call_of_the_client_but_not_its_token() {
    let service = service();
    let client = client(&service).await;
    let asset = some_asset(&client).await;
    inject(&service, &["GET /assets=429:10"]);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.get_assets().await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    client.force_refresh().await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    client.lock_asset(&asset).await.unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(9),
        "{:?}",
        begun.elapsed()
    );
    first.await.unwrap().unwrap();
}

// a rejected token is replaced and the request replayed: it was not processed.
#[tokio::test(start_paused = true)]
async fn an_issuance_with_a_revoked_token_is_replayed_once_with_a_new_one() {
    let service = service();
    let client = client(&service).await;
    client.get_assets().await.unwrap();
    service.revoke_tokens();
    client.issue_asset(&gold()).await.unwrap();
    assert_eq!(service.count(ISSUE.0, ISSUE.1), 2);
    assert_eq!(service.issued_count(), 1);
    assert_eq!(service.count("POST", "/user/obtain_token"), 2);
}

#[tokio::test(start_paused = true)]
async fn locking_is_sent_again_although_it_may_have_happened() {
    let service = service();
    let client = client(&service).await;
    let asset = some_asset(&client).await;
    inject(&service, &["PUT /assets/*/lock=reset-after"]);
    assert!(client.lock_asset(&asset).await.unwrap().is_locked);
    assert_eq!(service.count("PUT", &format!("/assets/{asset}/lock")), 2);
    assert!(!client.unlock_asset(&asset).await.unwrap().is_locked);
}

#[tokio::test(start_paused = true)]
async fn reading_is_repeated_after_server_errors_and_lost_answers() {
    let service = service();
    let client = client(&service).await;
    inject(&service, &["GET /assets=503", "GET /assets=reset-after"]);
    client.get_assets().await.unwrap();
    assert_eq!(service.count("GET", "/assets"), 3);
}

// a request that was never sent did nothing, whatever its class.
#[tokio::test(start_paused = true)]
async fn an_issuance_that_cannot_be_sent_did_not_happen() {
    let service = service();
    let unreachable = builder(&service)
        .mock_token("fixed")
        .transport(refusing())
        .build()
        .await
        .unwrap();
    let error = unreachable.issue_asset(&gold()).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(!error.may_have_happened(), "{error:?}");
    assert_eq!(error.call().unwrap().ledger().attempts(), 3);
}

//
#[tokio::test(start_paused = true)]
async fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let service = service();
    let client = client(&service).await;
    let mut nothing = gold();
    nothing.amount = 0;
    let error = client.issue_asset(&nothing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    let error = client.get_asset("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert_eq!(service.total(), 0);
}
