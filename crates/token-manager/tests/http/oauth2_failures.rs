//! What the errors of an OAuth 2.0 token endpoint become.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use token_core::{ErrorClass, TokenError, TokenFailure};
use token_manager::{Credentials, OAuth2, TokenProvider, credentials_fn};

use crate::api::rejection;
use crate::authority::{self, Answer, Authority, PASSWORD, USER, status};
use crate::oauth2::{URL, managed, provider};

async fn failure_of(answer: Answer) -> TokenError {
    let authority = Authority::scripted([answer]);
    managed(provider(&authority)).get_token().await.unwrap_err()
}

fn error(status: u16, code: &str) -> Answer {
    let body = json!({
        "error": code,
        "error_description": "canary-id was wrong",
        "error_uri": "https://canary.example",
    });
    authority::json(status, &body)
}

// C-66: RFC 6749 section 5.2: the code is told, the description is not.
#[tokio::test(start_paused = true)]
async fn the_error_codes_of_the_standard_are_told_and_classified() {
    use ErrorClass::{Refused, Terminal, Transient};
    for (status, code, class) in [
        (401, "invalid_client", Refused),
        (400, "invalid_client", Refused),
        (400, "invalid_grant", Refused),
        (400, "unauthorized_client", Refused),
        (403, "access_denied", Refused),
        (400, "invalid_request", Terminal),
        (400, "invalid_scope", Terminal),
        (400, "invalid_target", Terminal),
        (400, "unsupported_grant_type", Terminal),
        (400, "temporarily_unavailable", Transient),
        (400, "server_error", Transient),
    ] {
        let failure = failure_of(error(status, code)).await;
        assert_eq!(failure.class(), class, "{code}");
        let shown = format!("{failure} {failure:?}");
        assert!(shown.contains(code) && !shown.contains("canary"), "{shown}");
        assert!(
            failure
                .to_string()
                .starts_with("Token obtain failed after 1 attempts: ")
        );
    }
}

// RFC 6749 section 5.2: a status speaks where no known code does.
#[tokio::test(start_paused = true)]
async fn without_a_known_code_the_status_counts() {
    for (answer, text, class) in [
        (
            error(400, "canary_error"),
            "Client error: 400 Bad Request",
            ErrorClass::Terminal,
        ),
        (
            status(401),
            "Client error: 401 Unauthorized: invalid_client: the authority does not accept this \
             client id and secret",
            ErrorClass::Refused,
        ),
        (
            status(404),
            "Client error: 404 Not Found",
            ErrorClass::Terminal,
        ),
        (
            status(503),
            "Server error: 503 Service Unavailable",
            ErrorClass::Transient,
        ),
        (
            error(503, "invalid_client"),
            "Server error: 503 Service Unavailable",
            ErrorClass::Transient,
        ),
    ] {
        let failure = failure_of(answer).await;
        let text = format!("Token obtain failed after 1 attempts: {text}");
        assert_eq!((failure.to_string(), failure.class()), (text, class));
    }
}

// A-54: RFC 8628 section 3.5
#[tokio::test(start_paused = true)]
async fn an_authority_that_says_slow_down_is_obeyed() {
    let failure = failure_of(error(400, "slow_down")).await;
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(5)));
    let Ok(mut answer) = error(400, "slow_down") else {
        unreachable!()
    };
    let wait = "20".parse().unwrap();
    answer.headers_mut().insert("retry-after", wait);
    let failure = failure_of(Ok(answer)).await;
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(20)));
    let failure = failure_of(error(429, "invalid_client")).await;
    assert!(matches!(failure, TokenError::RateLimited(_)), "{failure}");
}

// RFC 6749 section 7.1: what is not understood is not used.
#[tokio::test(start_paused = true)]
async fn only_bearer_tokens_are_taken() {
    let of_type =
        |name: Value| authority::json(200, &json!({ "access_token": "t", "token_type": name }));
    for name in ["Bearer", "bearer", "BEARER"] {
        let authority = Authority::scripted([of_type(name.into())]);
        managed(provider(&authority)).get_token().await.unwrap();
    }
    let untyped = || authority::json(200, &json!({ "access_token": "t" }));
    for answer in [
        of_type("mac".into()),
        of_type("DPoP".into()),
        of_type(Value::Null),
        untyped(),
    ] {
        let failure = failure_of(answer).await;
        assert!(matches!(failure, TokenError::Validation(_)), "{failure}");
        assert_eq!(failure.class(), ErrorClass::Terminal);
    }
}

