//! The clock that the service shows to its clients.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use tokio::time::Instant;

use crate::fault::Skew;

/// The last moment that an HTTP date can write: the end of the year 9999.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// Wall time that moves with tokio's clock, so that dates stay right in a test that pauses it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceClock {
    started: Instant,
    started_wall: SystemTime,
}

impl ServiceClock {
    pub(crate) fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the sandbox is a service of its own, with a clock of its own"
        )]
        let started_wall = SystemTime::now();
        Self {
            started: Instant::now(),
            started_wall,
        }
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self, now: Instant) -> Duration {
        now.duration_since(self.started)
    }

    /// What the service shows as the time, which may be wrong on purpose.
    pub(crate) fn wall(&self, now: Instant, skew: Option<Skew>) -> SystemTime {
        let right = later(self.started_wall, self.elapsed(now));
        match skew {
            None => right,
            Some(Skew::Ahead(by)) => later(right, by),
            Some(Skew::Behind(by)) => right.checked_sub(by).unwrap_or(UNIX_EPOCH).max(UNIX_EPOCH),
        }
    }
}

/// An HTTP date; a started second is left out.
pub(crate) fn http_date(time: SystemTime) -> HeaderValue {
    HeaderValue::from_str(&httpdate::fmt_http_date(time)).expect("HTTP dates are visible ASCII")
}

/// The HTTP date that many seconds after a time, not a moment early: a started second counts whole.
pub(crate) fn http_date_after(time: SystemTime, seconds: u64) -> HeaderValue {
    let started = time
        .duration_since(UNIX_EPOCH)
        .is_ok_and(|since| since.subsec_nanos() > 0);
    let seconds = seconds.saturating_add(u64::from(started));
    http_date(later(time, Duration::from_secs(seconds)))
}

fn later(time: SystemTime, by: Duration) -> SystemTime {
    let last = UNIX_EPOCH + LAST_DATE;
    time.checked_add(by).unwrap_or(last).clamp(UNIX_EPOCH, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn a_date_ahead_is_never_early() {
        assert_eq!(
            http_date_after(at(10_000), 2),
            "Thu, 01 Jan 1970 00:00:12 GMT"
        );
        assert_eq!(
            http_date_after(at(10_001), 2),
            "Thu, 01 Jan 1970 00:00:13 GMT"
        );
    }

    #[test]
    fn dates_out_of_range_stay_writable() {
        let clock = ServiceClock::start();
        let now = Instant::now();
        let first = clock.wall(now, Some(Skew::Behind(Duration::MAX)));
        assert_eq!(http_date(first), "Thu, 01 Jan 1970 00:00:00 GMT");
        let last = clock.wall(now, Some(Skew::Ahead(Duration::MAX)));
        assert_eq!(
            http_date_after(last, u64::MAX),
            "Fri, 31 Dec 9999 23:59:59 GMT"
        );
    }
}
