//! Moments as the service writes them.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// The last second that a date with a year of four digits can have.
pub(crate) const LAST: i64 = 253_402_300_799;

/// ISO 8601 with microseconds and `Z`, from seconds since 1970; what has no such form is written as its nearest end.
pub(crate) fn iso(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds.clamp(0, LAST));
    let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000000Z")
}

/// Whole seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_microseconds_and_a_z() {
        assert_eq!(iso(1_767_225_661), "2026-01-01T00:01:01.000000Z");
        assert_eq!(iso(LAST), "9999-12-31T23:59:59.000000Z");
        assert_eq!(iso(i64::MAX), iso(LAST));
        assert_eq!(iso(-1), "1970-01-01T00:00:00.000000Z");
    }
}
