//! Wrong passwords, and what errors tell.

use std::error::Error;

use amp_sandbox::DEFAULT_PASSWORD;
use cidx_client::{CidxClient, CidxError};
use tokio::time::sleep;

use super::{Desk, Fixture, secs};

/// The text of an error and of everything behind it.
fn told(error: &CidxError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

// C-36, C-62: X-36, nobody is locked out by us, and nobody waits five minutes for a typing error.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_sent_once_in_a_day_and_a_corrected_one_at_once() {
    let (fixture, desk) = Fixture::with_password("wrong").await;
    for _ in 0..24 {
        fixture.call().await.unwrap_err();
        sleep(secs(3600)).await;
    }
    assert_eq!(fixture.asked(), (1, 0));
    desk.correct();
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked(), (2, 0));
}

// C-62: X-36
#[tokio::test(start_paused = true)]
async fn wrong_passwords_never_open_the_circuit() {
    let (fixture, desk) = Fixture::with_password("wrong").await;
    for _ in 0..8 {
        fixture.client.tokens().obtain_token().await.unwrap_err();
    }
    assert_eq!(fixture.asked(), (8, 0));
    desk.correct();
    fixture.call().await.unwrap();
}

// C-66, C-67: each text says what to do, and none holds a password or a token.
#[tokio::test(start_paused = true)]
async fn errors_say_what_to_do_and_no_secret() {
    let cases = [
        ("", "correct the user name and the password"),
        ("POST /auth/login=503*always", "check that the server is up"),
        (
            "POST /auth/login=html*always",
            "check that the server is up",
        ),
        ("POST /auth/login=429:300*always", "asks to wait"),
        ("GET /repos=reset*always", "check the server address"),
        ("GET /repos=stall*always", "try again later"),
        ("GET /repos=503*always", "or try again later"),
        ("GET /repos=429:300*always", "try again later"),
        ("GET /repos=html*always", "check that the address"),
        ("GET /other=503", "correct the request"),
    ];
    for (fault, expected) in cases {
        let password = if fault.is_empty() {
            "wrong-canary"
        } else {
            DEFAULT_PASSWORD
        };
        let (fixture, _) = Fixture::with_password(password).await;
        let path = if fault.contains("/other") {
            "/api/nothing"
        } else {
            "/api/repos"
        };
        if !fault.is_empty() {
            fixture.inject(&[fault]);
        }
        let called = fixture.client.get_json::<serde_json::Value>(path).await;
        let text = told(&called.unwrap_err());
        assert!(text.contains(expected), "{fault}: {text}");
        assert!(!text.contains(password), "{fault}: {text}");
        assert!(!text.contains("eyJ"), "{fault}: {text}");
    }
}

// C-67
#[tokio::test]
async fn an_address_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    for address in [
        "",
        "cidx.example",
        "http://",
        "data:text",
        "https://ann@cidx.example",
        "https://cidx.example/?tenant=7",
        "https://cidx.example/#top",
    ] {
        let built = CidxClient::builder(address, Desk::with("canary")).build();
        let error = built.await.expect_err(address);
        assert!(matches!(error, CidxError::Settings(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("correct the server address"), "{text}");
    }
}

// A-74, W-A02
#[tokio::test]
async fn an_address_with_a_password_is_refused_and_not_shown() {
    let address = "https://ann:canary@cidx.example/?key=canary";
    let builder = CidxClient::builder(address, Desk::with("other"));
    let shown = format!("{builder:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let error = builder.build().await.unwrap_err();
    let shown = format!("{error:?} {}", told(&error));
    assert!(!shown.contains("canary"), "{shown}");
}
