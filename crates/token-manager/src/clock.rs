//! The clocks of the machine.

use std::any::Any;
use std::sync::Arc;
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
    #[inline]
    fn coarse(&self) -> CoarseNow {
        use rustix::time::ClockId::{MonotonicCoarse, RealtimeCoarse};

        CoarseNow::from_secs(secs(RealtimeCoarse), secs(MonotonicCoarse))
    }
}

/// Seconds before the zero of the clock wrap round, and so do differences.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn secs(clock: rustix::time::ClockId) -> u64 {
    rustix::time::clock_gettime(clock).tv_sec.cast_unsigned()
}

/// Whether this is [`SystemClock`]. A clock that somebody shares comes as an `Arc` in an `Arc`.
pub(crate) fn is_of_the_machine(clock: &dyn Clock) -> bool {
    let any: &dyn Any = clock;
    let shared = any.downcast_ref::<Arc<dyn Clock>>();
    any.is::<SystemClock>() || shared.is_some_and(|clock| is_of_the_machine(&**clock))
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
    use token_core::ManualClock;

    use super::*;

    #[test]
    fn the_boot_clock_never_goes_back() {
        let clock = SystemClock;
        let first = clock.now();
        let second = clock.now();
        assert!(second.boot >= first.boot);
    }

    #[test]
    fn the_clock_of_the_machine_is_known_by_its_type_however_it_is_shared() {
        let shared: Arc<dyn Clock> = Arc::new(SystemClock);
        let twice: Arc<dyn Clock> = Arc::new(Arc::clone(&shared));
        let other: Arc<dyn Clock> = Arc::new(ManualClock::default());
        assert!(is_of_the_machine(&*shared));
        assert!(is_of_the_machine(&*twice));
        assert!(!is_of_the_machine(&*other));
    }

    #[test]
    fn the_coarse_clocks_are_those_of_the_machine_and_not_ahead_of_them() {
        let clock = SystemClock;
        let before = clock.coarse();
        let now = CoarseNow::from(clock.now());
        let after = clock.coarse();
        assert!(before.monotonic_secs() <= after.monotonic_secs());
        assert!(before.monotonic_secs() <= now.monotonic_secs());
        // The wall clock and the boot clock count the time of every suspend since the boot.
        assert!(before.offset_secs() + 1 >= now.offset_secs());
    }
}
