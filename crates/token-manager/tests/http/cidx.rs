//! The life of a CIDX token: the login, the refresh by refresh token, and how long each lives.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use token_core::{CallContext, Idempotency, RefreshPolicy, TokenValidator};
use token_manager::{
    Credentials, FixedCredentials, JsonLogin, JsonProfile, PausedClock, Scheme, TokenManager,
};

use crate::authority::{self, Answer, Authority, PASSWORD, USER, jwt, status};

pub(crate) const SERVER: &str = "https://cidx.example";

/// When the clock of these tests starts.
pub(crate) const NOW: u64 = 1_800_000_000;

/// A token of this name that ends ten minutes after this moment, as the service makes them.
fn token(name: &str, issued: u64) -> String {
    jwt(
        "HS256",
        &json!({ "sub": name, "iat": issued, "exp": issued + 600 }),
    )
}

/// A success with this token and this refresh token.
fn tokens(access: &str, refresh: Option<&str>) -> Answer {
    let mut body = json!({
        "access_token": access,
        "token_type": "bearer",
        "user": { "username": USER, "role": "power_user" },
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
        body["refresh_token_expires_in"] = 604_800.into();
    }
    authority::json(200, &body)
}

pub(crate) fn manager_with(authority: &Authority, profile: JsonProfile) -> TokenManager {
    let credentials = FixedCredentials::new(Credentials::new(USER, PASSWORD));
    let server = SERVER.parse().unwrap();
    let login = JsonLogin::new(authority.service(), &server, profile, credentials);
    TokenManager::builder(login.with_clock(PausedClock::new()))
        .clock(PausedClock::new())
        .refresh_policy(RefreshPolicy::cidx())
        .seed(7)
        .build()
}

pub(crate) fn manager(authority: &Authority) -> TokenManager {
    manager_with(authority, JsonProfile::cidx())
}

fn headers(request: &Request<Bytes>) -> BTreeMap<&str, &str> {
    let all = request.headers().iter();
    all.map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

fn body(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

async fn minutes(minutes: u64) {
    tokio::time::advance(Duration::from_secs(60 * minutes)).await;
}

// C-33, X-35
#[tokio::test(start_paused = true)]
async fn a_login_posts_user_and_password_with_the_three_headers() {
    let first = token("first", NOW);
    let authority = Authority::scripted([tokens(&first, None)]);
    let manager = manager(&authority);
    assert_eq!(manager.get_token().await.unwrap().expose_secret(), first);

    assert_eq!(authority.lines(), [format!("POST {SERVER}/api/auth/login")]);
    let request = &authority.seen()[0];
    let expected = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("user-agent", "CIDX-Client/1.0"),
    ];
    assert_eq!(headers(request), expected.into());
    let expected = json!({ "username": USER, "password": PASSWORD });
    assert_eq!(body(request), expected);
    let header = manager.try_current().unwrap();
    assert_eq!(header.to_str().unwrap(), format!("Bearer {first}"));
    assert_eq!(JsonProfile::cidx().scheme(), Scheme::BEARER);
}

// C-48, W-C16, W-S08, X-13: the refresh token goes in the body, as the service wants it.
#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_by_its_refresh_token() {
    let answers = [
        tokens(&token("first", NOW), Some("refresh-1")),
        tokens(&token("second", NOW + 360), Some("refresh-2")),
    ];
    let authority = Authority::scripted(answers);
    let manager = manager(&authority);
    manager.get_token().await.unwrap();
    minutes(6).await;
    let renewed = manager.refresh_token().await.unwrap();
    assert_eq!(renewed.expose_secret(), token("second", NOW + 360));

    let expected = [
        format!("POST {SERVER}/api/auth/login"),
        format!("POST {SERVER}/api/auth/refresh"),
    ];
    assert_eq!(authority.lines(), expected);
    let request = &authority.seen()[1];
    assert_eq!(body(request), json!({ "refresh_token": "refresh-1" }));
    let expected = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("user-agent", "CIDX-Client/1.0"),
    ];
    assert_eq!(headers(request), expected.into());
}

// C-48: a refresh token that is shown twice looks stolen, so nobody below may repeat the request
// once it may have been worked on.
#[tokio::test(start_paused = true)]
async fn a_request_that_spends_its_refresh_token_is_not_to_be_repeated() {
    let answers = [
        tokens(&token("first", NOW), Some("refresh-1")),
        tokens(&token("second", NOW + 60), None),
    ];
    let authority = Authority::scripted(answers);
    let manager = manager(&authority);
    manager.get_token().await.unwrap();
    minutes(1).await;
    manager.refresh_token().await.unwrap();
    let seen = authority.seen();
    let classes = seen.iter().map(|request| {
        let call = request.extensions().get::<CallContext>().unwrap();
        call.idempotency()
    });
    let expected = [Idempotency::Idempotent, Idempotency::OnlyIfUnprocessed];
    assert_eq!(classes.collect::<Vec<_>>(), expected);
}

// W-C16: a new refresh token replaces the old one, and an answer without one keeps it.
#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_is_kept_and_one_that_is_not_rotated_too() {
    let answers = [
        tokens(&token("1", NOW), Some("refresh-1")),
        tokens(&token("2", NOW + 60), Some("refresh-2")),
        tokens(&token("3", NOW + 120), None),
        tokens(&token("4", NOW + 180), None),
    ];
    let authority = Authority::scripted(answers);
    let manager = manager(&authority);
    manager.get_token().await.unwrap();
    for _ in 0..3 {
        minutes(1).await;
        manager.refresh_token().await.unwrap();
    }
    let seen = authority.seen();
    let sent: Vec<Value> = seen[1..].iter().map(body).collect();
    let with = |refresh: &str| json!({ "refresh_token": refresh });
    assert_eq!(
        sent,
        [with("refresh-1"), with("refresh-2"), with("refresh-2")]
    );
}

