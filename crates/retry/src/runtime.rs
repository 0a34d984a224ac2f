//! What the pause gate and the circuit breaker need of their runtime: the time, and timers.
//!
//! A model check has a time of its own; `models/runtime.rs` is then in the place of this.

use tokio::time::Instant;

pub(crate) use tokio::time::{Sleep, sleep_until};

/// The clock that waits are measured by.
pub(crate) fn now() -> Instant {
    Instant::now()
}
