//! The least that a cached token can cost.

use std::hint::black_box;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;

use crate::Subject;

/// What nobody can do without, written by hand: one arc-swap load, one coarse clock, one
/// comparison, and a look at the header. It never notices a suspend, and it never refreshes.
#[derive(Clone, Debug)]
pub struct Floor(Arc<ArcSwap<Entry>>);

#[derive(Debug)]
struct Entry {
    header: HeaderValue,
    /// Seconds on the monotonic clock.
    until: i64,
}

impl Floor {
    /// One that holds this header for ever.
    pub fn new(header: HeaderValue) -> Self {
        let until = i64::MAX;
        Self(Arc::new(ArcSwap::from_pointee(Entry { header, until })))
    }

    fn look(&self) -> Option<arc_swap::Guard<Arc<Entry>>> {
        let entry = self.0.load();
        (coarse_secs() < entry.until).then_some(entry)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn coarse_secs() -> i64 {
    rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse).tv_sec
}

/// Elsewhere there is no coarse clock, for us neither.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn coarse_secs() -> i64 {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs().cast_signed()
}

impl Subject for Floor {
    const NAME: &'static str = "floor";

    async fn repeat(&self, times: u64) {
        for _ in 0..times {
            if let Some(entry) = self.look() {
                black_box(&entry.header);
            }
        }
    }
}
