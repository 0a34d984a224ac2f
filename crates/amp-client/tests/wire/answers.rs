//! What comes back, and what never gets there.

use amp_client::{
    ApiClient, CallFacts, Credentials, Error, ErrorKind, FixedCredentials, Unreadable,
};
use httpmock::prelude::*;
use serde_json::json;

use crate::rig::{TOKEN, builder, client, login};

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

// A-60: no trust is another failure than no connection.
#[tokio::test]
async fn a_server_without_tls_where_tls_was_asked_for_is_said_to_be_that() {
    let server = MockServer::start_async().await;
    let anything = server
        .mock_async(|_when, then| drop(then.status(200)))
        .await;
    let url = format!("https://{}/api", server.address());
    let retry = amp_client::RetryConfig::instant();
    let client = builder(&server)
        .base_url(&url)
        .retry(retry)
        .build()
        .await
        .unwrap();
    for error in [
        client.get_info().await.unwrap_err(),
        client.get_assets().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
        assert!(error.to_string().contains("TLS"), "{error}");
    }
    anything.assert_calls_async(0).await;
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
