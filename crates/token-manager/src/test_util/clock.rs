//! A clock that follows tokio's time.

use std::time::{Duration, SystemTime};

use token_core::{BootInstant, Clock, Now};

/// A clock that follows tokio's time, paused or not. It starts at 2027-01-15 08:00:00 UTC.
#[derive(Clone, Copy, Debug)]
pub struct PausedClock {
    start: tokio::time::Instant,
}

impl PausedClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }
}

impl Default for PausedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let passed = self.start.elapsed();
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + passed;
        Now {
            wall,
            boot: BootInstant::new(Duration::from_secs(3_600) + passed),
        }
    }
}
