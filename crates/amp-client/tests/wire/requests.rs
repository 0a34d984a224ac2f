//! What is sent, to the byte.

use amp_client::{Call, Error, IssueAsset, Request, operations};
use httpmock::prelude::*;
use serde_json::json;

use crate::rig::{NEXT, TOKEN, client, login};

// A-29, W-A26: one slash where path and base meet, and no token that nobody has yet.
#[tokio::test]
async fn the_login_is_a_post_of_name_and_password_without_authorization() {
    let server = MockServer::start_async().await;
    let login = server
        .mock_async(|when, then| {
            when.method(POST)
                .path("/api/user/obtain_token")
                .header("content-type", "application/json")
                .header("accept", "application/json")
                .header_missing("authorization")
                .json_body(json!({ "username": "issuer", "password": "p4ss \"word\" ü" }));
            then.status(200).json_body(json!({ "token": TOKEN }));
        })
        .await;
    let token = client(&server).await.get_token().await.unwrap();
    assert_eq!(token.expose_secret(), TOKEN);
    login.assert_async().await;
}

// a GET with a hyphen, the current token, no body.
#[tokio::test]
async fn the_refresh_is_a_get_with_the_current_token_and_no_body() {
    let server = MockServer::start_async().await;
    let login = login(&server).await;
    let refresh = server
        .mock_async(|when, then| {
            when.method(GET)
                .path("/api/user/refresh-token")
                .header("authorization", format!("token {TOKEN}"))
                .header_missing("content-type")
                .is_true(|request| request.body().is_empty());
            then.status(200).json_body(json!({ "token": NEXT }));
        })
        .await;
    let client = client(&server).await;
    client.get_token().await.unwrap();
    assert_eq!(client.refresh_token().await.unwrap().expose_secret(), NEXT);
    assert_eq!(client.get_token().await.unwrap().expose_secret(), NEXT);
    login.assert_async().await;
    refresh.assert_async().await;
}

//
#[tokio::test]
async fn an_api_call_carries_the_token_in_the_word_of_the_service() {
    let server = MockServer::start_async().await;
    let login = login(&server).await;
    let list = server
        .mock_async(|when, then| {
            when.method(GET)
                .path("/api/assets")
                .header("authorization", format!("token {TOKEN}"))
                .header("accept", "application/json")
                .header_includes("user-agent", "amp-rust/")
                .header_missing("content-type")
                .is_true(|request| request.body().is_empty());
            then.status(200).json_body(json!([]));
        })
        .await;
    let client = client(&server).await;
    for _ in 0..2 {
        assert!(client.get_assets().await.unwrap().is_empty());
    }
    list.assert_calls_async(2).await;
    login.assert_async().await;
}

// 201 with the values of the service, and exactly the keys that were set.
#[tokio::test]
async fn an_issuance_posts_the_keys_that_were_set_and_accepts_a_201() {
    let server = MockServer::start_async().await;
    login(&server).await;
    let issue = IssueAsset {
        name: "Gold coin".into(),
        amount: 2_100_000_000_000_000,
        destination_address: "vjTv".into(),
        domain: "gold.example".into(),
        ticker: "GOLD".into(),
        pubkey: "02ab".into(),
        is_reissuable: Some(false),
        ..IssueAsset::default()
    };
    let issued = server
        .mock_async(|when, then| {
            when.method(POST)
                .path("/api/assets/issue")
                .header("content-type", "application/json")
                .json_body(json!({
                    "name": "Gold coin", "amount": 2_100_000_000_000_000_i64,
                    "destination_address": "vjTv", "domain": "gold.example", "ticker": "GOLD",
                    "pubkey": "02ab", "is_reissuable": false,
                }));
            then.status(201).json_body(json!({
                "name": "Gold coin", "amount": 2_100_000_000_000_000_i64, "asset_id": "ab",
                "asset_uuid": "u-1", "txid": "cd", "vin": 0, "asset_vout": 1,
            }));
        })
        .await;
    let answer = client(&server).await.issue_asset(&issue).await.unwrap();
    assert_eq!(
        (answer.amount, answer.asset_uuid.as_str()),
        (2_100_000_000_000_000, "u-1")
    );
    issued.assert_async().await;
}

// no body is no failure where none is needed.
#[tokio::test]
async fn a_call_without_a_result_accepts_an_answer_without_a_body() {
    let server = MockServer::start_async().await;
    login(&server).await;
    let delete = server
        .mock_async(|when, then| {
            when.method(DELETE).path("/api/assets/u-1/delete");
            then.status(204);
        })
        .await;
    let request = Request::new(&operations::DELETE_ASSET, &["u-1"]).unwrap();
    let done: Result<(), Error> = client(&server).await.send(&Call::new(request)).await;
    assert!(done.is_ok(), "{done:?}");
    delete.assert_async().await;
}
