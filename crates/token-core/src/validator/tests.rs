//! Tokens of every kind against the rules.

mod lifetime;

use std::time::{Duration, SystemTime};

use data_encoding::{BASE64URL, BASE64URL_NOPAD};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{ErrorClass, TokenError};

const NOW: u64 = 1_800_000_000;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + secs(NOW)
}

fn part(json: &serde_json::Value) -> String {
    BASE64URL_NOPAD.encode(json.to_string().as_bytes())
}

fn jwt(header: &serde_json::Value, claims: &serde_json::Value) -> String {
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}

fn signed_with(alg: &str, claims: &serde_json::Value) -> String {
    jwt(&json!({ "typ": "JWT", "alg": alg }), claims)
}

fn ten_minutes() -> serde_json::Value {
    json!({ "sub": "canary-user", "iat": NOW, "exp": NOW + 600 })
}

fn cidx() -> TokenValidator {
    TokenValidator::Jwt(JwtRules::new([JwtAlgorithm::Rs256, JwtAlgorithm::Hs256]))
}

fn judge(
    validator: &TokenValidator,
    token: &str,
    stated: Option<Duration>,
) -> Result<Lifetime, UnacceptableToken> {
    validator.lifetime(&AccessToken::new(token).unwrap(), stated, HOUR, now())
}

fn verdict(token: &str) -> Result<Lifetime, UnacceptableToken> {
    judge(&cidx(), token, None)
}

// X-26, C-19: an opaque token is taken as it is, dots or not.
#[test]
fn nothing_in_an_opaque_token_is_looked_at() {
    for token in [
        "0123456789abcdef",
        "a.b.c",
        &signed_with("none", &json!({})),
    ] {
        let opaque = TokenValidator::default();
        let assumed = Ok(Lifetime::Assumed(HOUR));
        assert_eq!(judge(&opaque, token, None), assumed);
        let stated = Ok(Lifetime::Stated(10 * DAY));
        assert_eq!(judge(&opaque, token, Some(10 * DAY)), stated);
        let ended = Err(UnacceptableToken::Ended);
        assert_eq!(judge(&opaque, token, Some(Duration::ZERO)), ended);
    }
}

// C-55, C-25
#[test]
fn what_is_not_three_parts_of_base64url_is_refused() {
    let good = signed_with("RS256", &ten_minutes());
    assert_eq!(verdict(&good), Ok(Lifetime::Stated(secs(600))));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = head.split_once('.').unwrap();
    for token in [
        header.to_owned(),
        head.to_owned(),
        format!("{good}.more"),
        format!("{good}."),
        "..".to_owned(),
        format!(".{claims}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.=="),
        format!("{header}.{claims}.not+base64/url"),
        format!("{header}.{claims}*.{signature}"),
        format!("{header}.{claims}===.{signature}"),
        format!("{header}.a.{signature}"),
    ] {
        let error = verdict(&token).unwrap_err();
        let garbage = [UnacceptableToken::NotJwt, UnacceptableToken::Unreadable];
        assert!(garbage.contains(&error), "{token}: {error:?}");
        assert_eq!(error.class(), ErrorClass::Transient);
    }
}

// C-55
#[test]
fn padding_is_tolerated() {
    let header = json!({ "alg": "HS256" });
    for filler in ["", "x", "xx"] {
        let claims = json!({ "iat": NOW, "exp": NOW + 600, "filler": filler });
        let padded = |json: &serde_json::Value| BASE64URL.encode(json.to_string().as_bytes());
        let token = format!("{}.{}.c2ln==", padded(&header), padded(&claims));
        assert_eq!(verdict(&token), Ok(Lifetime::Stated(secs(600))), "{token}");
    }
}

// C-55
#[test]
fn header_and_claims_must_be_objects_that_make_sense() {
    let header = json!({ "alg": "RS256" });
    for token in [
        jwt(&json!("RS256"), &ten_minutes()),
        jwt(&json!(["RS256"]), &ten_minutes()),
        jwt(&json!(null), &ten_minutes()),
        jwt(&json!({}), &ten_minutes()),
        jwt(&json!({ "alg": 256 }), &ten_minutes()),
        jwt(&json!({ "alg": ["RS256"] }), &ten_minutes()),
        jwt(&header, &json!([NOW + 600, NOW])),
        jwt(&header, &json!("claims")),
        jwt(&header, &json!({ "exp": "soon" })),
        jwt(&header, &json!({ "exp": true })),
        jwt(&header, &json!({ "exp": { "at": NOW } })),
        format!("{}.bm90IGpzb24.c2ln", part(&header)),
        format!("{}._____w.c2ln", part(&header)),
    ] {
        assert_eq!(
            verdict(&token),
            Err(UnacceptableToken::Unreadable),
            "{token}"
        );
    }
}

