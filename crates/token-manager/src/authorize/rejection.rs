//! Whether an answer rejects the token itself.

use bytes::Bytes;
use http::{Response, StatusCode, header};

/// The texts with which Django REST framework rejects a token under a 403 (amp-api.yaml,
/// x-quirks): some deployments answer 403 where others answer 401.
const TOKEN_TEXTS: [&str; 2] = [
    "Invalid token.",
    "Authentication credentials were not provided.",
];

/// A `detail` longer than this is not one of the texts.
const LONGEST: usize = 256;

/// A 401 rejects the token; a 403 only with the framework's own words or `invalid_token`
/// (RFC 6750 section 3.1). Any other 403 is about rights, which no other token would have.
pub(super) fn rejects_token(answer: &Response<Bytes>) -> bool {
    match answer.status() {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::FORBIDDEN => challenges_token(answer) || says_token(answer.body()),
        _ => false,
    }
}

fn challenges_token(answer: &Response<Bytes>) -> bool {
    let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE);
    challenges.iter().any(|value| {
        let text = value.to_str().unwrap_or_default().replace(' ', "");
        text.contains("error=\"invalid_token\"") || text.contains("error=invalid_token")
    })
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
    use super::*;

    fn answer(status: u16, challenge: &str, body: &'static str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .header(header::WWW_AUTHENTICATE, challenge)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
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
