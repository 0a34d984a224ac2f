//! A limit on how many requests the service accepts.

use std::time::Duration;

use tokio::time::Instant;

/// So many requests in a period, which begins with the first request after the one before has ended.
///
/// A request over the limit is answered 429 with the whole seconds until the period ends in `Retry-After`, rounded
/// up, so a client that waits for them is never refused for being early. A request that a fault answers without
/// carrying it out does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    period: Duration,
}

/// The period that runs.
#[derive(Default)]
pub(crate) struct Limiter {
    limit: Option<RateLimit>,
    began_at: Option<Instant>,
    accepted: u32,
}

impl RateLimit {
    /// So many requests in each period. With 0 requests everything is refused.
    pub fn new(requests: u32, period: Duration) -> Self {
        Self { requests, period }
    }

    /// So many requests in each second.
    pub fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }
}

impl Limiter {
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Accepts one more request, or says after how many seconds to come back.
    pub(crate) fn accept(&mut self, now: Instant) -> Result<(), u64> {
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let began_at = self.current_period(limit, now);
        if self.accepted < limit.requests {
            self.accepted += 1;
            return Ok(());
        }
        let left = limit.period.saturating_sub(now.duration_since(began_at));
        Err(whole_seconds(left))
    }

    fn current_period(&mut self, limit: RateLimit, now: Instant) -> Instant {
        match self.began_at {
            Some(began_at) if now.duration_since(began_at) < limit.period => began_at,
            _ => {
                self.accepted = 0;
                *self.began_at.insert(now)
            }
        }
    }
}

/// Rounded up, and never 0, which would mean "at once".
fn whole_seconds(left: Duration) -> u64 {
    let started = u64::from(left.subsec_nanos() > 0);
    left.as_secs().saturating_add(started).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_obeys_is_accepted_again() {
        let start = Instant::now();
        let mut limiter = Limiter::new(Some(RateLimit::new(2, Duration::from_millis(2500))));
        assert_eq!(limiter.accept(start), Ok(()));
        assert_eq!(limiter.accept(start), Ok(()));
        assert_eq!(limiter.accept(start), Err(3));
        assert_eq!(limiter.accept(start + Duration::from_millis(600)), Err(2));
        assert_eq!(limiter.accept(start + Duration::from_millis(2499)), Err(1));
        assert_eq!(limiter.accept(start + Duration::from_millis(2600)), Ok(()));
    }

    #[test]
    fn a_limit_of_nothing_refuses_everything_and_no_limit_nothing() {
        let now = Instant::now();
        assert_eq!(
            Limiter::new(Some(RateLimit::per_second(0))).accept(now),
            Err(1)
        );
        assert_eq!(
            Limiter::new(Some(RateLimit::new(0, Duration::ZERO))).accept(now),
            Err(1)
        );
        assert_eq!(Limiter::default().accept(now), Ok(()));
    }
}
