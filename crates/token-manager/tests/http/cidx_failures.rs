//! What the answers and errors of the CIDX login become.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use token_core::{ErrorClass, Failure, JwtRules, StopReason, TokenError, TokenValidator};
use token_manager::{
    Credentials, JsonLogin, JsonProfile, PausedClock, TokenManager, credentials_fn,
};

use crate::api::rejection;
use crate::authority::{self, Answer, Authority, Trouble, USER, jwt, limited, status, stopped};
use crate::cidx::{NOW, SERVER, manager, manager_with};

async fn failure_of(answer: Answer) -> TokenError {
    let authority = Authority::scripted([answer]);
    manager(&authority).get_token().await.unwrap_err()
}

async fn assert_failure(answer: Answer, text: &str, class: ErrorClass) {
    let error = failure_of(answer).await;
    assert_eq!((error.to_string().as_str(), error.class()), (text, class));
}

fn answer(body: &Value) -> Answer {
    authority::json(200, body)
}

fn with_token(token: &str) -> Answer {
    answer(&json!({ "access_token": token, "token_type": "bearer" }))
}

// C-36, X-36: and it says what to do.
#[tokio::test(start_paused = true)]
async fn bad_credentials_are_refused() {
    for (code, name) in [
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
    ] {
        let text = format!(
            "Token obtain failed after 1 attempts: Client error: {code} {name}: invalid \
             credentials; check user name and password"
        );
        assert_failure(status(code), &text, ErrorClass::Refused).await;
    }
}

// C-36, X-36: bad credentials stop the logins instead of locking the account.
#[tokio::test(start_paused = true)]
async fn bad_credentials_are_not_tried_again_by_the_next_callers() {
    let authority = Authority::scripted([status(401)]);
    let manager = manager(&authority);
    for _ in 0..50 {
        let error = manager.get_token().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Refused);
    }
    assert_eq!(authority.lines().len(), 1);
}

// X-36: until they change.
#[tokio::test(start_paused = true)]
async fn other_credentials_are_tried_at_once() {
    static CHANGED: AtomicBool = AtomicBool::new(false);
    let credentials = credentials_fn(|| match CHANGED.load(Ordering::Relaxed) {
        false => Ok(Credentials::new(USER, "wrong")),
        true => Ok(Credentials::new(USER, "right")),
    });
    let claims = json!({ "iat": NOW, "exp": NOW + 600 });
    let authority = Authority::scripted([status(401), with_token(&jwt("RS256", &claims))]);
    let server = SERVER.parse().unwrap();
    let login = JsonLogin::new(
        authority.service(),
        &server,
        JsonProfile::cidx(),
        credentials,
    )
    .with_clock(PausedClock::new());
    let manager = TokenManager::builder(login)
        .clock(PausedClock::new())
        .build();
    for _ in 0..2 {
        manager.get_token().await.unwrap_err();
    }
    assert_eq!(authority.lines().len(), 1);
    CHANGED.store(true, Ordering::Relaxed);
    manager.get_token().await.unwrap();
    assert_eq!(authority.lines().len(), 2);
}

// C-37: sixty seconds where the service does not say how long, or not in numbers.
#[tokio::test(start_paused = true)]
async fn a_limit_is_told_with_its_wait() {
    for (answer, seconds) in [
        (limited("7"), 7),
        (limited("0.5"), 1),
        (limited("soon"), 60),
        (Ok(rejection(429, "")), 60),
    ] {
        let error = failure_of(answer).await;
        let expected = format!("Rate limited: retry after {seconds} seconds");
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error.class(), ErrorClass::Throttled(_)));
    }
}

// C-38, C-39, C-42: the tries are the service's, their number is told.
#[tokio::test(start_paused = true)]
async fn other_answers_are_told_with_their_status_and_the_number_of_tries() {
    for (code, reason, class) in [
        (
            500,
            "Server error: 500 Internal Server Error",
            ErrorClass::Transient,
        ),
        (
            503,
            "Server error: 503 Service Unavailable",
            ErrorClass::Transient,
        ),
        (404, "Client error: 404 Not Found", ErrorClass::Terminal),
        (
            422,
            "Client error: 422 Unprocessable Entity",
            ErrorClass::Terminal,
        ),
        (302, "Unexpected answer: 302 Found", ErrorClass::Transient),
    ] {
        let authority = Authority::scripted([status(code)]).with_tries(3);
        let error = manager(&authority).get_token().await.unwrap_err();
        let text = format!("Token obtain failed after 3 attempts: {reason}");
        assert_eq!((error.to_string(), error.class()), (text, class));
    }
}

// C-38: an outage that says how long it takes is not asked before.
#[tokio::test(start_paused = true)]
async fn an_outage_that_names_its_length_is_waited_for() {
    let mut outage = rejection(503, "");
    let wait = "30".parse().unwrap();
    outage.headers_mut().insert("retry-after", wait);
    let error = failure_of(Ok(outage)).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert!(error.to_string().contains("503"), "{error}");
}

// C-40, C-41
#[tokio::test(start_paused = true)]
async fn network_failures_are_transient_and_told() {
    for failure in [Failure::Resolve, Failure::Connect, Failure::Interrupted] {
        let text = "Token obtain failed after 1 attempts: the link is down";
        let error = Err(Trouble::Failed(failure, "the link is down"));
        assert_failure(error, text, ErrorClass::Transient).await;
    }
    let slow = stopped(StopReason::AttemptTimeout(Duration::from_secs(10)));
    let text = "Request timeout after 10 seconds";
    assert_failure(slow, text, ErrorClass::Transient).await;
    let error = Err(Trouble::Failed(Failure::Rejected, "no such scheme"));
    let text = "Token obtain failed after 1 attempts: no such scheme";
    assert_failure(error, text, ErrorClass::Terminal).await;
}

