//! The grammar of RFC 9110, the codes of RFC 6750, and whatever else a header may hold.

use http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn says(values: &[&str]) -> Complaint {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(header::WWW_AUTHENTICATE, value.parse().unwrap());
    }
    complaint(&headers)
}

fn schemes(value: &str) -> Vec<String> {
    let challenges = Challenges::of(value.as_bytes());
    let text = |scheme: &[u8]| String::from_utf8_lossy(scheme).into_owned();
    challenges.map(|challenge| text(challenge.scheme)).collect()
}

// C-46
#[test]
fn the_codes_are_read_whatever_the_spelling() {
    use Complaint::{InsufficientScope, InvalidRequest, InvalidToken, Unstated};
    for (value, expected) in [
        (r#"Bearer error="invalid_token""#, InvalidToken),
        (r#"Bearer realm="x", error="invalid_token""#, InvalidToken),
        ("bEaReR ERROR = invalid_token", InvalidToken),
        ("Bearer\trealm=x\t,\terror\t=\tinvalid_token", InvalidToken),
        (r#"Token error="invalid\_\token""#, InvalidToken),
        (
            r#"Bearer error="insufficient_scope", scope="a b""#,
            InsufficientScope,
        ),
        ("Bearer error=invalid_request", InvalidRequest),
        (r#"Bearer realm="AMP""#, Unstated),
        ("Token", Unstated),
        ("", Unstated),
        (r#"Bearer error="invalid_tokens""#, Unstated),
        (r#"Bearer error="INVALID_TOKEN""#, Unstated),
        (
            r#"Bearer error_description="error=invalid_token""#,
            Unstated,
        ),
        (r#"Bearer realm="a\", error=\"invalid_token""#, Unstated),
        (r#"Basic realm="x", error="invalid_token""#, Unstated),
        (r#"error="invalid_token""#, Unstated),
        (
            r#"Bearer error="insufficient_scope", error="invalid_token""#,
            InsufficientScope,
        ),
    ] {
        assert_eq!(says(&[value]), expected, "{value}");
    }
}

// C-46
#[test]
fn several_challenges_and_several_lines_count_together() {
    for values in [
        &[r#"Basic realm="a, b", Bearer realm="c", error="invalid_token""#][..],
        &["Negotiate dG9rZW42OA==, Bearer error=invalid_token"],
        &["Negotiate, , ,Bearer error=invalid_token,"],
        &[
            "Digest nonce=\"a\\\"b\", qop=\"auth, auth-int\"",
            "Bearer error=invalid_token",
        ],
        &[
            "Bearer error=insufficient_scope",
            "Bearer error=invalid_token",
        ],
        &["Bearer error=invalid_token, Bearer error=insufficient_scope"],
        &["=;[ broken \"Basic, x\" , Bearer error=invalid_token"],
    ] {
        assert_eq!(says(values), Complaint::InvalidToken, "{values:?}");
    }
    let scopes = ["Basic realm=x", "Bearer error=insufficient_scope", "Token"];
    assert_eq!(says(&scopes), Complaint::InsufficientScope);
}

#[test]
fn a_token68_is_neither_a_scheme_nor_a_parameter() {
    assert_eq!(schemes("NTLM TlRMTVNTUAAC=="), ["NTLM"]);
    assert_eq!(
        schemes("A abc=, B abc, C, D x=1, y=2, E"),
        ["A", "B", "C", "D", "E"]
    );
    assert_eq!(
        schemes("Basic realm=\"unfinished, Bearer error=invalid_token"),
        ["Basic"]
    );
}

proptest! {
    #[test]
    fn no_bytes_break_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let found = Challenges::of(&bytes).count();
        prop_assert!(found <= bytes.len());
    }

    #[test]
    fn no_mixture_of_delimiters_breaks_the_parser(text in "[a=\", \\\\]{0,64}") {
        let found = Challenges::of(text.as_bytes()).count();
        prop_assert!(found <= text.len());
    }

    #[test]
    fn a_code_survives_any_realm(realm in "[ -~]{0,40}") {
        let quoted = realm.replace('\\', "\\\\").replace('"', "\\\"");
        let value = format!("Bearer realm=\"{quoted}\", error=\"invalid_token\"");
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_str(&value).unwrap());
        prop_assert_eq!(complaint(&headers), Complaint::InvalidToken);
    }
}
