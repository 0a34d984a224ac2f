//! What the answers and errors of the token endpoint become.

use std::time::Duration;

use token_core::{ErrorClass, Failure, Ledger, StopReason, Stopped, TokenError};

use crate::api::rejection;
use crate::authority::{
    Answer, Authority, TOKEN, Trouble, failure_of, limited, status, stopped, token,
};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn assert_failure(answer: Answer, text: &str, class: ErrorClass) {
    let error = failure_of(answer).await;
    assert_eq!((error.to_string().as_str(), error.class()), (text, class));
}

// a wrong password says so.
#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_told_and_refused() {
    for (code, name) in [
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
    ] {
        let text = format!(
            "Token obtain failed after 1 attempts: Client error: {code} {name}: the service does \
             not accept this user name and password"
        );
        assert_failure(status(code), &text, ErrorClass::Refused).await;
    }
}

// A-62, W-A13: the next callers hear the refusal without another request.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_not_tried_again_for_a_minute() {
    let authority = Authority::scripted([status(400)]);
    let manager = authority.manager();
    let first = manager.get_token().await.unwrap_err().to_string();
    for _ in 0..50 {
        tokio::time::advance(secs(1)).await;
        let again = manager.get_token().await.unwrap_err();
        assert_eq!(again.to_string(), first);
    }
    assert_eq!(authority.lines().len(), 1);
    tokio::time::advance(secs(10)).await;
    assert_eq!(manager.get_token().await.unwrap().expose_secret(), TOKEN);
}

//
#[tokio::test(start_paused = true)]
async fn other_statuses_are_named_and_classified() {
    for (code, reason, class) in [
        (404, "Client error: 404 Not Found", ErrorClass::Terminal),
        (
            405,
            "Client error: 405 Method Not Allowed",
            ErrorClass::Terminal,
        ),
        (
            422,
            "Client error: 422 Unprocessable Entity",
            ErrorClass::Terminal,
        ),
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
        (302, "Unexpected answer: 302 Found", ErrorClass::Transient),
    ] {
        let text = format!("Token obtain failed after 1 attempts: {reason}");
        assert_failure(status(code), &text, class).await;
    }
}

// the number comes from the layers that tried.
#[tokio::test(start_paused = true)]
async fn the_tries_of_the_service_are_counted() {
    let manager = Authority::scripted([status(503)]).with_tries(3).manager();
    let error = manager.get_token().await.unwrap_err();
    let expected = "Token obtain failed after 3 attempts: Server error: 503 Service Unavailable";
    assert_eq!(error.to_string(), expected);
}

//
#[tokio::test(start_paused = true)]
async fn a_limit_says_how_long_to_wait() {
    // The clock of these tests starts at 2027-01-15 08:00:00 UTC.
    for (answer, seconds) in [
        (limited("7"), 7),
        (limited("7.2"), 8),
        (limited("Fri, 15 Jan 2027 08:01:30 GMT"), 90),
        (limited("soon"), 60),
        (Ok(rejection(429, "")), 60),
    ] {
        let error = failure_of(answer).await;
        let expected = format!("Rate limited: retry after {seconds} seconds");
        assert_eq!(error.to_string(), expected);
        let wait = error.retry_after().unwrap();
        assert!(wait.as_secs_f64() > seconds as f64 - 1.0, "{wait:?}");
    }
}

// A-54, W-A15: the next login is not sent earlier than that, whoever asks.
#[tokio::test(start_paused = true)]
async fn a_limit_is_obeyed_by_later_calls() {
    let authority = Authority::scripted([limited("30")]);
    let manager = authority.manager();
    manager.get_token().await.unwrap_err();
    tokio::time::advance(secs(29)).await;
    let error = manager.get_token().await.unwrap_err();
    assert_eq!(error.to_string(), "Rate limited: retry after 1 seconds");
    assert_eq!(authority.lines().len(), 1);
    tokio::time::advance(secs(2)).await;
    manager.get_token().await.unwrap();
}

// W-A15
#[tokio::test(start_paused = true)]
async fn a_limit_beyond_all_time_is_an_error_and_no_panic() {
    let authority = Authority::scripted([limited("99999999999999999999999")]);
    let manager = authority.manager();
    for _ in 0..2 {
        let error = manager.get_token().await.unwrap_err();
        assert!(matches!(error, TokenError::RateLimited(_)), "{error}");
    }
    assert_eq!(authority.lines().len(), 1);
}

