//! A count of seconds as authorities write it.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A count of seconds as authorities write it: a JSON number, or the same as text (C-55). A
/// negative one is zero, and one beyond all durations the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(Duration);

impl Seconds {
    /// The duration.
    pub const fn duration(self) -> Duration {
        self.0
    }

    fn from_float(seconds: f64) -> Option<Self> {
        if !seconds.is_finite() {
            return None;
        }
        // What is left to fail on is too large.
        let duration = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        Some(Self(duration))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText)
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
        Ok(Seconds(Duration::from_secs(seconds)))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Seconds, E> {
        Ok(Seconds(Duration::from_secs(
            u64::try_from(seconds).unwrap_or(0),
        )))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Seconds, E> {
        Seconds::from_float(seconds).ok_or_else(|| E::custom("not a number of seconds"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seconds, E> {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return self.visit_u64(seconds);
        }
        let seconds = text.parse().ok().and_then(Seconds::from_float);
        seconds.ok_or_else(|| E::custom("not a number of seconds"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Duration> {
        serde_json::from_str(json).ok().map(Seconds::duration)
    }

    // C-55
    #[test]
    fn numbers_and_numeric_texts_are_understood_alike() {
        let cases = [
            ("600", Some(Duration::from_secs(600))),
            ("\"600\"", Some(Duration::from_secs(600))),
            ("\" 600 \"", Some(Duration::from_secs(600))),
            ("600.5", Some(Duration::from_millis(600_500))),
            ("\"600.5\"", Some(Duration::from_millis(600_500))),
            ("0", Some(Duration::ZERO)),
            ("-1", Some(Duration::ZERO)),
            ("\"-1.5\"", Some(Duration::ZERO)),
            ("18446744073709551615", Some(Duration::from_secs(u64::MAX))),
            ("1e300", Some(Duration::MAX)),
            ("\"1e300\"", Some(Duration::MAX)),
            ("\"NaN\"", None),
            ("\"inf\"", None),
            ("\"\"", None),
            ("\"ten\"", None),
            ("true", None),
            ("null", None),
            ("[600]", None),
        ];
        for (json, expected) in cases {
            assert_eq!(read(json), expected, "{json}");
        }
    }

    proptest! {
        // C-55
        #[test]
        fn every_number_is_some_duration(number in any::<f64>()) {
            let expected = number.is_finite();
            prop_assert_eq!(Seconds::from_float(number).is_some(), expected);
        }
    }
}
