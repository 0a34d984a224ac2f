//! The token record and what may be told about it.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{AccessToken, Now, RefreshToken};

/// A token with its times: what a manager serves and a store keeps (A-15).
///
/// It can be read from the stored form but not written by accident: [`to_stored`](Self::to_stored)
/// is the one way out.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenData {
    token: AccessToken,
    refresh_token: Option<RefreshToken>,
    expires_at: SystemTime,
    obtained_at: SystemTime,
}

impl TokenData {
    /// A record of a token that was asked for at `obtained_at` and ends at `expires_at`.
    ///
    /// Instants outside the years 1970 to 9999 are moved to that border: the stored form could
    /// not express them.
    pub fn new(token: AccessToken, obtained_at: SystemTime, expires_at: SystemTime) -> Self {
        Self {
            token,
            refresh_token: None,
            expires_at: expressible(expires_at),
            obtained_at: expressible(obtained_at),
        }
    }

    /// A record of a token that lives for `lifetime` from `obtained_at`, the moment just before
    /// the request was sent (X-11).
    pub fn with_lifetime(token: AccessToken, obtained_at: SystemTime, lifetime: Duration) -> Self {
        let expires_at = obtained_at.checked_add(lifetime).unwrap_or_else(latest);
        Self::new(token, obtained_at, expires_at)
    }

    /// Adds the token that renews this one.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: Option<RefreshToken>) -> Self {
        self.refresh_token = refresh_token;
        self
    }

    /// The secret itself.
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// The token that renews this one, where the authority hands one out.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    /// The end of the token's life on the wall clock.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// The moment just before the token was asked for.
    pub fn obtained_at(&self) -> SystemTime {
        self.obtained_at
    }

    /// From the request for the token to its end.
    pub fn lifetime(&self) -> Duration {
        self.expires_at
            .duration_since(self.obtained_at)
            .unwrap_or_default()
    }

    /// The time since the token was asked for; zero when that lies in the future (A-18).
    pub fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.obtained_at).unwrap_or_default()
    }

    /// Whether the token's life is over: at its last instant it is (X-10).
    pub fn is_expired(&self, now: SystemTime) -> bool {
        now >= self.expires_at
    }

    /// Whether at most `threshold` of its life is left (X-09); an expired token expires soon too.
    pub fn expires_soon(&self, now: SystemTime, threshold: Duration) -> bool {
        self.expires_at.duration_since(now).unwrap_or_default() <= threshold
    }

    /// What may be told about this token at `now`: everything but its text (A-20).
    pub fn info(&self, now: &Now) -> TokenInfo {
        TokenInfo {
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            expires_in: signed_distance(now.wall, self.expires_at),
            age: self.age(now.wall),
            is_expired: self.is_expired(now.wall),
            expires_soon: self.expires_soon(now.wall, TokenInfo::SOON),
        }
    }

    /// The stored form, which holds the token in clear (A-21).
    pub fn to_stored(&self) -> StoredToken<'_> {
        StoredToken {
            token: self.token.expose_secret(),
            expires_at: rfc3339(self.expires_at),
            obtained_at: rfc3339(self.obtained_at),
            refresh_token: self.refresh_token.as_ref().map(RefreshToken::expose_secret),
        }
    }
}

impl fmt::Debug for TokenData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenData")
            .field("token", &self.token)
            .field("refresh_token", &self.refresh_token)
            .field("expires_at", &rfc3339(self.expires_at))
            .field("obtained_at", &rfc3339(self.obtained_at))
            .finish()
    }
}

impl<'de> Deserialize<'de> for TokenData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            token: AccessToken,
            #[serde(with = "time::serde::rfc3339")]
            expires_at: OffsetDateTime,
            #[serde(with = "time::serde::rfc3339")]
            obtained_at: OffsetDateTime,
            #[serde(default)]
            refresh_token: Option<RefreshToken>,
        }
        let wire = Wire::deserialize(deserializer)?;
        if wire.expires_at.min(wire.obtained_at) < OffsetDateTime::UNIX_EPOCH {
            return Err(serde::de::Error::custom("a time before 1970"));
        }
        let data = Self::new(wire.token, wire.obtained_at.into(), wire.expires_at.into());
        Ok(data.with_refresh_token(wire.refresh_token))
    }
}

/// The stored form of a token: `token`, `expires_at`, `obtained_at`, and `refresh_token` only
/// where there is one; times in RFC 3339 UTC to the nanosecond (A-21).
///
/// It borrows the secrets and has no `Debug`: its only use is to be serialised by a store.
#[derive(Serialize)]
pub struct StoredToken<'a> {
    token: &'a str,
    expires_at: String,
    obtained_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// What may be told about a token; its text is not in it (A-20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// The end of its life.
    pub expires_at: SystemTime,
    /// When it was asked for.
    pub obtained_at: SystemTime,
    /// What is left of its life; negative after its end.
    pub expires_in: time::Duration,
    /// The time since it was asked for.
    pub age: Duration,
    /// Whether its life is over.
    pub is_expired: bool,
    /// Whether at most [`TokenInfo::SOON`] is left.
    pub expires_soon: bool,
}

impl TokenInfo {
    /// The threshold of `expires_soon`: 5 minutes (A-17).
    pub const SOON: Duration = Duration::from_secs(300);
}

/// The last instant that RFC 3339 can write, to the second.
fn latest() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799)
}

fn expressible(instant: SystemTime) -> SystemTime {
    instant.clamp(SystemTime::UNIX_EPOCH, latest())
}

fn rfc3339(instant: SystemTime) -> String {
    OffsetDateTime::from(expressible(instant))
        .format(&Rfc3339)
        .expect("years 1970 to 9999 can be written in RFC 3339")
}

