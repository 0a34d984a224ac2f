//! What the grants of OAuth 2.0 look like on the wire, and how long their tokens live.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use serde_json::{Value, json};
use token_core::{JwtRules, TokenError, TokenValidator};
use token_manager::{
    ClientAuthentication, Credentials, OAuth2, PausedClock, SharedTokenProvider, TokenManager,
    TokenService, credentials_fn,
};
use url::form_urlencoded;

use crate::authority::{self, Answer, Authority, jwt, status};

pub(crate) const URL: &str = "https://auth.example/oauth2/token?tenant=7";

/// An id and a secret that do not survive without being encoded.
const ID: &str = "canary:id é";
const SECRET: &str = "canary&secret=+%";

pub(crate) fn provider(authority: &Authority) -> OAuth2<impl TokenService> {
    let credentials = credentials_fn(|| Ok(Credentials::new(ID, SECRET)));
    let provider = OAuth2::new(authority.service(), &URL.parse().unwrap(), credentials);
    provider.with_clock(PausedClock::new())
}

pub(crate) fn managed(provider: OAuth2<impl TokenService>) -> TokenManager {
    let builder = TokenManager::builder(provider).clock(PausedClock::new());
    builder.seed(7).build()
}

/// A success with these members besides the token of this text.
fn granted(access: &str, more: Value) -> Answer {
    let mut body = json!({ "access_token": access, "token_type": "Bearer" });
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    authority::json(200, &body)
}

fn form(request: &Request<Bytes>) -> BTreeMap<String, String> {
    let pairs: Vec<_> = form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let count = pairs.len();
    let map = BTreeMap::from_iter(pairs);
    assert_eq!(map.len(), count, "no parameter twice");
    map
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into()
}

// RFC 6750 section 2.1: the provider knows how its tokens are shown, also when it is shared.
#[tokio::test(start_paused = true)]
async fn the_token_is_shown_as_a_bearer_token() {
    let authority = Authority::scripted([granted("first", json!({}))]);
    let provider = SharedTokenProvider::new(provider(&authority));
    let manager = TokenManager::builder(provider).build();
    manager.get_token().await.unwrap();
    assert_eq!(manager.try_current().unwrap(), "Bearer first");
}

// RFC 6749 sections 4.4.2 and 2.3.1
#[tokio::test(start_paused = true)]
async fn a_login_is_the_client_credentials_grant_with_basic_authentication() {
    let authority = Authority::scripted([granted("first", json!({ "expires_in": 600 }))]);
    let manager = managed(provider(&authority));
    assert_eq!(manager.get_token().await.unwrap().expose_secret(), "first");

    assert_eq!(authority.lines(), [format!("POST {URL}")]);
    let request = &authority.seen()[0];
    assert_eq!(form(request), pairs([("grant_type", "client_credentials")]));
    assert_eq!(request.headers()[header::ACCEPT], "application/json");
    assert_eq!(
        request.headers()[header::CONTENT_TYPE],
        "application/x-www-form-urlencoded"
    );
    let basic = &request.headers()[header::AUTHORIZATION];
    assert!(basic.is_sensitive());
    let encoded = basic.to_str().unwrap().strip_prefix("Basic ").unwrap();
    let decoded = data_encoding::BASE64.decode(encoded.as_bytes()).unwrap();
    let expected = "canary%3Aid+%C3%A9:canary%26secret%3D%2B%25";
    assert_eq!(String::from_utf8(decoded).unwrap(), expected);
}

// RFC 6749 sections 2.3.1 and 3.3
#[tokio::test(start_paused = true)]
async fn the_client_can_show_itself_in_the_body_and_ask_for_more() {
    let authority = Authority::scripted([granted("first", json!({}))]);
    let provider = provider(&authority)
        .with_client_authentication(ClientAuthentication::Body)
        .with_scope("read write")
        .with_parameter("audience", "https://api.example/?a=b&c")
        .with_parameter("resource", "ü");
    managed(provider).get_token().await.unwrap();
    let request = &authority.seen()[0];
    let expected = pairs([
        ("grant_type", "client_credentials"),
        ("scope", "read write"),
        ("client_id", ID),
        ("client_secret", SECRET),
        ("audience", "https://api.example/?a=b&c"),
        ("resource", "ü"),
    ]);
    assert_eq!(form(request), expected);
    assert!(!request.headers().contains_key(header::AUTHORIZATION));
}

