//! What processes tell each other about failures.

use std::time::{Duration, SystemTime};

use token_core::flight::FailedElsewhere;
use token_core::{ErrorClass, Now};
use token_store::{FailureNote, NoteClass};

use crate::CredentialDigest;
use crate::credential_digest::CredentialTag;

/// How long a failure that may pass is shared with other processes, so that those who already
/// queue for the lease do not each repeat it.
const TRANSIENT: Duration = Duration::from_secs(1);

/// The longest that a note counts. One that reaches further was written by a clock that was wrong,
/// and would keep everybody out.
const LONGEST: Duration = Duration::from_secs(86_400);

/// A store may keep the moment of a note in whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(1);

/// Whether a note is not the one that we left ourselves.
pub(super) fn is_news(note: &FailureNote, own: Option<SystemTime>) -> bool {
    own.is_none_or(|own| {
        let apart = match note.not_before.duration_since(own) {
            Ok(later) => later,
            Err(earlier) => earlier.duration(),
        };
        apart > ROUNDING
    })
}

/// What a note asks for now, if anything.
pub(super) fn read(note: &FailureNote, now: &Now) -> Option<FailedElsewhere> {
    let wait = now.until(note.not_before);
    if wait.is_zero() || wait > LONGEST {
        return None;
    }
    let class = match note.class {
        NoteClass::Transient => ErrorClass::Transient,
        NoteClass::Throttled => ErrorClass::Throttled(wait),
        NoteClass::Refused => ErrorClass::Refused,
    };
    Some(FailedElsewhere { class, wait })
}

/// What to tell others about a failure. A refusal is told only with the credentials it is for.
pub(super) fn write(
    class: ErrorClass,
    refusal_hold: Duration,
    refused: Option<CredentialTag>,
    now: SystemTime,
) -> Option<FailureNote> {
    let until = |wait: Duration| now.checked_add(wait.min(LONGEST));
    match class {
        ErrorClass::Transient => Some(FailureNote::new(NoteClass::Transient, until(TRANSIENT)?)),
        ErrorClass::Throttled(wait) => Some(FailureNote::new(NoteClass::Throttled, until(wait)?)),
        ErrorClass::Refused => {
            let note = FailureNote::new(NoteClass::Refused, until(refusal_hold)?);
            Some(note.about(refused?))
        }
        ErrorClass::Terminal => None,
    }
}

/// The tag for a new note, made off the runtime because it is slow.
pub(super) async fn tag(digest: CredentialDigest) -> Option<CredentialTag> {
    let salt = fastrand::u64(..).to_le_bytes();
    let made = tokio::task::spawn_blocking(move || digest.tag(salt)).await;
    made.ok().flatten()
}

/// Whether a note is about these credentials, found out off the runtime.
pub(super) async fn is_about(note: &FailureNote, digest: CredentialDigest) -> bool {
    let tag = note.credentials;
    let compared = tokio::task::spawn_blocking(move || digest.is_meant_by(&tag)).await;
    compared.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use token_core::{Clock, ManualClock};

    use super::*;

    // A-28, W-A19
    #[test]
    fn a_note_tells_the_class_and_what_is_left_of_the_wait() {
        let clock = ManualClock::default();
        let hold = Duration::from_secs(60);
        let limit = ErrorClass::Throttled(Duration::from_secs(90));
        let tag = Some([7; 16]);
        for (class, left) in [
            (ErrorClass::Transient, None),
            (limit, Some(80)),
            (ErrorClass::Refused, Some(50)),
            (ErrorClass::Terminal, None),
        ] {
            let note = write(class, hold, tag, clock.now().wall);
            clock.advance(Duration::from_secs(10));
            let failed = note.and_then(|note| read(&note, &clock.now()));
            let wait = failed.map(|failed| failed.wait.as_secs());
            assert_eq!(wait, left, "{class:?}");
        }
        assert!(write(ErrorClass::Refused, hold, None, clock.now().wall).is_none());
    }

    #[test]
    fn a_note_from_a_wrong_clock_keeps_nobody_out() {
        let now = ManualClock::default().now();
        let year = Duration::from_secs(365 * 86_400);
        let note = FailureNote::new(NoteClass::Throttled, now.wall + year);
        assert_eq!(read(&note, &now), None);
    }

    #[test]
    fn a_latch_without_end_is_told_for_a_day() {
        let now = ManualClock::default().now();
        let note = write(ErrorClass::Refused, Duration::MAX, Some([1; 16]), now.wall).unwrap();
        assert_eq!(read(&note, &now).unwrap().wait, LONGEST);
    }

    #[test]
    fn our_own_note_is_no_news() {
        let now = ManualClock::default().now().wall;
        let note = FailureNote::new(NoteClass::Transient, now + ROUNDING);
        assert!(is_news(&note, None));
        assert!(!is_news(&note, Some(now)));
        assert!(is_news(&note, Some(now - Duration::from_secs(1))));
        assert!(is_news(&note, Some(now + Duration::from_secs(1))));
    }
}