//
#[tokio::test(start_paused = true)]
async fn errors_of_the_service_are_named_and_classified() {
    let deadline = stopped(StopReason::Deadline(secs(40)));
    let text = "Request timeout after 40 seconds";
    assert_failure(deadline, text, ErrorClass::Transient).await;
    let attempt = stopped(StopReason::AttemptTimeout(secs(10)));
    let text = "Request timeout after 10 seconds";
    assert_failure(attempt, text, ErrorClass::Transient).await;

    let limit = Stopped::new(StopReason::RateLimited, Ledger::default());
    let limit = limit.with_retry_at(std::time::SystemTime::UNIX_EPOCH, secs(12));
    let text = "Rate limited: retry after 12 seconds";
    let class = ErrorClass::Throttled(secs(12));
    assert_failure(Err(Trouble::Stopped(limit)), text, class).await;

    for (failure, class) in [
        (Failure::Resolve, ErrorClass::Transient),
        (Failure::Connect, ErrorClass::Transient),
        (Failure::Interrupted, ErrorClass::Transient),
        (Failure::Timeout, ErrorClass::Transient),
        (Failure::Tls, ErrorClass::Terminal),
        (Failure::Rejected, ErrorClass::Terminal),
    ] {
        let text = "Token obtain failed after 1 attempts: the link is down";
        let error = Err(Trouble::Failed(failure, "the link is down"));
        assert_failure(error, text, class).await;
    }
    let open = stopped(StopReason::CircuitOpen);
    let text = "Token obtain failed after 1 attempts: The service keeps failing; it was not asked";
    assert_failure(open, text, ErrorClass::Transient).await;
}

// the cause is kept for those who print the chain.
#[tokio::test(start_paused = true)]
async fn the_error_of_the_service_is_the_source() {
    let error = failure_of(Err(Trouble::Failed(Failure::Connect, "refused"))).await;
    let mut sources = std::iter::successors(std::error::Error::source(&error), |e| e.source());
    assert!(sources.any(|source| source.is::<Trouble>()), "{error:?}");
}

// nothing is stored, the old record stays.
#[tokio::test(start_paused = true)]
async fn an_unreadable_answer_leaves_the_old_token() {
    const HTML: &str = "<html>canary-token</html>";
    let broken = || Ok(rejection(200, HTML));
    let authority = Authority::scripted([token("first"), broken(), broken()]);
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    let before = manager.get_token_info().await.unwrap().expires_at;

    tokio::time::advance(secs(60)).await;
    let error = manager.refresh_token().await.unwrap_err();
    let expected = "Serialization error: the answer is an HTML page, not JSON";
    assert_eq!(error.to_string(), expected);
    assert_eq!(authority.lines().len(), 3, "a refresh and one login");
    let held = manager.get_token().await.unwrap();
    assert_eq!(held.expose_secret(), "first");
    assert_eq!(manager.get_token_info().await.unwrap().expires_at, before);
}

// A-27, W-A01, W-A13: any failure but a limit.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_leads_to_one_login() {
    for answer in [
        status(400),
        status(401),
        status(403),
        status(404),
        status(500),
        status(302),
        Ok(rejection(200, "{}")),
        stopped(StopReason::AttemptTimeout(secs(10))),
        Err(Trouble::Failed(Failure::Tls, "no TLS")),
    ] {
        let told = format!("{answer:?}");
        let authority = Authority::scripted([token("first"), answer, token("second")]);
        let manager = authority.manager();
        manager.get_token().await.unwrap();
        let renewed = manager.refresh_token().await.unwrap();
        assert_eq!(renewed.expose_secret(), "second", "{told}");
        assert_eq!(authority.lines().len(), 3, "{told}");
    }
}

// an authority that asks to wait is not asked for a login instead.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_is_limited_leads_to_no_login() {
    let authority = Authority::scripted([token("first"), limited("9")]);
    let manager = authority.manager();
    manager.get_token().await.unwrap();
    let error = manager.refresh_token().await.unwrap_err();
    assert_eq!(error.to_string(), "Rate limited: retry after 9 seconds");
    assert_eq!(authority.lines().len(), 2);
}
