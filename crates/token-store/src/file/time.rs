//! The clocks of the file protocol: deadlines of waits, and the time stamps of the file system.

use std::time::{Duration, Instant, SystemTime};

use super::facts::Fingerprint;

/// A file must have rested this long before an unchanged fingerprint means unchanged content:
/// longer than the coarsest tick of a common file system's clock.
const RACY: Duration = Duration::from_millis(20);

/// The same for time stamps in whole seconds, of which FAT has only the even ones.
const RACY_IN_SECONDS: Duration = Duration::from_secs(3);

/// A moment so far away that nobody waits for it stands for one that cannot be expressed.
pub(super) fn after(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    Instant::now() + timeout.min(YEAR)
}

/// Two versions written within one tick of the file system's clock can share a fingerprint, so a
/// young one is not trusted.
pub(super) fn has_rested(print: &Fingerprint, now: SystemTime) -> bool {
    let (seconds, nanoseconds) = print.changed;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanoseconds = u32::try_from(nanoseconds).unwrap_or(0);
    let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds));
    let age = changed.and_then(|changed| now.duration_since(changed).ok());
    let tick = if nanoseconds == 0 {
        RACY_IN_SECONDS
    } else {
        RACY
    };
    age.is_some_and(|age| age >= tick)
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with time stamps of the file system and used in names, never with tokens"
)]
pub(crate) fn wall_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed_at(changed: (i64, i64)) -> Fingerprint {
        Fingerprint {
            device: 1,
            inode: 2,
            size: 3,
            modified: changed,
            changed,
        }
    }

    //
    #[test]
    fn a_young_file_is_not_known_by_its_fingerprint() {
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let exact = changed_at((1_800_000_000, 123));
        let whole_seconds = changed_at((1_800_000_000, 0));
        for (print, millis, rested) in [
            (&exact, 19, false),
            (&exact, 21, true),
            (&whole_seconds, 21, false),
            (&whole_seconds, 2_999, false),
            (&whole_seconds, 3_000, true),
        ] {
            let now = written + Duration::from_millis(millis);
            assert_eq!(has_rested(print, now), rested, "{print:?} {millis}");
        }
        let set_back = written - Duration::from_secs(86_400);
        assert!(!has_rested(&exact, set_back), "a clock was set back");
    }
}
