//! What a login and a refresh look like on the wire.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use token_core::{CallContext, ErrorClass, Idempotency, TokenError, TokenFailure};
use token_manager::{
    CredentialSource, Credentials, FlightContext, JsonLogin, JsonProfile, PausedClock,
    TokenManager, TokenProvider,
};

use crate::api::BASE;
use crate::authority::{Authority, PASSWORD, TOKEN, USER, status, token};

fn headers(request: &Request<Bytes>) -> BTreeMap<&str, &str> {
    let all = request.headers().iter();
    all.map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

// A-29
#[tokio::test(start_paused = true)]
async fn a_login_posts_user_and_password_as_json_without_authorization() {
    let authority = Authority::default();
    let got = authority.manager().get_token().await.unwrap();
    assert_eq!(got.expose_secret(), TOKEN);

    assert_eq!(
        authority.lines(),
        [format!("POST {BASE}/user/obtain_token")]
    );
    let request = &authority.seen()[0];
    let json = "application/json";
    let expected = [("accept", json), ("content-type", json)];
    assert_eq!(headers(request), expected.into());
    let body = serde_json::from_slice::<serde_json::Value>(request.body()).unwrap();
    let expected = serde_json::json!({ "username": USER, "password": PASSWORD });
    assert_eq!(body, expected);
}

#[tokio::test(start_paused = true)]
async fn a_provider_can_be_asked_without_a_manager_and_knows_its_deadline() {
    let authority = Authority::default();
    let flight = FlightContext::for_tests(Duration::from_secs(40));
    let grant = authority.login(BASE).obtain(&flight).await.unwrap();
    assert_eq!(grant.access.expose_secret(), TOKEN);
    assert_eq!(flight.call().total(), Some(Duration::from_secs(40)));
}

// A-30, A-33, W-A01
#[tokio::test(start_paused = true)]
async fn a_refresh_gets_a_token_with_the_current_one_and_no_body() {
    let authority = Authority::scripted([token("first"), token("second")]);
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    let refreshed = manager.refresh_token().await.unwrap();
    assert_eq!(refreshed.expose_secret(), "second");

    let expected = [
        format!("POST {BASE}/user/obtain_token"),
        format!("GET {BASE}/user/refresh-token"),
    ];
    assert_eq!(authority.lines(), expected);
    let request = &authority.seen()[1];
    let expected = [
        ("accept", "application/json"),
        ("authorization", "token first"),
    ];
    assert_eq!(headers(request), expected.into());
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    assert!(request.body().is_empty());
}

// A-30: X-02 keeps the verb open.
#[tokio::test(start_paused = true)]
async fn a_refresh_can_use_another_method_and_path() {
    let authority = Authority::default();
    let profile = JsonProfile::amp().with_refresh(Method::POST, "/token/renew");
    let manager = with_profile(&authority, profile);
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    assert_eq!(authority.lines()[1], format!("POST {BASE}/token/renew"));
}

fn with_profile(authority: &Authority, profile: JsonProfile) -> TokenManager {
    let credentials = Rotating::default();
    let base_url = BASE.parse().unwrap();
    let login = JsonLogin::new(authority.service(), &base_url, profile, credentials);
    let builder = TokenManager::builder(login);
    builder.clock(PausedClock::new()).build()
}

// A-19
#[tokio::test(start_paused = true)]
async fn a_token_lives_for_a_day_unless_the_profile_says_otherwise() {
    for (profile, hours) in [
        (JsonProfile::amp(), 24),
        (
            JsonProfile::amp().with_assumed_lifetime(Duration::from_secs(7_200)),
            2,
        ),
    ] {
        let manager = with_profile(&Authority::default(), profile);
        manager.get_token().await.unwrap();
        let info = manager.get_token_info().await.unwrap();
        assert_eq!(info.expires_in.whole_hours(), hours, "{info:?}");
    }
}

// W-A26: X-35.
#[tokio::test(start_paused = true)]
async fn paths_are_appended_to_the_path_of_the_base_url() {
    for (base_url, expected) in [
        ("https://amp.example", "https://amp.example"),
        ("https://amp.example/", "https://amp.example"),
        ("https://amp.example/api", "https://amp.example/api"),
        ("https://amp.example/api/", "https://amp.example/api"),
        ("https://amp.example/api//", "https://amp.example/api"),
        (
            "https://amp.example:8443/a/b/",
            "https://amp.example:8443/a/b",
        ),
        ("https://amp.example/a%20b/", "https://amp.example/a%20b"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api"),
    ] {
        let authority = Authority::default();
        let manager = TokenManager::builder(authority.login(base_url)).build();
        manager.get_token().await.unwrap();
        let expected = format!("POST {expected}/user/obtain_token");
        assert_eq!(authority.lines(), [expected], "{base_url}");
    }
}

// W-A26: a path behind a query would send the password to another place.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_base_url_is_refused_before_anything_is_sent() {
    for base_url in [
        "https://amp.example/api?page=1",
        "https://amp.example/api#top",
        "mailto:amp@example.org",
        "file:///etc",
    ] {
        let authority = Authority::default();
        let manager = TokenManager::builder(authority.login(base_url)).build();
        let error = manager.get_token().await.unwrap_err();
        assert!(matches!(error, TokenError::Configuration(_)), "{error}");
        assert!(authority.lines().is_empty(), "{base_url}");
    }
}

/// Other credentials at each login, the third of which is missing.
#[derive(Debug, Default)]
struct Rotating(AtomicU32);

impl CredentialSource for Rotating {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        if number == 3 {
            let reason = "AMP_PASSWORD is not set";
            let failure = TokenFailure::new(ErrorClass::Terminal, reason);
            return Err(TokenError::Configuration(failure));
        }
        Ok(Credentials::new("user", format!("password-{number}")))
    }
}

// A-01, A-32: and a refresh needs none.
#[tokio::test(start_paused = true)]
async fn credentials_are_asked_for_at_each_login() {
    let authority = Authority::default();
    let manager = with_profile(&authority, JsonProfile::amp());
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    manager.obtain_token().await.unwrap();
    let body = |number: usize| authority.seen()[number].body().clone();
    assert_eq!(body(0), r#"{"username":"user","password":"password-1"}"#);
    assert_eq!(body(2), r#"{"username":"user","password":"password-2"}"#);

    let error = manager.obtain_token().await.unwrap_err();
    let expected = "Configuration error: AMP_PASSWORD is not set";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.class(), ErrorClass::Terminal);
    assert_eq!(authority.lines().len(), 3, "nothing is sent without them");
}

// A-27: refresh and login share the budget of 40 s, and asking twice for a token does no harm.
#[tokio::test(start_paused = true)]
async fn requests_say_their_class_and_how_long_they_may_take() {
    let authority = Authority::scripted([token("first"), status(500), token("second")]);
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    let seen = authority.seen();
    let calls = seen.iter().map(|request| {
        let call = request.extensions().get::<CallContext>().unwrap();
        assert_eq!(call.idempotency(), Idempotency::Idempotent);
        assert!(call.deadline().is_some());
        call.total().unwrap().as_secs()
    });
    assert_eq!(calls.collect::<Vec<_>>(), [40, 20, 40]);
}
