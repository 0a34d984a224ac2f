//! A limit on requests that are on their way, as a layer.

use std::time::Duration;

use tower_layer::Layer;

use super::{ConcurrencyLimit, ConcurrencyLimited};

/// Sends so many requests at once, and lets the others wait in the order in which they came.
///
/// It goes below everything that sleeps or renews a token, so that nobody holds a permit meanwhile,
/// and above the time-out of a try, whose time begins with the permit. The permit is held until the
/// whole answer is in hand. Who waits longer than the longest wait gets a `Stopped` with
/// `StopReason::Saturated`; who has no time left until then, one with `StopReason::Deadline`.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimitLayer {
    limit: ConcurrencyLimit,
    longest_wait: Duration,
}

impl ConcurrencyLimitLayer {
    /// Takes permits from this limit; stacks that share it share its permits.
    pub const fn new(limit: ConcurrencyLimit) -> Self {
        Self {
            limit,
            longest_wait: Duration::from_secs(5),
        }
    }

    /// How long a request waits for its permit; the default is 5 s (C-44).
    #[must_use]
    pub const fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = longest_wait;
        self
    }
}

impl<S> Layer<S> for ConcurrencyLimitLayer {
    type Service = ConcurrencyLimited<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyLimited::new(inner, self.limit.clone(), self.longest_wait)
    }
}