// C-25, C-56, W-S06, W-C20: the token's own header is read, and compared with the rules.
#[test]
fn only_the_allowed_algorithms_pass() {
    let strict = TokenValidator::Jwt(JwtRules::default());
    for (alg, by_default, by_cidx) in [
        ("RS256", true, true),
        ("HS256", false, true),
        ("RS512", false, false),
        ("ES256", false, false),
        ("rs256", false, false),
        ("", false, false),
    ] {
        let token = signed_with(alg, &ten_minutes());
        let expected = |passes| match passes {
            true => Ok(Lifetime::Stated(secs(600))),
            false => Err(UnacceptableToken::Algorithm),
        };
        assert_eq!(judge(&strict, &token, None), expected(by_default), "{alg}");
        assert_eq!(judge(&cidx(), &token, None), expected(by_cidx), "{alg}");
    }
    assert_eq!(UnacceptableToken::Algorithm.class(), ErrorClass::Terminal);
}

// X-26, C-56: and the names of all that can be allowed are those of the standard.
#[test]
fn none_is_refused_in_any_letter_case_whatever_is_allowed() {
    use JwtAlgorithm as Alg;
    let all = [
        Alg::Hs256,
        Alg::Hs384,
        Alg::Hs512,
        Alg::Rs256,
        Alg::Rs384,
        Alg::Rs512,
        Alg::Ps256,
        Alg::Ps384,
        Alg::Ps512,
        Alg::Es256,
        Alg::Es384,
        Alg::Es512,
        Alg::EdDsa,
    ];
    let generous = TokenValidator::Jwt(JwtRules::new(all));
    for alg in ["none", "None", "NONE", "nOnE"] {
        let token = signed_with(alg, &ten_minutes());
        let refused = Err(UnacceptableToken::Algorithm);
        assert_eq!(judge(&generous, &token, Some(HOUR)), refused, "{alg}");
    }
    let names = "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA";
    for alg in names.split(' ') {
        let token = signed_with(alg, &ten_minutes());
        assert_eq!(
            judge(&generous, &token, None),
            Ok(Lifetime::Stated(secs(600))),
            "{alg}"
        );
    }
}

// C-66, A-74
#[test]
fn errors_name_no_part_of_the_token() {
    for token in [
        "canary.canary.canary".to_owned(),
        signed_with("canary", &ten_minutes()),
        signed_with("RS256", &json!({ "exp": "canary" })),
        signed_with("RS256", &json!({ "sub": "canary-user" })),
    ] {
        let error = TokenError::from(verdict(&token).unwrap_err());
        let shown = format!("{error} {error:?}");
        assert!(error.to_string().starts_with("Token validation error: "));
        assert!(!shown.contains("canary"), "{shown}");
    }
}

/// Texts that are nearly tokens: random bytes in each part, behind a good header now and then.
fn nearly_a_token() -> impl Strategy<Value = String> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..200);
    let encoded = bytes().prop_map(|bytes| BASE64URL_NOPAD.encode(&bytes));
    let header = prop_oneof![Just(part(&json!({ "alg": "RS256" }))), encoded];
    let claims = prop_oneof![
        bytes().prop_map(|bytes| BASE64URL_NOPAD.encode(&bytes)),
        "[ -~]{0,60}".prop_map(|text| part(&json!({ "exp": text, "iat": text }))),
        (any::<f64>(), any::<i64>())
            .prop_map(|(exp, iat)| part(&json!({ "exp": exp, "iat": iat }))),
        any::<u64>().prop_map(|exp| part(&json!({ "exp": exp }))),
        (0_u64..200_000).prop_map(|exp| part(&json!({ "exp": exp }))),
        (0_u64..200_000, 0_u64..200_000)
            .prop_map(|(exp, iat)| part(&json!({ "exp": exp, "iat": iat }))),
    ];
    (header, claims, bytes()).prop_map(|(header, claims, signature)| {
        format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(&signature))
    })
}

proptest! {
    // C-55
    #[test]
    fn no_text_brings_the_reader_down(text in "[!-~]{1,300}", dots in "[.=A-Za-z0-9_-]{1,60}") {
        for token in [text, dots] {
            let _ = verdict(&token);
        }
    }

    // C-55, C-26
    #[test]
    fn whatever_passes_lives_and_not_for_more_than_a_day(
        token in nearly_a_token(), stated in proptest::option::of(any::<u64>()), wall in 0_u64..200_000,
    ) {
        let wall = SystemTime::UNIX_EPOCH + secs(wall);
        let token = AccessToken::new(token).unwrap();
        if let Ok(lifetime) = cidx().lifetime(&token, stated.map(secs), HOUR, wall) {
            prop_assert!(lifetime.is_stated());
            prop_assert!(!lifetime.duration().is_zero() && lifetime.duration() <= DAY);
        }
    }
}