// C-34, A-39, X-36: garbage may be an accident of the moment.
#[tokio::test(start_paused = true)]
async fn a_success_without_a_token_is_a_parse_error() {
    let missing = "Serialization error: Server response missing access_token";
    for body in ["{}", r#"{"access_token":null}"#, r#"{"token":"a.b.c"}"#] {
        assert_failure(Ok(rejection(200, body)), missing, ErrorClass::Transient).await;
    }
    for body in [
        "",
        "<html>",
        "[]",
        r#"{"access_token":7}"#,
        r#"{"access_token":"#,
    ] {
        let error = failure_of(Ok(rejection(200, body))).await;
        assert!(matches!(error, TokenError::Serialization(_)), "{error}");
        assert_eq!(error.class(), ErrorClass::Transient, "{body}");
    }
}

// X-36: what a breaker around the login asks.
#[test]
fn a_profile_tells_whether_an_answer_holds_its_token() {
    let (amp, cidx) = (JsonProfile::amp(), JsonProfile::cidx());
    let (short, long) = (br#"{"token":"t"}"#, br#"{"access_token":"a.b.c"}"#);
    assert!(amp.holds_token(short) && cidx.holds_token(long));
    assert!(!amp.holds_token(long) && !cidx.holds_token(short));
    assert!(!amp.holds_token(b"<html>") && !cidx.holds_token(br#"{"access_token":""}"#));
}

// C-34, C-55
#[tokio::test(start_paused = true)]
async fn a_token_that_is_no_jwt_is_refused() {
    for token in ["opaque", "a.b", "a.b.c.d", "..", "a..c"] {
        let error = failure_of(with_token(token)).await;
        assert!(
            matches!(error, TokenError::Validation(_)),
            "{token}: {error}"
        );
        assert_eq!(error.class(), ErrorClass::Transient);
    }
    for blank in ["", "  "] {
        let error = failure_of(with_token(blank)).await;
        assert!(matches!(error, TokenError::Validation(_)), "{error}");
    }
}

// C-25, C-56, X-26, W-S06, W-C20
#[tokio::test(start_paused = true)]
async fn only_tokens_with_an_allowed_algorithm_are_taken() {
    let claims = json!({ "iat": NOW, "exp": NOW + 600 });
    for alg in ["RS256", "HS256"] {
        let authority = Authority::scripted([with_token(&jwt(alg, &claims))]);
        manager(&authority).get_token().await.unwrap();
    }
    let text = "Token validation error: the token is signed with an algorithm that is not allowed";
    for alg in ["none", "NONE", "RS512", "ES256", ""] {
        let answer = with_token(&jwt(alg, &claims));
        assert_failure(answer, text, ErrorClass::Terminal).await;
    }
    let strict = TokenValidator::Jwt(JwtRules::default());
    let authority = Authority::scripted([with_token(&jwt("HS256", &claims))]);
    let manager = manager_with(&authority, JsonProfile::cidx().with_validator(strict));
    let error = manager.get_token().await.unwrap_err();
    assert_eq!(error.to_string(), text);
}

// C-18, C-26, W-C19
#[tokio::test(start_paused = true)]
async fn tokens_without_an_end_or_with_one_too_far_away_are_refused() {
    let endless = jwt("RS256", &json!({}));
    let long = jwt("RS256", &json!({ "iat": NOW, "exp": NOW + 86_401 }));
    let cases = [
        (json!({ "access_token": endless }), "says when it ends"),
        (
            json!({ "access_token": endless, "expires_in": 0 }),
            "no life left",
        ),
        (
            json!({ "access_token": endless, "expires_in": -1 }),
            "no life left",
        ),
        (
            json!({ "access_token": endless, "expires_in": 86_401 }),
            "longer than is allowed",
        ),
        (json!({ "access_token": long }), "longer than is allowed"),
        (
            json!({ "access_token": long, "expires_in": 60 }),
            "longer than is allowed",
        ),
    ];
    for (body, expected) in cases {
        let error = failure_of(answer(&body)).await;
        assert!(matches!(error, TokenError::Validation(_)), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

// C-66, A-74: whatever the service quotes.
#[tokio::test(start_paused = true)]
async fn no_error_of_a_login_or_renewal_quotes_a_secret() {
    let first = || {
        with_token(&jwt(
            "RS256",
            &json!({ "sub": "canary", "iat": NOW, "exp": NOW + 600 }),
        ))
    };
    let answers = [
        status(400),
        status(401),
        status(500),
        status(302),
        with_token("canary"),
        with_token("canary.canary.canary"),
        with_token("canary token"),
        with_token(&jwt("canary", &json!({ "exp": NOW + 600 }))),
        with_token(&jwt("RS256", &json!({ "exp": "canary" }))),
        answer(&json!({ "access_token": "a.b.c", "expires_in": "canary" })),
        answer(&json!({ "access_token": "a.b.c", "refresh_token": "canary canary" })),
        Ok(rejection(200, r#"{"access_token":"canary"#)),
    ];
    for answer in answers {
        let authority = Authority::scripted([first(), answer]);
        let manager = manager(&authority);
        manager.get_token().await.unwrap();
        let error = manager.obtain_token().await.unwrap_err();
        for error in std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source()) {
            let shown = format!("{error} {error:?} {manager:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
