//! What goes over real sockets, to the byte.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use amp_client::{
    ApiClient, ApiClientBuilder, Call, CallFacts, Credentials, Error, ErrorKind, FixedCredentials,
    IssueAsset, Request, Unreadable, operations,
};
use httpmock::prelude::*;
use serde_json::json;

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";
const NEXT: &str = "89abcdef0123456789abcdef0123456789abcdef";

fn builder(server: &MockServer) -> ApiClientBuilder {
    let credentials = Credentials::new("issuer", "p4ss \"word\" ü");
    ApiClient::builder()
        .base_url(&server.url("/api/"))
        .credentials(FixedCredentials::new(credentials))
}

async fn client(server: &MockServer) -> ApiClient {
    builder(server).build().await.unwrap()
}

/// The login of a service that hands out [`TOKEN`].
async fn login(server: &MockServer) -> httpmock::Mock<'_> {
    server
        .mock_async(|when, then| {
            when.method(POST).path("/api/user/obtain_token");
            then.status(200).json_body(json!({ "token": TOKEN }));
        })
        .await
}

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

// A-30, X-02: a GET with a hyphen, the current token, no body.
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

// A-65
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

// X-45: 201 with the values of the service, and exactly the keys that were set.
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

// A-69, X-45: no body is no failure where none is needed.
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

// W-A02: what one service hands out is never seen by another, not even through a redirect.
#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_with_its_service() {
    let (server, other) = (
        MockServer::start_async().await,
        MockServer::start_async().await,
    );
    login(&server).await;
    let elsewhere = other.url("/api/assets");
    server
        .mock_async(|when, then| {
            when.method(GET).path("/api/assets");
            then.status(302).header("location", elsewhere);
        })
        .await;
    let trap = other
        .mock_async(|_when, then| drop(then.status(200).body("[]")))
        .await;
    let error = client(&server).await.get_assets().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(302))
    );
    trap.assert_calls_async(0).await;
}

// W-A02: the login goes to the service that the token is for.
#[tokio::test]
async fn each_client_logs_in_at_its_own_service() {
    let (one, other) = (
        MockServer::start_async().await,
        MockServer::start_async().await,
    );
    let logins = (login(&one).await, login(&other).await);
    client(&one).await.get_token().await.unwrap();
    logins.0.assert_calls_async(1).await;
    logins.1.assert_calls_async(0).await;
}

// A-39, A-68, W-A09
#[tokio::test]
async fn answers_of_the_token_endpoint_that_hold_no_token_are_not_stored_and_not_quoted() {
    for body in [
        "<html>0123</html>",
        r#"{"token":"0123"#,
        r#"{"key":"0123"}"#,
        r#"{"token":"0123 4567"}"#,
    ] {
        let server = MockServer::start_async().await;
        server
            .mock_async(|when, then| {
                when.method(POST);
                then.status(200).body(body);
            })
            .await;
        let client = client(&server).await;
        let error = client.get_token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{body}: {error:?}");
        assert!(!error.to_string().contains("0123"), "{body}: {error}");
        assert!(client.get_token_info().await.is_none());
    }
}

#[tokio::test]
async fn a_token_answer_larger_than_64_kib_is_refused() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.method(POST);
            then.status(200).body(format!(
                r#"{{"token":"{TOKEN}","pad":"{}"}}"#,
                "x".repeat(70_000)
            ));
        })
        .await;
    let error = client(&server).await.get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error:?}");
    assert!(error.to_string().contains("65536"), "{error}");
}

// A-57, W-A14
#[tokio::test]
async fn a_wrong_password_an_unreachable_host_and_a_page_are_three_kinds() {
    let server = MockServer::start_async().await;
    let refuse = server
        .mock_async(|when, then| {
            when.method(POST);
            then.status(400).json_body(json!({
                "non_field_errors": ["Unable to log in with provided credentials."]
            }));
        })
        .await;
    let page = server
        .mock_async(|when, then| {
            when.method(GET).path("/api/info");
            then.status(200)
                .body("<!doctype html><title>Welcome</title>");
        })
        .await;
    let client = client(&server).await;
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    refuse.assert_calls_async(1).await;

    let error = client.get_info().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Decode {
                reason: Unreadable::Html,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.call().map(CallFacts::operation), Some("GET /info"));
    page.assert_async().await;

    let retry = amp_client::RetryConfig::instant();
    let nowhere = ApiClient::builder()
        .base_url("http://127.0.0.1:1/api")
        .retry(retry);
    let error = nowhere.build().await.unwrap().get_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}

// W-A26: a password never travels in clear text beyond this machine.
#[tokio::test]
async fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    let client = ApiClient::builder()
        .base_url("http://192.0.2.1/api")
        .credentials(FixedCredentials::new(Credentials::new("issuer", "p4ss")))
        .build()
        .await
        .unwrap();
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(error.to_string().contains("plain http"), "{error}");
}
