//! How long a token lives: what its answer says, what it says itself, and what is believed.

use serde_json::json;

use super::*;

// C-54, W-C19
#[test]
fn a_token_must_end_some_time() {
    for claims in [json!({}), json!({ "exp": null }), json!({ "iat": NOW })] {
        let token = signed_with("RS256", &claims);
        assert_eq!(verdict(&token), Err(UnacceptableToken::Endless), "{claims}");
        let stated = judge(&cidx(), &token, Some(secs(600)));
        assert_eq!(stated, Ok(Lifetime::Stated(secs(600))));
    }
}

// C-54, C-55: by the authority's own clock where it names both ends, by ours where it does not.
#[test]
fn the_lifetime_comes_from_the_claims() {
    let cases = [
        (json!({ "iat": NOW, "exp": NOW + 600 }), 600),
        (json!({ "iat": "1800000000", "exp": "1800000600" }), 600),
        (
            json!({ "iat": 1_800_000_000.5, "exp": 1_800_000_600.5 }),
            600,
        ),
        // A clock that is wrong by a year, theirs or ours, does not matter.
        (
            json!({ "iat": NOW - 31_536_000, "exp": NOW - 31_536_000 + 600 }),
            600,
        ),
        (json!({ "exp": NOW + 450 }), 450),
        (json!({ "exp": "1800000450" }), 450),
    ];
    for (claims, expected) in cases {
        let token = signed_with("RS256", &claims);
        assert_eq!(
            verdict(&token),
            Ok(Lifetime::Stated(secs(expected))),
            "{claims}"
        );
    }
}

// C-19, C-54: after either end the token would be refused.
#[test]
fn of_two_stated_ends_the_earlier_counts() {
    let token = signed_with("RS256", &ten_minutes());
    for (stated, expected) in [(3600, 600), (600, 600), (60, 60)] {
        let lifetime = judge(&cidx(), &token, Some(secs(stated)));
        assert_eq!(lifetime, Ok(Lifetime::Stated(secs(expected))));
    }
}

// C-18
#[test]
fn an_answer_that_states_no_life_or_more_than_a_day_is_refused() {
    let token = signed_with("RS256", &json!({}));
    for (stated, expected) in [
        (Duration::ZERO, Err(UnacceptableToken::Ended)),
        (secs(1), Ok(Lifetime::Stated(secs(1)))),
        (DAY, Ok(Lifetime::Stated(DAY))),
        (DAY + secs(1), Err(UnacceptableToken::TooLong)),
        (Duration::MAX, Err(UnacceptableToken::TooLong)),
    ] {
        assert_eq!(judge(&cidx(), &token, Some(stated)), expected, "{stated:?}");
    }
    assert!(AccessToken::new("").is_err() && AccessToken::new("  ").is_err());
}

// C-26, C-56: X-11 gives a clock that was set a minute of slack.
#[test]
fn a_token_that_ends_in_more_than_a_day_is_refused() {
    let day = 86_400;
    for (claims, expected) in [
        (json!({ "iat": NOW, "exp": NOW + day }), Ok(DAY)),
        (
            json!({ "iat": NOW, "exp": NOW + day + 1 }),
            Err(UnacceptableToken::TooLong),
        ),
        (json!({ "exp": NOW + day + 60 }), Ok(DAY)),
        (
            json!({ "exp": NOW + day + 61 }),
            Err(UnacceptableToken::TooLong),
        ),
        (json!({ "exp": 1e300 }), Err(UnacceptableToken::TooLong)),
        (
            json!({ "iat": 0, "exp": u64::MAX }),
            Err(UnacceptableToken::TooLong),
        ),
        (json!({ "exp": NOW }), Err(UnacceptableToken::Ended)),
        (json!({ "exp": -5 }), Err(UnacceptableToken::Ended)),
        (
            json!({ "iat": NOW, "exp": NOW - 1 }),
            Err(UnacceptableToken::Ended),
        ),
    ] {
        let token = signed_with("RS256", &claims);
        assert_eq!(verdict(&token), expected.map(Lifetime::Stated), "{claims}");
        // What the answer says beside it does not heal a token that lives too long.
        let stated = judge(&cidx(), &token, Some(HOUR));
        assert_eq!(stated.err(), expected.err(), "{claims}");
    }
    let rules = JwtRules::default().with_max_lifetime(2 * DAY);
    let token = signed_with("RS256", &json!({ "iat": NOW, "exp": NOW + 2 * day }));
    let lifetime = judge(&TokenValidator::Jwt(rules), &token, None);
    assert_eq!(lifetime, Ok(Lifetime::Stated(2 * DAY)));
}