// C-48, X-13: any failure of the refresh leads to one login, and the refresh token of that login
// counts from then on.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_is_refused_leads_to_one_login() {
    for code in [400, 401, 403, 409, 500, 503] {
        let answers = [
            tokens(&token("1", NOW), Some("spent")),
            status(code),
            tokens(&token("2", NOW + 60), Some("fresh")),
            tokens(&token("3", NOW + 120), None),
        ];
        let authority = Authority::scripted(answers);
        let manager = manager(&authority);
        manager.get_token().await.unwrap();
        minutes(1).await;
        let renewed = manager.refresh_token().await.unwrap();
        assert_eq!(renewed.expose_secret(), token("2", NOW + 60), "{code}");
        assert_eq!(authority.lines().len(), 3, "{code}");
        minutes(1).await;
        manager.refresh_token().await.unwrap();
        let last = body(&authority.seen()[3]);
        assert_eq!(last, json!({ "refresh_token": "fresh" }), "{code}");
    }
}

// C-48: without a refresh token there is nothing to ask for but a login.
#[tokio::test(start_paused = true)]
async fn without_a_refresh_token_a_renewal_is_a_login() {
    let answers = [
        tokens(&token("1", NOW), None),
        tokens(&token("2", NOW + 60), None),
    ];
    let authority = Authority::scripted(answers);
    let manager = manager(&authority);
    manager.get_token().await.unwrap();
    minutes(1).await;
    manager.refresh_token().await.unwrap();
    let login = format!("POST {SERVER}/api/auth/login");
    assert_eq!(authority.lines(), [login.clone(), login]);
}

// another service may put its refresh elsewhere.
#[tokio::test(start_paused = true)]
async fn the_path_of_the_refresh_can_be_changed() {
    let answers = [
        tokens(&token("1", NOW), Some("refresh-1")),
        tokens(&token("2", NOW + 60), None),
    ];
    let authority = Authority::scripted(answers);
    let profile = JsonProfile::cidx().with_refresh(Method::PUT, "/auth/refresh");
    let manager = manager_with(&authority, profile);
    manager.get_token().await.unwrap();
    minutes(1).await;
    manager.refresh_token().await.unwrap();
    assert_eq!(authority.lines()[1], format!("PUT {SERVER}/auth/refresh"));
    let sent = body(&authority.seen()[1]);
    assert_eq!(sent, json!({ "refresh_token": "refresh-1" }));
}

async fn lifetime_of(answer: Value, profile: JsonProfile) -> i64 {
    let authority = Authority::scripted([authority::json(200, &answer)]);
    let manager = manager_with(&authority, profile);
    manager.get_token().await.unwrap();
    let info = manager.get_token_info().await.unwrap();
    info.expires_in.whole_seconds()
}

// C-19, C-54: what the answer states, what the token itself says, and an hour for a token that is
// not looked at.
#[tokio::test(start_paused = true)]
async fn the_end_is_the_stated_one_then_the_tokens_own_then_an_hour() {
    let endless = || jwt("RS256", &json!({ "sub": USER }));
    let ten_minutes = || token("ten", NOW);
    for (answer, expected) in [
        (
            json!({ "access_token": endless(), "expires_in": 1800 }),
            1800,
        ),
        (
            json!({ "access_token": endless(), "expires_in": "1800" }),
            1800,
        ),
        (json!({ "access_token": ten_minutes() }), 600),
        (
            json!({ "access_token": ten_minutes(), "expires_in": null }),
            600,
        ),
        (
            json!({ "access_token": ten_minutes(), "expires_in": 86_400 }),
            600,
        ),
        (
            json!({ "access_token": ten_minutes(), "expires_in": 60 }),
            60,
        ),
    ] {
        let said = answer.to_string();
        assert_eq!(
            lifetime_of(answer, JsonProfile::cidx()).await,
            expected,
            "{said}"
        );
    }
    let opaque = || JsonProfile::cidx().with_validator(TokenValidator::Opaque);
    let answer = json!({ "access_token": "opaque" });
    assert_eq!(lifetime_of(answer, opaque()).await, 3600);
    let answer = json!({ "access_token": "opaque", "expires_in": 60 });
    assert_eq!(lifetime_of(answer, opaque()).await, 60);
}

// W-C21, C-23: the window of the story, not the two minutes of the code.
#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_in_its_last_five_minutes() {
    let hour = |name, issued: u64| {
        jwt(
            "RS256",
            &json!({ "sub": name, "iat": issued, "exp": issued + 3600 }),
        )
    };
    let answers = [
        tokens(&hour("first", NOW), Some("refresh-1")),
        tokens(&hour("second", NOW + 3300), None),
    ];
    let authority = Authority::scripted(answers);
    let manager = manager(&authority);
    manager.get_token().await.unwrap();
    tokio::time::advance(Duration::from_secs(3299)).await;
    manager.get_token().await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(authority.lines().len(), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    let held = manager.get_token().await.unwrap();
    assert_eq!(held.expose_secret(), hour("first", NOW), "nobody waits");
    tokio::time::sleep(Duration::from_millis(1)).await;
    let renewed = manager.get_token().await.unwrap();
    assert_eq!(renewed.expose_secret(), hour("second", NOW + 3300));
}
