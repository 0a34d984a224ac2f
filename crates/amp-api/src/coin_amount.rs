//! Amounts in coins: decimals that are kept to the last digit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

/// The digits after the decimal point that Elements knows, for every asset.
const DIGITS: u32 = 8;

/// The units of one coin.
const COIN: u64 = 10_u64.pow(DIGITS);

/// An amount in coins, as the instructions for a node have it; one coin is 10^8 units.
///
/// It is read from the digits of a JSON number, or of a text, and written as a number with the
/// same value. It never is a binary fraction, which cannot hold most decimals.
///
/// ```
/// use amp_api::CoinAmount;
///
/// let amount: CoinAmount = "20999999.99999999".parse()?;
/// assert_eq!(amount.units(), 2_099_999_999_999_999);
/// assert_eq!(amount.to_string(), "20999999.99999999");
/// # Ok::<(), amp_api::InvalidCoinAmount>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoinAmount {
    units: u64,
}

impl CoinAmount {
    /// The amount of so many units.
    ///
    /// # Errors
    ///
    /// When it is negative.
    pub fn from_units(units: i64) -> Result<Self, InvalidCoinAmount> {
        let units = u64::try_from(units).map_err(|_| InvalidCoinAmount::Negative)?;
        Ok(Self { units })
    }

    /// The amount in whole units of the smallest size.
    pub fn units(self) -> i64 {
        i64::try_from(self.units).unwrap_or(i64::MAX)
    }
}

/// Coins with as many digits as are needed: `0.00000001`, `1.5`, `10`.
impl fmt::Display for CoinAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (coins, rest) = (self.units / COIN, self.units % COIN);
        if rest == 0 {
            return write!(f, "{coins}");
        }
        let fraction = format!("{rest:08}");
        write!(f, "{coins}.{}", fraction.trim_end_matches('0'))
    }
}

/// Reads a decimal as JSON writes it, an exponent included.
impl FromStr for CoinAmount {
    type Err = InvalidCoinAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('-') {
            return Err(InvalidCoinAmount::Negative);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(InvalidCoinAmount::NotANumber),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(InvalidCoinAmount::NotANumber);
        }
        let places = i64::try_from(fraction.len()).map_err(|_| InvalidCoinAmount::TooFine)?;
        let units = scale(&digits, exponent.saturating_sub(places))?;
        Ok(Self { units })
    }
}

/// An exponent so large that it does not fit a number is as good as the largest.
fn read_exponent(text: &str) -> Result<i64, InvalidCoinAmount> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(InvalidCoinAmount::NotANumber);
    }
    let size = digits.parse().unwrap_or(i64::MAX);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The units of `digits` times ten to the power of `exponent` coins.
fn scale(digits: &str, exponent: i64) -> Result<u64, InvalidCoinAmount> {
    let all = digits.trim_start_matches('0');
    let digits = all.trim_end_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    let dropped = i64::try_from(all.len() - digits.len()).unwrap_or(i64::MAX);
    let power = exponent
        .saturating_add(dropped)
        .saturating_add(i64::from(DIGITS));
    let power = u32::try_from(power).map_err(|_| match power {
        ..0 => InvalidCoinAmount::TooFine,
        0.. => InvalidCoinAmount::TooLarge,
    })?;
    let number: u64 = digits.parse().map_err(|_| InvalidCoinAmount::TooLarge)?;
    10_u64
        .checked_pow(power)
        .and_then(|factor| number.checked_mul(factor))
        .filter(|units| i64::try_from(*units).is_ok())
        .ok_or(InvalidCoinAmount::TooLarge)
}

impl Serialize for CoinAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.to_string());
        number
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CoinAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let text = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        text.parse().map_err(de::Error::custom)
    }
}

/// Why a text is no amount in coins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCoinAmount {
    /// It is not a decimal number.
    #[error("an amount in coins must be a decimal number")]
    NotANumber,
    /// It is below zero.
    #[error("an amount in coins must not be negative")]
    Negative,
    /// It has more than eight digits after the decimal point.
    #[error("an amount in coins has at most 8 digits after the decimal point")]
    TooFine,
    /// It is more than there can be.
    #[error("the amount in coins is too large")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<CoinAmount, serde_json::Error> {
        serde_json::from_str(json)
    }

    // W-A37: what binary fractions cannot hold is held to the unit.
    #[test]
    fn coins_are_read_to_the_last_digit() {
        let cases = [
            ("0", 0),
            ("0.0", 0),
            ("0e999999999999999999999", 0),
            ("1", 100_000_000),
            ("0.1", 10_000_000),
            ("0.3", 30_000_000),
            ("1.10", 110_000_000),
            ("0.00000001", 1),
            ("1e-8", 1),
            ("1E-8", 1),
            ("10e-9", 1),
            ("1.5e+2", 15_000_000_000),
            ("0.00000001000000000000000000000000", 1),
            ("20999999.99999999", 2_099_999_999_999_999),
            ("92233720368.54775807", i64::MAX),
            (r#""12.34""#, 1_234_000_000),
        ];
        for (json, units) in cases {
            assert_eq!(read(json).unwrap().units(), units, "{json}");
        }
    }

    // W-A37: rounding is refused, not done.
    #[test]
    fn what_is_no_exact_amount_is_refused() {
        use InvalidCoinAmount::{Negative, NotANumber, TooFine, TooLarge};
        let cases = [
            ("0.000000001", TooFine),
            ("1e-9", TooFine),
            ("1.123456789", TooFine),
            ("1e-999999999999999999999", TooFine),
            ("-1", Negative),
            ("-0.5", Negative),
            ("92233720368.54775808", TooLarge),
            ("1e12", TooLarge),
            ("1e999999999999999999999", TooLarge),
            ("123456789012345678901", TooLarge),
            ("", NotANumber),
            (".", NotANumber),
            (".5", NotANumber),
            ("1.", NotANumber),
            ("1e", NotANumber),
            ("1e+", NotANumber),
            ("+1", NotANumber),
            (" 1", NotANumber),
            ("1,5", NotANumber),
            ("0x10", NotANumber),
            ("1.5.2", NotANumber),
            ("NaN", NotANumber),
            ("١", NotANumber),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<CoinAmount>(), Err(error), "{text:?}");
        }
        for json in ["null", "true", "[1]", "{}", r#""""#, r#""one""#, "-1"] {
            assert!(read(json).is_err(), "{json}");
        }
        assert_eq!(CoinAmount::from_units(-1), Err(Negative));
    }

    proptest! {
        // W-A37
        #[test]
        fn any_amount_survives_text_and_json(units in 0..=i64::MAX) {
            let amount = CoinAmount::from_units(units).unwrap();
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(&json, &amount.to_string());
            prop_assert_eq!(read(&json).unwrap().units(), units);
        }

        #[test]
        fn any_text_that_is_an_amount_is_the_same_amount_when_written(text in "[0-9.eE+-]{0,12}") {
            if let Ok(amount) = text.parse::<CoinAmount>() {
                prop_assert_eq!(amount.to_string().parse(), Ok(amount));
                prop_assert_eq!(read(&amount.to_string()).ok(), Some(amount));
            }
        }
    }
}
