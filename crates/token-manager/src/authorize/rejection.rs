//! Whether an answer rejects the token itself.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::challenge::{Complaint, complaint};

/// The texts with which Django REST framework rejects a token under a 403 (amp-api.yaml,
/// x-quirks): some deployments answer 403 where others answer 401.
const TOKEN_TEXTS: [&str; 2] = [
    "Invalid token.",
    "Authentication credentials were not provided.",
];

/// A `detail` longer than this is not one of the texts.
const LONGEST: usize = 256;

/// Whether another token may be what the service wants.
///
/// A 401 is about the token unless its challenge says otherwise (RFC 6750 section 3.1): a token of
/// the same account has the same rights, and a malformed request stays malformed, so with
/// `insufficient_scope` or `invalid_request` a renewal would cost one login for each request and
/// change nothing. A code that we do not know is taken for the token's fault, as the status says.
///
/// A 403 is about rights, unless it says `invalid_token` or has the framework's own words.
pub(super) fn rejects_token(answer: &Response<Bytes>) -> bool {
    match answer.status() {
        StatusCode::UNAUTHORIZED => !matches!(
            complaint(answer.headers()),
            Complaint::InsufficientScope | Complaint::InvalidRequest
        ),
        StatusCode::FORBIDDEN => {
            complaint(answer.headers()) == Complaint::InvalidToken || says_token(answer.body())
        }
        _ => false,
    }
}

fn says_token(body: &Bytes) -> bool {
    #[derive(serde::Deserialize)]
    struct Detail<'a> {
        #[serde(borrow)]
        detail: std::borrow::Cow<'a, str>,
    }
    if body.len() > LONGEST {
        return false;
    }
    let detail = serde_json::from_slice::<Detail<'_>>(body);
    detail.is_ok_and(|body| TOKEN_TEXTS.contains(&body.detail.as_ref()))
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn answer(status: u16, challenge: &str, body: &'static str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .header(header::WWW_AUTHENTICATE, challenge)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    }

    // C-46: what another token of the same account would not change.
    #[test]
    fn a_401_about_rights_or_the_request_does_not_reject_the_token() {
        for (challenge, rejects) in [
            ("Token", true),
            (r#"Bearer error="invalid_token""#, true),
            (r#"Bearer error="an_error_of_tomorrow""#, true),
            (r#"Bearer error="insufficient_scope", scope="issue""#, false),
            (r#"Bearer error="invalid_request""#, false),
        ] {
            let answer = answer(401, challenge, "");
            assert_eq!(rejects_token(&answer), rejects, "{challenge}");
        }
    }

    // C-46
    #[test]
    fn a_403_rejects_the_token_only_with_the_known_words() {
        assert!(rejects_token(&answer(401, "", "")));
        assert!(rejects_token(&answer(
            403,
            "",
            r#"{"detail":"Invalid token."}"#
        )));
        let missing = r#"{"detail":"Authentication credentials were not provided."}"#;
        assert!(rejects_token(&answer(403, "", missing)));
        assert!(rejects_token(&answer(
            403,
            r#"Bearer realm="x", error="invalid_token""#,
            ""
        )));

        let rights = r#"{"detail":"You do not have permission to perform this action."}"#;
        assert!(!rejects_token(&answer(
            403,
            r#"Bearer error="insufficient_scope""#,
            rights
        )));
        assert!(!rejects_token(&answer(403, "", "Invalid token.")));
        assert!(!rejects_token(&answer(
            400,
            "",
            r#"{"detail":"Invalid token."}"#
        )));
        assert!(!rejects_token(&answer(200, "", "")));
    }
}
