//! No error and no `Debug` output shows a user name, a password or a token.

use std::fmt::Debug;
use std::time::Duration;

use token_core::{ErrorClass, Failure, RefreshToken, StopReason, TokenError};
use token_manager::{
    AuthorizeLayer, Credentials, FixedCredentials, JsonProfile, Origins, PausedClock, Scheme,
    ScriptedProvider, SharedTokenProvider, SystemClock, TokenManager,
};
use tower::Layer;

use crate::api::{BASE, grant, rejection};
use crate::authority::{
    Answer, Authority, PASSWORD, TOKEN, Trouble, USER, failure_of, limited, status, stopped, token,
};

fn assert_hidden(shown: &str) {
    assert!(!shown.contains("canary"), "{shown}");
}

fn assert_debug_hides(value: &impl Debug) {
    assert_hidden(&format!("{value:?}"));
    assert_hidden(&format!("{value:#?}"));
}

// A-22, A-74, W-A05, W-A06, W-A07
#[tokio::test(start_paused = true)]
async fn debug_output_of_every_public_type_hides_credentials_and_tokens() {
    let authority = Authority::default();
    let login = authority.login(BASE);
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    let origins = Origins::of(&BASE.parse().unwrap());
    let layer = AuthorizeLayer::new(manager.clone(), origins.clone());
    let scripted = ScriptedProvider::with_latency(Duration::ZERO);
    let with_refresh = grant(TOKEN, Duration::from_secs(60))
        .with_refresh(RefreshToken::new("canary-refresh").ok());
    scripted.on_obtain(Ok(with_refresh));
    let credentials = Credentials::new(USER, PASSWORD);

    assert_debug_hides(&layer.layer(()));
    assert_debug_hides(&layer);
    assert_debug_hides(&origins);
    assert_debug_hides(&login);
    assert_debug_hides(&TokenManager::builder(login));
    assert_debug_hides(&manager);
    assert_debug_hides(&manager.try_current());
    assert_debug_hides(&manager.get_token_info().await);
    assert_debug_hides(&manager.status());
    assert_hidden(&manager.status().to_string());
    assert_debug_hides(&manager.get_token().await);
    assert_debug_hides(&scripted);
    assert_debug_hides(&SharedTokenProvider::new(scripted));
    assert_debug_hides(&credentials);
    assert_debug_hides(&FixedCredentials::new(credentials));
    assert_debug_hides(&(JsonProfile::amp(), Scheme::TOKEN, Scheme::BEARER));
    assert_debug_hides(&(SystemClock::default(), PausedClock::new()));
}

// A-74: while a flight is under way, too.
#[tokio::test(start_paused = true)]
async fn debug_output_during_a_flight_hides_the_token() {
    let authority = Authority::default();
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    let flight = manager.refresh_token();
    tokio::pin!(flight);
    assert!(futures_util::poll!(flight.as_mut()).is_pending());
    assert_debug_hides(&manager);
    flight.await.unwrap();
}

fn assert_error_hides(error: &(dyn std::error::Error + 'static)) {
    for error in std::iter::successors(Some(error), |error| error.source()) {
        assert_hidden(&error.to_string());
        assert_hidden(&format!("{error:?} {error:#?}"));
    }
}

fn unreadable(body: &'static str) -> Answer {
    Ok(rejection(200, body))
}

// A-39, A-74, W-A09: bodies that quote what was sent, or hold half a token.
#[tokio::test(start_paused = true)]
async fn errors_hide_what_the_authority_answers() {
    let answers = [
        status(400),
        status(401),
        status(404),
        status(500),
        status(302),
        limited("canary"),
        unreadable("canary-token"),
        unreadable(r#"{"token":"canary-token"#),
        unreadable(r#"{"token":{"canary-token":1}}"#),
        unreadable(r#"{"token":["canary-token"]}"#),
        unreadable(r#"{"canary-token":null}"#),
        unreadable("{\"token\":\"canary-token \\n\"}"),
        unreadable(r#"{"token":"canary-ü"}"#),
        unreadable(r#"{"token":"canary-token"} canary"#),
        stopped(StopReason::CircuitOpen),
        Err(Trouble::Failed(Failure::Connect, "refused")),
    ];
    for answer in answers {
        assert_error_hides(&failure_of(answer).await);
    }
}

// A-74: the rejection of a token and the failure of its renewal.
#[tokio::test(start_paused = true)]
async fn errors_of_a_renewal_hide_the_token() {
    for answer in [status(400), token("canary token"), status(503)] {
        let authority = Authority::scripted([token(TOKEN), status(500), answer]);
        let manager = authority.manager();
        manager.get_token().await.unwrap();
        assert_error_hides(&manager.refresh_token().await.unwrap_err());
        assert_debug_hides(&manager);
    }
}

// A-74, W-A02: a password in the URL is refused, and not shown.
#[tokio::test(start_paused = true)]
async fn a_base_url_with_a_password_is_refused_and_not_shown() {
    for base_url in [
        "https://canary-user:canary-pass@amp.example/api",
        "https://canary-user@amp.example/api",
    ] {
        let authority = Authority::default();
        let login = authority.login(base_url);
        assert_debug_hides(&login);
        let manager = TokenManager::builder(login).build();
        let error = manager.get_token().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Terminal);
        assert!(matches!(error, TokenError::Configuration(_)), "{error}");
        assert_error_hides(&error);
        assert!(authority.lines().is_empty());
    }
}
