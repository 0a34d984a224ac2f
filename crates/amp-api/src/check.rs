//! What is checked before a request is made.

use std::ops::RangeInclusive;

use crate::InvalidRequest;

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
