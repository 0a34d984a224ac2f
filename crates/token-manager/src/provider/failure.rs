//! What an answer or an error of the token endpoint means.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use token_core::{
    CallContext, Classify, ErrorClass, Failure, Outcome, RateLimited, Sent, StopReason, TokenError,
    TokenFailure, parse_retry_after,
};

/// How long a 429 asks to wait when it does not say so (A-55 assumes 60 s; X-23 keeps it for the
/// place where nobody retries any more).
const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// What a refused login says when the service does not.
const REFUSED: &str = "the service does not accept this user name and password";

/// What Django REST framework says about a login (amp-api.yaml, x-quirks).
const KNOWN_TEXTS: [&str; 3] = [
    "Unable to log in with provided credentials.",
    "User inactive or deleted.",
    "Request was throttled.",
];

/// Which endpoint failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Login,
    Refresh,
}

impl Endpoint {
    fn failed(self, failure: TokenFailure) -> TokenError {
        match self {
            Self::Login => TokenError::ObtainFailed(failure),
            Self::Refresh => TokenError::RefreshFailed(failure),
        }
    }
}

/// The error of a final answer that is not a success.
pub(super) fn of_answer(
    endpoint: Endpoint,
    answer: &Response<Bytes>,
    call: &CallContext,
    now: SystemTime,
) -> TokenError {
    let status = answer.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let values = answer.headers().get_all(header::RETRY_AFTER).iter();
        let wait = parse_retry_after(values.map(|value| value.as_bytes()), now);
        return TokenError::RateLimited(RateLimited::new(wait.unwrap_or(DEFAULT_WAIT)));
    }
    let refused = endpoint == Endpoint::Login && is_refusal(status);
    let (class, reason) = if refused {
        let hint = known_text(answer.body()).unwrap_or(REFUSED);
        (
            ErrorClass::Refused,
            format!("Client error: {status}: {hint}"),
        )
    } else if status.is_client_error() {
        (ErrorClass::Terminal, format!("Client error: {status}"))
    } else if status.is_server_error() {
        (ErrorClass::Transient, format!("Server error: {status}"))
    } else {
        (
            ErrorClass::Transient,
            format!("Unexpected answer: {status}"),
        )
    };
    endpoint.failed(TokenFailure::new(class, reason).with_attempts(attempts(call)))
}

/// The framework's own words about a login, if the answer has one of them. Nothing else of a body
/// of the token endpoint may reach an error (W-A14).
fn known_text(body: &[u8]) -> Option<&'static str> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let list = answer["non_field_errors"].as_array().into_iter().flatten();
    let texts: Vec<&str> = list
        .chain([&answer["detail"]])
        .filter_map(|text| text.as_str())
        .collect();
    KNOWN_TEXTS.into_iter().find(|known| texts.contains(known))
}

/// AMP answers wrong credentials with 400; other deployments of its framework use 401 or 403.
fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    )
}

/// The error of a request that brought no answer.
pub(super) fn of_error<E>(endpoint: Endpoint, error: E, call: &CallContext) -> TokenError
where
    E: Classify + std::error::Error + Send + Sync + 'static,
{
    if let Some(stopped) = error.stopped() {
        match (stopped.reason(), stopped.retry_after()) {
            (StopReason::RateLimited, wait) => {
                return TokenError::RateLimited(RateLimited::new(wait.unwrap_or(DEFAULT_WAIT)));
            }
            (StopReason::Deadline(total), _) => return TokenError::Timeout(total),
            (StopReason::AttemptTimeout(limit), _) => return TokenError::Timeout(limit),
            _ => {}
        }
    }
    let outcome = error.outcome();
    let sent = match outcome {
        Outcome::Failed { sent, .. } => sent,
        Outcome::Answered { .. } | Outcome::Stopped => Sent::Maybe,
    };
    let class = match outcome {
        Outcome::Failed {
            failure: Failure::Rejected | Failure::Tls,
            ..
        } => ErrorClass::Terminal,
        Outcome::Failed { .. } | Outcome::Answered { .. } | Outcome::Stopped => {
            ErrorClass::Transient
        }
    };
    let failure = TokenFailure::new(class, error.to_string())
        .with_source(error)
        .with_sent(sent);
    endpoint.failed(failure.with_attempts(attempts(call)))
}

/// The tries that the retry layer wrote into the book; without such a layer there was one.
fn attempts(call: &CallContext) -> u32 {
    call.ledger().attempts().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A14: the reason is kept, and only in words that are ours.
    #[test]
    fn a_refused_login_says_why_in_known_words_only() {
        let known = br#"{"non_field_errors":["Unable to log in with provided credentials."]}"#;
        assert_eq!(known_text(known), Some(KNOWN_TEXTS[0]));
        let known = br#"{"detail":"User inactive or deleted."}"#;
        assert_eq!(known_text(known), Some(KNOWN_TEXTS[1]));
        for other in [
            &br#"{"detail":"your password was s3cret"}"#[..],
            b"[]",
            b"<html>",
            b"",
        ] {
            assert_eq!(known_text(other), None);
        }
    }
}
