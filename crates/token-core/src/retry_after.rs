//! The wait that an answer asks for.

use std::time::{Duration, SystemTime};

/// The wait that the values of an answer's `Retry-After` headers ask for at `now`, which is what
/// [`answered_at`] says.
///
/// Understood are whole and decimal seconds and the three forms of an HTTP date (RFC 9110 sections
/// 5.6.7 and 10.2.3, X-23). Of several the longest counts, so that nobody asks too early; a date in
/// the past is zero; a number beyond the range is the longest wait. `None` means that nothing was
/// there that could be understood: negative numbers, signs, other text.
pub fn parse_retry_after<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
    now: SystemTime,
) -> Option<Duration> {
    values.into_iter().filter_map(|value| one(value, now)).max()
}

/// The moment by which the dates in an answer are judged: the one in its own `Date` header, because
/// the service counts by its own clock and ours may be wrong by hours, else `now`. Of several the
/// earliest counts, so that nobody asks too early.
pub fn answered_at<'a>(dates: impl IntoIterator<Item = &'a [u8]>, now: SystemTime) -> SystemTime {
    let dates = dates.into_iter().filter_map(date);
    dates.min().unwrap_or(now)
}

fn date(value: &[u8]) -> Option<SystemTime> {
    let text = std::str::from_utf8(value).ok()?;
    httpdate::parse_http_date(text.trim_matches([' ', '\t'])).ok()
}

fn one(value: &[u8], now: SystemTime) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
    if let Some(wait) = list(text) {
        return Some(wait);
    }
    Some(date(value)?.duration_since(now).unwrap_or_default())
}

/// The longest of a comma-separated list, which proxies make of repeated headers.
fn list(text: &str) -> Option<Duration> {
    let mut longest = None;
    for item in text.split(',') {
        longest = longest.max(Some(seconds(item.trim_matches([' ', '\t']))?));
    }
    longest
}

/// Seconds as digits, with decimals after one point if wanted; rounded up to the nanosecond.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let Ok(whole) = whole.parse() else {
        return Some(Duration::MAX);
    };
    let nanos = decimals.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    let finer = decimals.bytes().skip(9).any(|digit| digit != b'0');
    let wait = Duration::from_secs(whole);
    Some(wait.saturating_add(Duration::from_nanos(nanos + u64::from(finer))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sunday, 6 November 1994, 08:49:37 UTC: the date of the RFC's examples.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn parse(values: &[&str]) -> Option<Duration> {
        parse_retry_after(values.iter().map(|value| value.as_bytes()), now())
    }

    // C-37, W-A15, W-A16, X-23
    #[test]
    fn every_form_is_understood_and_garbage_counts_as_absent() {
        let cases = [
            ("0", Some(0)),
            ("5", Some(5000)),
            (" 5\t", Some(5000)),
            ("007", Some(7000)),
            ("1.5", Some(1500)),
            ("0.250", Some(250)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10_000)),
            ("Sun Nov  6 08:49:47 1994", Some(10_000)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("60, 120", Some(120_000)),
            ("", None),
            ("-1", None),
            ("+5", None),
            ("1e3", None),
            ("1.", None),
            (".5", None),
            ("1.5.2", None),
            ("5 s", None),
            ("5,", None),
            ("soon", None),
            ("NaN", None),
            ("inf", None),
            ("Sun, 06 Nov 1994", None),
            ("６０", None),
        ];
        for (value, millis) in cases {
            assert_eq!(
                parse(&[value]),
                millis.map(Duration::from_millis),
                "{value}"
            );
        }
        assert_eq!(parse_retry_after([&b"5\xff"[..]], now()), None);
    }

    // W-A16, X-22: a clock that is wrong, ours or the service's, moves no wait.
    #[test]
    fn dates_are_judged_by_the_clock_of_the_service() {
        let hour = Duration::from_secs(3600);
        let at = |dates: &[&str]| answered_at(dates.iter().map(|date| date.as_bytes()), now());
        assert_eq!(at(&[]), now());
        assert_eq!(at(&["soon", "5"]), now());
        assert_eq!(at(&["Sun, 06 Nov 1994 09:49:37 GMT"]), now() + hour);
        let two = ["Sun, 06 Nov 1994 09:49:37 GMT", "Sun Nov  6 07:49:37 1994"];
        assert_eq!(at(&two), now() - hour);
        let wait = [&b"Sun, 06 Nov 1994 09:49:47 GMT"[..]];
        let asked = parse_retry_after(wait, at(&two[..1]));
        assert_eq!(asked, Some(Duration::from_secs(10)));
    }

    // W-A16: never earlier than any of them asks.
    #[test]
    fn of_several_headers_the_longest_counts() {
        let date = "Sun, 06 Nov 1994 08:51:37 GMT";
        assert_eq!(
            parse(&["5", date, "rubbish"]),
            Some(Duration::from_secs(120))
        );
        assert_eq!(parse(&[date, "300"]), Some(Duration::from_secs(300)));
        assert_eq!(parse(&[]), None);
    }

    // W-A15
    #[test]
    fn numbers_beyond_the_range_are_the_longest_wait() {
        assert_eq!(parse(&["99999999999999999999999"]), Some(Duration::MAX));
        let most = format!("{}.9999999999", u64::MAX);
        assert_eq!(parse(&[&most]), Some(Duration::MAX));
    }

    #[test]
    fn a_part_of_a_nanosecond_is_rounded_up() {
        let wait = Duration::from_secs(1) + Duration::from_nanos(1);
        assert_eq!(parse(&["1.0000000001"]), Some(wait));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(value in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_retry_after([value.as_slice()], answered_at([value.as_slice()], now()));
        }

        // W-A16: rounding never shortens a wait.
        #[test]
        fn seconds_are_never_understood_as_less(whole in 0_u64..1_000_000, decimals in "[0-9]{1,12}") {
            let wait = parse(&[&format!("{whole}.{decimals}")]).unwrap();
            let exact: f64 = format!("{whole}.{decimals}").parse().unwrap();
            prop_assert!(wait.as_secs_f64() + 1e-6 >= exact && wait >= Duration::from_secs(whole));
        }
    }
}
