//! What an authority says about a request that it does not serve.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use token_core::ErrorClass;

use super::failure::Endpoint;

/// What Django REST framework says about a login (amp-api.yaml, x-quirks).
const KNOWN_TEXTS: [&str; 3] = [
    "Unable to log in with provided credentials.",
    "User inactive or deleted.",
    "Request was throttled.",
];

/// How much slower a client has to be that was too fast (RFC 8628 section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// The error codes of RFC 6749 section 5.2, those of section 4.1.2.1 that token endpoints send as
/// well, `invalid_target` (RFC 8707 section 2) and `slow_down` (RFC 8628 section 3.5).
const OAUTH2_ERRORS: [Complaint; 11] = {
    use ErrorClass::{Refused, Terminal, Throttled, Transient};
    const fn error(class: ErrorClass, hint: &'static str) -> Complaint {
        Complaint { class, hint }
    }
    [
        error(
            Refused,
            "invalid_client: the authority does not accept this client id and secret",
        ),
        error(
            Refused,
            "unauthorized_client: this client may not use this grant",
        ),
        error(Refused, "access_denied: the authority refuses this client"),
        error(
            Refused,
            "invalid_grant: what was shown for a token is not valid any more",
        ),
        error(Terminal, "invalid_request: the request lacks something"),
        error(
            Terminal,
            "invalid_scope: the scope is unknown or not granted",
        ),
        error(
            Terminal,
            "invalid_target: the audience or resource is unknown",
        ),
        error(
            Terminal,
            "unsupported_grant_type: the authority does not offer this grant",
        ),
        error(Transient, "temporarily_unavailable"),
        error(Transient, "server_error"),
        error(Throttled(SLOW_DOWN), "slow_down"),
    ]
};

/// The way in which an authority complains.
#[derive(Clone, Copy, Debug)]
pub(super) enum Complaints {
    /// By status, and in the words of Django REST framework. The text is what a refused login says
    /// where the answer does not.
    Framework { refused: &'static str },
    /// By the error codes of OAuth 2.0.
    OAuth2,
}

/// What a rejection means, in words that are ours or known: nothing else of a body of the token
/// endpoint may reach an error (W-A14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) class: ErrorClass,
    pub(super) hint: &'static str,
}

impl Complaints {
    /// What the body of a client error adds to its status.
    pub(super) fn of(self, endpoint: Endpoint, answer: &Response<Bytes>) -> Option<Complaint> {
        match self {
            Self::Framework { refused } => {
                let is_refused = endpoint == Endpoint::Login && is_refusal(answer.status());
                is_refused.then(|| Complaint {
                    class: ErrorClass::Refused,
                    hint: known_text(answer.body()).unwrap_or(refused),
                })
            }
            Self::OAuth2 => oauth2_error(answer.body())
                .or_else(|| (answer.status() == StatusCode::UNAUTHORIZED).then(invalid_client)),
        }
    }
}

/// AMP answers wrong credentials with 400; other deployments of its framework use 401 or 403.
fn is_refusal(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    )
}

/// The framework's own words about a login, if the answer has one of them.
fn known_text(body: &[u8]) -> Option<&'static str> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let list = answer["non_field_errors"].as_array().into_iter().flatten();
    let texts: Vec<&str> = list
        .chain([&answer["detail"]])
        .filter_map(|text| text.as_str())
        .collect();
    KNOWN_TEXTS.into_iter().find(|known| texts.contains(known))
}

fn oauth2_error(body: &[u8]) -> Option<Complaint> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = answer["error"].as_str()?;
    OAUTH2_ERRORS
        .into_iter()
        .find(|known| known.hint.split(':').next() == Some(code))
}

/// The first line of the table: a 401 means it without saying so.
fn invalid_client() -> Complaint {
    OAUTH2_ERRORS[0]
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

    // C-66: neither an unknown code nor a description is repeated.
    #[test]
    fn only_known_codes_are_understood() {
        let found = |body: &str| oauth2_error(body.as_bytes()).map(|known| known.class);
        let code = |code: &str| {
            found(&format!(
                r#"{{"error":"{code}","error_description":"s3cret"}}"#
            ))
        };
        assert_eq!(code("invalid_client"), Some(ErrorClass::Refused));
        assert_eq!(code("invalid_scope"), Some(ErrorClass::Terminal));
        assert_eq!(code("server_error"), Some(ErrorClass::Transient));
        assert_eq!(code("slow_down"), Some(ErrorClass::Throttled(SLOW_DOWN)));
        for other in ["s3cret", "INVALID_CLIENT", "invalid_client: the", ""] {
            assert_eq!(code(other), None, "{other}");
        }
        for body in [r#"{"error":7}"#, r#"["invalid_client"]"#, "<html>", ""] {
            assert_eq!(found(body), None, "{body}");
        }
    }
}
