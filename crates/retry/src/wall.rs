//! The wall clock, for HTTP dates and for telling when to come back.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use token_core::Clock;

/// A hundred years: moments further away than a clock can express are told as this far.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The system's wall clock, or the one that was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wall(Option<Arc<dyn Clock>>);

impl Wall {
    pub(crate) fn of(clock: Arc<dyn Clock>) -> Self {
        Self(Some(clock))
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0
            .as_ref()
            .map_or_else(system_time, |clock| clock.now().wall)
    }

    /// The moment that lies this far ahead.
    pub(crate) fn after(&self, wait: Duration) -> SystemTime {
        let now = self.now();
        let at = now.checked_add(wait).or_else(|| now.checked_add(FOREVER));
        at.unwrap_or(now)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which a layer without a given clock reads the system's"
)]
fn system_time() -> SystemTime {
    SystemTime::now()
}
