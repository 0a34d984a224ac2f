//! What a provider can send through: any service, also two of them, and whatever they fail with.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;
use token_core::{ErrorClass, Ledger, StopReason, Stopped, TokenError};
use token_manager::{
    Credentials, FixedCredentials, JsonLogin, JsonProfile, OAuth2, PausedClock, TokenManager,
    TokenService,
};
use tower::{BoxError, ServiceBuilder, service_fn};

use crate::api::{BASE, rejection};
use crate::authority::{Answer, Authority, PASSWORD, USER, failure_of, stopped, token};

fn credentials() -> FixedCredentials {
    FixedCredentials::new(Credentials::new(USER, PASSWORD))
}

fn amp_over<S: TokenService>(service: S) -> TokenManager {
    let base_url = BASE.parse().unwrap();
    let login = JsonLogin::new(service, &base_url, JsonProfile::amp(), credentials());
    let builder = TokenManager::builder(login.with_clock(PausedClock::new()));
    builder.clock(PausedClock::new()).seed(7).build()
}

fn oauth2_over<S: TokenService>(service: S) -> TokenManager {
    let token_url = "https://auth.example/token".parse().unwrap();
    let provider = OAuth2::new(service, &token_url, credentials()).with_clock(PausedClock::new());
    let builder = TokenManager::builder(provider);
    builder.clock(PausedClock::new()).seed(7).build()
}

/// A service that fails with this error, boxed.
fn failing<E>(error: impl Fn() -> E + Clone + Send + Sync + 'static) -> impl TokenService
where
    E: Into<BoxError>,
{
    service_fn(move |_: Request<Bytes>| {
        std::future::ready(Err::<Response<Bytes>, BoxError>(error().into()))
    })
}

// C-40: `tower::BoxError` is an error like any other.
#[tokio::test(start_paused = true)]
async fn a_boxed_error_is_named_and_classified() {
    let unplugged = || std::io::Error::other("unplugged");
    for manager in [
        amp_over(failing(unplugged)),
        oauth2_over(failing(unplugged)),
    ] {
        let error = manager.get_token().await.unwrap_err();
        let expected = "Token obtain failed after 1 attempts: unplugged";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.class(), ErrorClass::Transient);
        let mut sources = std::iter::successors(std::error::Error::source(&error), |e| e.source());
        assert!(
            sources.any(|source| source.is::<std::io::Error>()),
            "{error:?}"
        );
    }
}

// a layer's own verdict is found inside the box.
#[tokio::test(start_paused = true)]
async fn the_verdict_of_a_layer_is_found_in_a_boxed_error() {
    let verdict = |reason| Stopped::new(reason, Ledger::default());
    let slow = move || verdict(StopReason::Deadline(Duration::from_secs(40)));
    let error = amp_over(failing(slow)).get_token().await.unwrap_err();
    assert_eq!(error.to_string(), "Request timeout after 40 seconds");
    let wait = Duration::from_secs(9);
    let limited =
        move || verdict(StopReason::RateLimited).with_retry_at(std::time::UNIX_EPOCH, wait);
    let error = oauth2_over(failing(limited)).get_token().await.unwrap_err();
    assert_eq!(error.to_string(), "Rate limited: retry after 9 seconds");
}

// an ordinary tower stack will do.
#[tokio::test(start_paused = true)]
async fn a_stack_of_ordinary_layers_is_a_service_for_logins() {
    let authority = Authority::default();
    let stack = ServiceBuilder::new()
        .map_err(BoxError::from)
        .service(authority.service());
    let manager = amp_over(stack);
    manager.get_token().await.unwrap();
    assert_eq!(authority.lines().len(), 1);
}

/// A manager whose logins go to one service and whose refreshes to another.
fn split(logins: &Authority, refreshes: &Authority) -> TokenManager {
    let base_url = BASE.parse().unwrap();
    let profile = JsonProfile::amp();
    let login = JsonLogin::new(logins.service(), &base_url, profile, credentials())
        .with_refresh_service(refreshes.service())
        .with_clock(PausedClock::new());
    let builder = TokenManager::builder(login);
    builder.clock(PausedClock::new()).seed(7).build()
}

// an open breaker around the login leaves a token free to renew itself.
#[tokio::test(start_paused = true)]
async fn refreshes_can_have_a_service_of_their_own() {
    let open = || stopped(StopReason::CircuitOpen);
    let logins = Authority::scripted([token("first"), open()]);
    let refreshes = Authority::scripted([token("second"), open()]);
    let manager = split(&logins, &refreshes);
    manager.get_token().await.unwrap();
    let renewed = manager.refresh_token().await.unwrap();
    assert_eq!(renewed.expose_secret(), "second");
    assert_eq!(logins.lines(), [format!("POST {BASE}/user/obtain_token")]);
    let refresh = format!("GET {BASE}/user/refresh-token");
    assert_eq!(refreshes.lines(), [refresh]);

    let error = manager.refresh_token().await.unwrap_err();
    assert_eq!((logins.lines().len(), refreshes.lines().len()), (2, 2));
    assert!(matches!(error, TokenError::ObtainFailed(_)), "{error}");
}

fn redirect(code: u16) -> Answer {
    let body = json!({ "token": "canary", "access_token": "canary", "token_type": "bearer" });
    let mut answer = rejection(code, "");
    *answer.body_mut() = Bytes::from(body.to_string());
    let place = "https://elsewhere.example/?token=canary".parse().unwrap();
    answer.headers_mut().insert("location", place);
    Ok(answer)
}

// W-C22: what is behind a redirect would get the credentials; what it carries is not a token.
#[tokio::test(start_paused = true)]
async fn a_redirect_is_an_error_and_is_not_followed() {
    for code in [301, 302, 303, 307, 308] {
        let authority = Authority::scripted([redirect(code), redirect(code)]);
        for manager in [authority.manager(), oauth2_over(authority.service())] {
            let error = manager.get_token().await.unwrap_err();
            assert_eq!(error.class(), ErrorClass::Transient);
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains(&format!("Unexpected answer: {code}")),
                "{shown}"
            );
            assert!(
                !shown.contains("canary") && !shown.contains("elsewhere"),
                "{shown}"
            );
        }
        assert_eq!(authority.lines().len(), 2, "one request of each");
    }
    failure_of(redirect(304)).await;
}
