//! The clocks of the machine.

use std::time::SystemTime;

use token_core::{BootInstant, Clock, Now};

/// The clocks of the machine: the wall clock, and one that counts the time of a suspend.
///
/// Outside Linux the second is the standard library's monotonic clock, which may stand still while
/// the machine sleeps.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else takes"
    )]
    fn now(&self) -> Now {
        Now {
            wall: SystemTime::now(),
            boot: boot(),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn boot() -> BootInstant {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    BootInstant::new(std::time::Duration::new(seconds, nanos))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn boot() -> BootInstant {
    use std::sync::OnceLock;
    use std::time::Instant;

    static START: OnceLock<Instant> = OnceLock::new();
    BootInstant::new(START.get_or_init(Instant::now).elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_clock_never_goes_back() {
        let clock = SystemClock;
        let first = clock.now();
        let second = clock.now();
        assert!(second.boot >= first.boot);
    }
}
