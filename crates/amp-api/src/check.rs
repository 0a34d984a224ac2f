//! What is checked before a request is made.

use std::ops::RangeInclusive;

use crate::InvalidRequest;

/// The most units that can exist of an asset on Liquid: 21 million coins of 10^8 units.
pub(crate) const MAX_UNITS: i64 = 2_100_000_000_000_000;

/// Refuses texts that are empty or blank.
pub(crate) fn check_texts(texts: &[(&'static str, &str)]) -> Result<(), InvalidRequest> {
    match texts.iter().find(|(_, text)| text.trim().is_empty()) {
        None => Ok(()),
        Some(&(field, _)) => {
            let rule = "must not be empty";
            Err(InvalidRequest::Field { field, rule })
        }
    }
}

/// Refuses a number outside of these; `rule` says so in words.
pub(crate) fn check_between(
    field: &'static str,
    number: i64,
    allowed: RangeInclusive<i64>,
    rule: &'static str,
) -> Result<(), InvalidRequest> {
    if allowed.contains(&number) {
        return Ok(());
    }
    Err(InvalidRequest::Field { field, rule })
}

/// Refuses an amount of units that cannot exist, or is nothing.
pub(crate) fn check_units(field: &'static str, amount: i64) -> Result<(), InvalidRequest> {
    let rule = "must be between 1 and 2100000000000000";
    check_between(field, amount, 1..=MAX_UNITS, rule)
}

/// Refuses a list without items.
pub(crate) fn check_list<T>(field: &'static str, list: &[T]) -> Result<(), InvalidRequest> {
    if !list.is_empty() {
        return Ok(());
    }
    let rule = "must not be empty";
    Err(InvalidRequest::Field { field, rule })
}
