//! Moments ahead on the clock that waits are measured by.

use std::time::Duration;

use tokio::time::Instant;

/// A hundred years: the tokio clock cannot express every wait that somebody may ask for.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The moment this long after `now`, or one that nobody lives to see.
#[inline]
pub(crate) fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by).unwrap_or(now + FOREVER)
}
