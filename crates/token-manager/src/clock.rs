//! The clocks of the machine.

use std::time::SystemTime;

use token_core::{BootInstant, Clock, CoarseNow, Now};

/// The clocks of the machine: the wall clock, and one that counts the time of a suspend.
///
/// Outside Linux the second is the standard library's monotonic clock, which may stand still while
/// the machine sleeps, and the coarse clocks are the precise ones.
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

    /// The kernel's coarse clocks, which cost a third of the precise ones.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn coarse(&self) -> CoarseNow {
        use rustix::time::ClockId::{MonotonicCoarse, RealtimeCoarse};

        CoarseNow::from_nanos(nanos(RealtimeCoarse), nanos(MonotonicCoarse))
    }
}

/// A wall clock before 1970 wraps round to a distant future, in which no token is fresh.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn nanos(clock: rustix::time::ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    time.tv_sec
        .cast_unsigned()
        .wrapping_mul(1_000_000_000)
        .wrapping_add(nanos)
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

    #[test]
    fn the_coarse_clocks_are_those_of_the_machine_and_not_ahead_of_them() {
        let clock = SystemClock;
        let before = clock.coarse();
        let now = clock.now();
        let wall = now.wall.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert!(u128::from(before.wall_nanos()) <= wall.as_nanos());
        assert!(wall.as_nanos() - u128::from(before.wall_nanos()) < 60_000_000_000);
        let after = clock.coarse();
        assert!(after.monotonic_nanos() >= before.monotonic_nanos());
        assert!(u128::from(after.monotonic_nanos()) <= clock.now().boot.since_zero().as_nanos());
    }
}
