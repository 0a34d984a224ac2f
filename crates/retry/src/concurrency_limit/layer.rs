//! The limit of requests under way, as a layer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tower_layer::Layer;

use super::ConcurrencyLimit;

/// Lets only so many requests be under way at once, over all services that it makes and their
/// clones (C-45).
///
/// It goes below everything that waits: retry, pause gate and authorization hold no permit while
/// they sleep or renew a token (W-C12). A permit is taken for one try and given back when its answer
/// is complete, when it failed, or when its future is dropped. Who comes first is first; who waits
/// longer than the longest wait, or than its call has left, gets a `Stopped` with
/// `StopReason::Saturated` or `StopReason::Deadline`, and nothing was sent.
///
/// Unlike `tower::limit::ConcurrencyLimitLayer` it waits in the future and not in `poll_ready`, so
/// a request that waits keeps its place, and no permit is kept by a service that is ready and not
/// called.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimitLayer {
    permits: Arc<Semaphore>,
    longest_wait: Duration,
}

impl ConcurrencyLimitLayer {
    /// The longest wait for a permit, unless set: 5 s (C-44, the seed's wait for its pool).
    pub const LONGEST_WAIT: Duration = Duration::from_secs(5);

    /// At most `limit` requests at once; 0 counts as 1.
    pub fn new(limit: usize) -> Self {
        let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(limit)),
            longest_wait: Self::LONGEST_WAIT,
        }
    }

    /// Lets a request wait this long for its permit; the default is 5 s.
    #[must_use]
    pub const fn with_longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }
}

impl<S> Layer<S> for ConcurrencyLimitLayer {
    type Service = ConcurrencyLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConcurrencyLimit::new(inner, Arc::clone(&self.permits), self.longest_wait)
    }
}