// A-39
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_grant_is_a_parse_error() {
    for body in [
        "",
        "<html>canary</html>",
        r#"{"token_type":"bearer"}"#,
        r#"{"access_token":"canary","token_type":"bearer""#,
        r#"{"access_token":"canary","token_type":7}"#,
        r#"{"access_token":"canary","token_type":"bearer","expires_in":"canary"}"#,
    ] {
        let failure = failure_of(Ok(rejection(200, body))).await;
        assert!(matches!(failure, TokenError::Serialization(_)), "{failure}");
        let shown = format!("{failure} {failure:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

// W-A26, W-A02: such a URL is never used, and its password not shown.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_token_endpoint_is_refused_before_anything_is_sent() {
    for url in [
        "https://canary-user:canary-pass@auth.example/token",
        "https://auth.example/token#top",
        "mailto:canary@auth.example",
    ] {
        let authority = Authority::default();
        let credentials = credentials_fn(|| Ok(Credentials::new(USER, PASSWORD)));
        let provider = OAuth2::new(authority.service(), &url.parse().unwrap(), credentials);
        let shown = format!("{provider:?}");
        let failure = managed(provider).get_token().await.unwrap_err();
        assert!(matches!(failure, TokenError::Configuration(_)), "{failure}");
        assert!(
            !format!("{shown} {failure:?}").contains("canary"),
            "{shown}"
        );
        assert!(authority.lines().is_empty());
    }
}

// RFC 6749 section 3.2: no parameter twice, and nobody replaces the grant by accident.
#[tokio::test(start_paused = true)]
async fn a_parameter_of_the_grant_itself_cannot_be_added() {
    for name in [
        "grant_type",
        "client_id",
        "client_secret",
        "refresh_token",
        "scope",
    ] {
        let authority = Authority::default();
        let provider = provider(&authority).with_parameter(name, "value");
        let failure = managed(provider).get_token().await.unwrap_err();
        assert!(matches!(failure, TokenError::Configuration(_)), "{failure}");
        assert!(failure.to_string().contains(name), "{failure}");
        assert!(authority.lines().is_empty());
    }
}

// X-36: a refusal is remembered for this id and secret alone.
#[tokio::test(start_paused = true)]
async fn a_changed_secret_ends_a_remembered_refusal() {
    static SECRET: AtomicU32 = AtomicU32::new(0);
    let granted = json!({ "access_token": "t", "token_type": "bearer" });
    let authority =
        Authority::scripted([error(401, "invalid_client"), authority::json(200, &granted)]);
    let credentials = credentials_fn(|| {
        let number = SECRET.load(Ordering::Relaxed);
        Ok(Credentials::new(USER, format!("secret-{number}")))
    });
    let provider = OAuth2::new(authority.service(), &URL.parse().unwrap(), credentials);
    let manager = managed(provider);
    for _ in 0..2 {
        let failure = manager.get_token().await.unwrap_err();
        assert_eq!(failure.class(), ErrorClass::Refused);
    }
    assert_eq!(authority.lines().len(), 1);
    SECRET.store(1, Ordering::Relaxed);
    manager.get_token().await.unwrap();
    assert_eq!(authority.lines().len(), 2);
}

// A-01, C-48: what was not sent for want of a secret did not spend the refresh token.
#[tokio::test(start_paused = true)]
async fn a_missing_secret_leaves_the_refresh_token_as_it_was() {
    static SEALED: AtomicBool = AtomicBool::new(false);
    let granted = |text: &str| {
        let body = json!({ "access_token": text, "token_type": "bearer", "refresh_token": "r" });
        authority::json(200, &body)
    };
    let authority = Authority::scripted([granted("1"), granted("2")]);
    let credentials = credentials_fn(|| match SEALED.load(Ordering::Relaxed) {
        false => Ok(Credentials::new(USER, PASSWORD)),
        true => {
            let failure = TokenFailure::new(ErrorClass::Terminal, "the vault is sealed");
            Err(TokenError::Configuration(failure))
        }
    });
    let provider = OAuth2::new(authority.service(), &URL.parse().unwrap(), credentials);
    let manager = managed(provider);
    manager.get_token().await.unwrap();
    SEALED.store(true, Ordering::Relaxed);
    let failure = manager.refresh_token().await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "Configuration error: the vault is sealed"
    );
    SEALED.store(false, Ordering::Relaxed);
    manager.refresh_token().await.unwrap();
    let last = authority.seen().pop().unwrap();
    assert!(last.body().starts_with(b"grant_type=refresh_token&"));
}

// A-01, A-74: id and secret are those of now, and no output shows them.
#[tokio::test(start_paused = true)]
async fn the_client_is_asked_for_at_each_request() {
    let granted = |text: &str| {
        let body =
            json!({ "access_token": text, "token_type": "bearer", "refresh_token": "canary" });
        authority::json(200, &body)
    };
    let authority = Authority::scripted([granted("1"), granted("2"), granted("3")]);
    let asked = AtomicU32::new(0);
    let credentials = credentials_fn(move || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        Ok(Credentials::new("canary", format!("canary-{number}")))
    });
    let url = format!("{URL}&key=canary");
    let provider = OAuth2::new(authority.service(), &url.parse().unwrap(), credentials)
        .with_parameter("audience", "canary");
    let shown = format!("{provider:?}");
    assert!(
        shown.contains("auth.example") && !shown.contains("canary"),
        "{shown}"
    );
    assert_eq!(
        provider.renewal(),
        token_core::flight::Renewal::RefreshToken
    );
    let manager = managed(provider);
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    manager.obtain_token().await.unwrap();
    let seen = authority.seen();
    let mut shown: Vec<_> = seen
        .iter()
        .map(|request| &request.headers()["authorization"])
        .collect();
    assert!(!format!("{manager:?} {shown:?}").contains("canary"));
    shown.dedup();
    assert_eq!(shown.len(), 3, "three requests with three secrets");
}
