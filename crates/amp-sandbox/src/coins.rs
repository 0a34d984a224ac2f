//! Amounts as a node of the chain writes them: coins with eight decimals. No floating point is involved.

use serde_json::value::RawValue;

/// Every asset has as many decimals in the commands of a node, whatever its precision is.
const DECIMALS: i32 = 8;
const UNITS: i64 = 100_000_000;

/// More digits than any amount has; it keeps what is read out of the range where arithmetic overflows.
const LONGEST: usize = 64;

/// An amount in the smallest unit as a JSON number of coins, with no digit too many.
pub(crate) fn write(units: i64) -> Box<RawValue> {
    let (whole, fraction) = (units / UNITS, units % UNITS);
    let text = match fraction {
        0 => whole.to_string(),
        _ => format!("{whole}.{fraction:08}")
            .trim_end_matches('0')
            .to_owned(),
    };
    RawValue::from_string(text).expect("digits and one point are a JSON number")
}

/// The same with a minus before it, as a node writes what was sent.
pub(crate) fn write_negative(units: i64) -> Box<RawValue> {
    RawValue::from_string(format!("-{}", write(units).get()))
        .expect("a minus may stand before a JSON number")
}

/// Coins as a JSON number, or as a JSON text of one, in the smallest unit; none when they are not a whole number of it
/// from 0 up.
pub(crate) fn read(coins: &RawValue) -> Option<i64> {
    let text = coins.get().trim_matches('"');
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || digits.len() > LONGEST || !is_number {
        return None;
    }
    let written = i32::try_from(fraction.len()).ok()?;
    shift(
        &digits,
        exponent.checked_sub(written)?.checked_add(DECIMALS)?,
    )
}

/// The number that the digits are, with that many zeros behind it; with fewer than none, zeros are taken away.
fn shift(digits: &str, zeros: i32) -> Option<i64> {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let count = usize::try_from(zeros.unsigned_abs()).ok()?;
    if count > LONGEST {
        return None;
    }
    if zeros >= 0 {
        return format!("{digits}{}", "0".repeat(count)).parse().ok();
    }
    let kept = digits.strip_suffix("0".repeat(count).as_str())?;
    kept.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Option<i64> {
        read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn coins_are_written_exactly_and_read_back() {
        let table = [
            (0, "0"),
            (1, "0.00000001"),
            (10, "0.0000001"),
            (100_000_000, "1"),
            (123_456_789, "1.23456789"),
            (2_100_000_000_000_000, "21000000"),
            (2_099_999_999_999_999, "20999999.99999999"),
        ];
        for (units, text) in table {
            assert_eq!(write(units).get(), text);
            assert_eq!(reading(text), Some(units), "{text}");
        }
    }

    #[test]
    fn every_way_to_write_a_number_is_read() {
        let table = [
            ("1e-8", Some(1)),
            ("1E2", Some(10_000_000_000)),
            ("0.1e-7", Some(1)),
            ("1.50", Some(150_000_000)),
            ("\"0.00000001\"", Some(1)),
            ("0.0", Some(0)),
            ("0e99", Some(0)),
            ("0.000000001", None),
            ("1e-9", None),
            ("-1", None),
            ("1e30", None),
            ("1e2147483647", None),
            ("1e-2147483648", None),
            ("\"\"", None),
            ("\"one\"", None),
            ("null", None),
        ];
        for (text, units) in table {
            assert_eq!(reading(text), units, "{text}");
        }
    }
}