fn signed_distance(from: SystemTime, to: SystemTime) -> time::Duration {
    let (distance, sign) = match to.duration_since(from) {
        Ok(left) => (left, 1),
        Err(past) => (past.duration(), -1),
    };
    time::Duration::try_from(distance).unwrap_or(time::Duration::MAX) * sign
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::BootInstant;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: u64, nanos: u32) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
    }

    fn record() -> TokenData {
        let token = AccessToken::new("0123456789abcdef0123456789abcdef01234567").unwrap();
        TokenData::with_lifetime(token, at(1_800_000_000, 123_456_789), DAY)
    }

    fn now(wall: SystemTime) -> Now {
        Now {
            wall,
            boot: BootInstant::default(),
        }
    }

    // A-21: the names, their order and the absence of anything else.
    #[test]
    fn the_stored_form_has_exactly_the_three_keys_of_the_seed() {
        let json = serde_json::to_string(&record().to_stored()).unwrap();
        assert_eq!(
            json,
            r#"{"token":"0123456789abcdef0123456789abcdef01234567","expires_at":"2027-01-16T08:00:00.123456789Z","obtained_at":"2027-01-15T08:00:00.123456789Z"}"#
        );
    }

    // A-22, A-74
    #[test]
    fn debug_output_of_a_record_hides_both_tokens() {
        let refresh = RefreshToken::new("refresh-secret").unwrap();
        let shown = format!("{:?}", record().with_refresh_token(Some(refresh)));
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
        assert!(!shown.contains("refresh-secret"), "{shown}");
        assert!(shown.contains("2027-01-16T08:00:00"), "{shown}");
    }

    // A-16, X-10
    #[test]
    fn a_token_is_expired_from_its_last_instant_on() {
        let data = record();
        let end = data.expires_at();
        assert!(!data.is_expired(end - Duration::from_nanos(1)));
        assert!(data.is_expired(end));
        assert!(data.is_expired(end + DAY));
    }

    // A-17, C-23: inclusive by X-09.
    #[test]
    fn a_token_expires_soon_from_exactly_the_threshold_on() {
        let data = record();
        let border = data.expires_at() - TokenInfo::SOON;
        assert!(!data.expires_soon(border - Duration::from_nanos(1), TokenInfo::SOON));
        assert!(data.expires_soon(border, TokenInfo::SOON));
        assert!(data.expires_soon(data.expires_at() + DAY, TokenInfo::SOON));
    }

    // A-15, A-18, A-19
    #[test]
    fn age_is_never_negative_and_the_life_starts_when_the_token_was_asked_for() {
        let data = record();
        assert_eq!(data.lifetime(), DAY);
        assert_eq!(data.age(data.obtained_at()), Duration::ZERO);
        assert_eq!(data.age(data.obtained_at() - DAY), Duration::ZERO);
        assert_eq!(data.age(data.obtained_at() + DAY), DAY);
    }

    // A-20
    #[test]
    fn the_snapshot_counts_below_zero_after_the_end_and_has_no_token_in_it() {
        let data = record();
        let info = data.info(&now(data.expires_at() + Duration::from_secs(10)));
        assert_eq!(info.expires_in, time::Duration::seconds(-10));
        assert_eq!(info.age, DAY + Duration::from_secs(10));
        assert!(info.is_expired && info.expires_soon);
        assert!(!format!("{info:?}").contains("0123456789abcdef"));

        let info = data.info(&now(data.obtained_at()));
        assert_eq!(info.expires_in, time::Duration::DAY);
        assert!(!info.is_expired && !info.expires_soon);
    }

    #[test]
    fn records_that_cannot_be_meant_are_refused_without_repeating_the_token() {
        let cases = [
            r#"{"token":"","expires_at":"2027-01-16T08:00:00Z","obtained_at":"2027-01-15T08:00:00Z"}"#,
            r#"{"token":"secret text","expires_at":"2027-01-16T08:00:00Z","obtained_at":"2027-01-15T08:00:00Z"}"#,
            r#"{"token":"secret","expires_at":"1969-12-31T23:59:59Z","obtained_at":"2027-01-15T08:00:00Z"}"#,
            r#"{"token":"secret","expires_at":1800000000,"obtained_at":"2027-01-15T08:00:00Z"}"#,
            r#"{"token":"secret","obtained_at":"2027-01-15T08:00:00Z"}"#,
        ];
        for json in cases {
            let error = serde_json::from_str::<TokenData>(json)
                .unwrap_err()
                .to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_lifetime_beyond_the_calendar_ends_with_it() {
        let token = AccessToken::new("t").unwrap();
        let data = TokenData::with_lifetime(token, at(1_800_000_000, 0), Duration::MAX);
        let json = serde_json::to_string(&data.to_stored()).unwrap();
        assert!(json.contains("9999-12-31T23:59:59Z"), "{json}");
    }

    proptest! {
        // A-21: the round trip keeps every part, to the nanosecond.
        #[test]
        fn the_stored_form_round_trips(
            text in "[!-~]{1,80}", refresh in proptest::option::of("[!-~]{1,80}"),
            obtained in 0_u64..200_000_000_000, life in 0_u64..50_000_000_000, nanos in 0_u32..1_000_000_000,
        ) {
            let token = AccessToken::new(text).unwrap();
            let refresh = refresh.map(|text| RefreshToken::new(text).unwrap());
            let data = TokenData::new(token, at(obtained, nanos), at(obtained + life, 999_999_999 - nanos))
                .with_refresh_token(refresh);
            let json = serde_json::to_string(&data.to_stored()).unwrap();
            prop_assert_eq!(serde_json::from_str::<TokenData>(&json).unwrap(), data);
        }
    }
}
