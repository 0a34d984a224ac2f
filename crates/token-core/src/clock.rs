//! Time as a value: what the wall says, and how long the machine has been up.

use std::any::Any;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

/// A moment on a clock that never jumps and counts the time a machine is suspended.
///
/// Its zero is arbitrary (usually the boot of the machine), so only differences mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BootInstant(Duration);

impl BootInstant {
    /// The moment `since_zero` after the clock's zero.
    pub const fn new(since_zero: Duration) -> Self {
        Self(since_zero)
    }

    /// How long after the clock's zero this moment is.
    pub const fn since_zero(self) -> Duration {
        self.0
    }

    /// The time that passed since `earlier`, or zero when `earlier` is later.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment moved into the future, at most to the end of the clock.
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// What the wall clock says; it may jump.
    pub wall: SystemTime,
    /// The clock that never jumps.
    pub boot: BootInstant,
}

impl Now {
    /// The wall-clock instant at which the boot clock will read `boot`, if nothing jumps.
    ///
    /// An instant that the wall clock cannot express becomes the wall time of `self`.
    pub fn wall_at(&self, boot: BootInstant) -> SystemTime {
        let instant = if boot >= self.boot {
            self.wall.checked_add(boot.saturating_since(self.boot))
        } else {
            self.wall.checked_sub(self.boot.saturating_since(boot))
        };
        instant.unwrap_or(self.wall)
    }

    /// A wall clock that moves more than this against the boot clock has jumped.
    pub const WALL_JUMP: Duration = Duration::from_secs(5);

    /// Whether the wall clock has jumped since `earlier`: moved against the boot clock by more
    /// than [`WALL_JUMP`](Self::WALL_JUMP).
    pub fn wall_jumped_since(&self, earlier: &Self) -> bool {
        let expected = earlier.wall_at(self.boot);
        let drift = match self.wall.duration_since(expected) {
            Ok(ahead) => ahead,
            Err(behind) => behind.duration(),
        };
        drift > Self::WALL_JUMP
    }

    /// How far `wall` lies in the future; zero when it is past.
    pub fn until(&self, wall: SystemTime) -> Duration {
        wall.duration_since(self.wall).unwrap_or_default()
    }
}

/// A cheap reading of two clocks, for what happens on every request.
///
/// Each clock counts whole seconds from a zero of its own, and each covers for the other: the wall
/// clock counts the time of a suspend but may jump; the monotonic clock never jumps but may stand
/// still while the machine sleeps. Either event changes the distance between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoarseNow {
    wall: u64,
    monotonic: u64,
}

impl CoarseNow {
    /// How far a coarse reading may lag behind [`Clock::now`]: 100 ms.
    ///
    /// Linux moves its coarse clocks at each timer tick, which is every 10 ms at most. A virtual
    /// CPU that is held up may delay that; another one makes up for it after five ticks. This is
    /// twice as long.
    pub const LAG: Duration = Duration::from_millis(100);

    /// A reading, in whole seconds since the zero of each clock; parts of a second are left out.
    pub const fn from_secs(wall: u64, monotonic: u64) -> Self {
        Self { wall, monotonic }
    }

    /// Whole seconds on the clock that never jumps.
    pub const fn monotonic_secs(self) -> u64 {
        self.monotonic
    }

    /// How far the wall clock is ahead of the other, modulo 2^64 seconds. Without a jump or a
    /// suspend it changes by one at most, as either clock turns to its next second.
    pub const fn offset_secs(self) -> u64 {
        self.wall.wrapping_sub(self.monotonic)
    }
}

/// A precise reading, with the boot clock as the monotonic one. Wall times before 1970 become it.
impl From<Now> for CoarseNow {
    fn from(now: Now) -> Self {
        let since_1970 = now.wall.duration_since(SystemTime::UNIX_EPOCH);
        Self {
            wall: since_1970.unwrap_or_default().as_secs(),
            monotonic: now.boot.since_zero().as_secs(),
        }
    }
}

/// Reads both clocks. `token-manager` has the system's; tests turn their own.
///
/// It is [`Any`] so that whoever reads the time very often can ask whether this is the system's.
pub trait Clock: Any + Debug + Send + Sync {
    /// Reads both clocks at one moment.
    fn now(&self) -> Now;

    /// A reading that may lag by up to [`CoarseNow::LAG`] but must not run ahead, for those to
    /// whom the price of [`now`](Self::now) matters. The default is as precise, and as dear.
    fn coarse(&self) -> CoarseNow {
        self.now().into()
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Now {
        (**self).now()
    }

    fn coarse(&self) -> CoarseNow {
        (**self).coarse()
    }
}

#[cfg(any(test, feature = "test-util"))]
pub use manual::ManualClock;

#[cfg(any(test, feature = "test-util"))]
mod manual {
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    /// A clock that stands still until a test turns it. Clones show the same time.
    #[derive(Clone, Debug)]
    pub struct ManualClock(Arc<Mutex<Now>>);

    impl ManualClock {
        /// A clock that shows `wall` and has been up for an hour.
        pub fn new(wall: SystemTime) -> Self {
            let boot = BootInstant::new(Duration::from_secs(3600));
            Self(Arc::new(Mutex::new(Now { wall, boot })))
        }

        /// Lets time pass on both clocks; a suspended machine counts too.
        pub fn advance(&self, duration: Duration) {
            self.change(|now| {
                now.wall += duration;
                now.boot = now.boot.saturating_add(duration);
            });
        }

        /// Sets the wall clock without letting time pass, as a user or a time server does.
        pub fn set_wall(&self, wall: SystemTime) {
            self.change(|now| now.wall = wall);
        }

        fn change(&self, change: impl FnOnce(&mut Now)) {
            change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    impl Default for ManualClock {
        /// A clock that shows 2027-01-15 08:00:00 UTC.
        fn default() -> Self {
            Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Now {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_wall_does_not_move_the_boot_clock() {
        let clock = ManualClock::default();
        let before = clock.now();
        clock.set_wall(before.wall - Duration::from_secs(7200));
        assert_eq!(clock.now().boot, before.boot);
        clock.advance(Duration::from_secs(5));
        assert_eq!(
            clock.now().boot.saturating_since(before.boot),
            Duration::from_secs(5)
        );
    }

    #[test]
    fn a_coarse_reading_shows_a_jump_of_the_wall_in_the_distance_of_its_clocks() {
        let clock = ManualClock::default();
        let before = clock.coarse();
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.coarse().offset_secs(), before.offset_secs());
        clock.set_wall(clock.now().wall - Duration::from_secs(7));
        let after = clock.coarse();
        assert_eq!(before.offset_secs() - after.offset_secs(), 7);
        assert_eq!(after.monotonic_secs() - before.monotonic_secs(), 60);
    }

    #[test]
    fn wall_at_follows_the_boot_clock_both_ways_and_never_overflows() {
        let now = ManualClock::default().now();
        let later = now.boot.saturating_add(Duration::from_secs(60));
        assert_eq!(now.wall_at(later), now.wall + Duration::from_secs(60));
        let earlier = BootInstant::new(now.boot.since_zero() - Duration::from_secs(60));
        assert_eq!(now.wall_at(earlier), now.wall - Duration::from_secs(60));
        assert_eq!(now.wall_at(BootInstant::new(Duration::MAX)), now.wall);
    }
}
