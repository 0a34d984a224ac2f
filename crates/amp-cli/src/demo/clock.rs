//! The machine's clock with a day that can be skipped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use token_core::{Clock, Now};
use token_manager::SystemClock;

/// The machine's clocks, both ahead by what was skipped. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct DemoClock {
    skipped: Arc<Mutex<Duration>>,
}

impl DemoClock {
    /// Lets this much time pass at once.
    pub(super) fn skip(&self, time: Duration) {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Now {
        let skipped = *self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemClock::default().now();
        Now {
            wall: now.wall + skipped,
            boot: now.boot.saturating_add(skipped),
        }
    }
}