// C-48, W-C16: RFC 6749 section 6: a new refresh token replaces the old one, no new one keeps it.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_used_rotated_and_kept() {
    let authority = Authority::scripted([
        granted(
            "1",
            json!({ "expires_in": 600, "refresh_token": "refresh-1" }),
        ),
        granted(
            "2",
            json!({ "expires_in": 700, "refresh_token": "refresh-2" }),
        ),
        granted("3", json!({ "expires_in": 800 })),
        granted("4", json!({ "expires_in": 900 })),
    ]);
    let provider = provider(&authority)
        .with_scope("read")
        .with_parameter("audience", "api");
    let manager = managed(provider);
    manager.get_token().await.unwrap();
    for expected in ["2", "3", "4"] {
        let renewed = manager.refresh_token().await.unwrap();
        assert_eq!(renewed.expose_secret(), expected);
    }
    for (request, refresh) in
        authority.seen()[1..]
            .iter()
            .zip(["refresh-1", "refresh-2", "refresh-2"])
    {
        let expected = pairs([
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("audience", "api"),
        ]);
        assert_eq!(form(request), expected);
        assert!(request.headers().contains_key(header::AUTHORIZATION));
    }
}

// RFC 6749 section 4.4.3: the usual answer has no refresh token.
#[tokio::test(start_paused = true)]
async fn without_a_refresh_token_a_renewal_is_a_login() {
    let authority = Authority::scripted([granted("1", json!({})), granted("2", json!({}))]);
    let manager = managed(provider(&authority));
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    for request in authority.seen() {
        assert_eq!(form(&request)["grant_type"], "client_credentials");
    }
}

// RFC 6749 section 5.2: a refresh token that is over leads to one login.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_is_not_valid_any_more_leads_to_a_login() {
    let invalid = json!({ "error": "invalid_grant", "error_description": "canary" });
    for answer in [authority::json(400, &invalid), status(503)] {
        let authority = Authority::scripted([
            granted("1", json!({ "refresh_token": "spent" })),
            answer,
            granted("2", json!({})),
        ]);
        let manager = managed(provider(&authority));
        manager.get_token().await.unwrap();
        let renewed = manager.refresh_token().await.unwrap();
        assert_eq!(renewed.expose_secret(), "2");
        assert_eq!(authority.lines().len(), 3);
    }
}

async fn lifetime_of(provider: OAuth2<impl TokenService>) -> i64 {
    let manager = managed(provider);
    manager.get_token().await.unwrap();
    let info = manager.get_token_info().await.unwrap();
    info.expires_in.whole_seconds()
}

// C-19: RFC 6749 section 5.1: a number, the same as text, and what is assumed without either.
#[tokio::test(start_paused = true)]
async fn the_lifetime_is_the_stated_one_or_assumed() {
    for (more, expected) in [
        (json!({ "expires_in": 600 }), 600),
        (json!({ "expires_in": "600" }), 600),
        (json!({ "expires_in": 2_592_000 }), 2_592_000),
        (json!({ "expires_in": null }), 3600),
        (json!({}), 3600),
    ] {
        let authority = Authority::scripted([granted("opaque", more)]);
        assert_eq!(lifetime_of(provider(&authority)).await, expected);
    }
    let authority = Authority::scripted([granted("opaque", json!({}))]);
    let patient = provider(&authority).with_assumed_lifetime(Duration::from_secs(90));
    assert_eq!(lifetime_of(patient).await, 90);
}

// C-54, X-26: and what a JWT says itself, where the rules ask for one.
#[tokio::test(start_paused = true)]
async fn tokens_can_be_held_to_rules() {
    let rules = || TokenValidator::Jwt(JwtRules::default());
    let good = jwt("RS256", &json!({ "iat": 0, "exp": 450 }));
    let authority = Authority::scripted([granted(&good, json!({}))]);
    let strict = provider(&authority).with_validator(rules());
    assert_eq!(lifetime_of(strict).await, 450);
    let authority = Authority::scripted([granted("opaque", json!({ "expires_in": 60 }))]);
    let strict = provider(&authority).with_validator(rules());
    let error = managed(strict).get_token().await.unwrap_err();
    assert!(matches!(error, TokenError::Validation(_)), "{error}");
}
