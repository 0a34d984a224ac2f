//! A failure note as the server keeps it: `<class>:<milliseconds since 1970>:<32 digits>`.

use std::time::{Duration, SystemTime};

use crate::{FailureNote, NoteClass};

pub(crate) fn encode(note: &FailureNote) -> String {
    let class = match note.class {
        NoteClass::Transient => 't',
        NoteClass::Throttled => 'l',
        NoteClass::Refused => 'r',
    };
    let since_1970 = note.not_before.duration_since(SystemTime::UNIX_EPOCH);
    let moment = since_1970.unwrap_or_default().as_millis();
    let credentials = data_encoding::HEXLOWER.encode(&note.credentials);
    format!("{class}:{moment}:{credentials}")
}

/// What cannot be read is no note: it is a hint, and nothing rests on it.
pub(crate) fn decode(text: &[u8]) -> Option<FailureNote> {
    let mut parts = std::str::from_utf8(text).ok()?.split(':');
    let class = match parts.next()? {
        "t" => NoteClass::Transient,
        "l" => NoteClass::Throttled,
        "r" => NoteClass::Refused,
        _ => return None,
    };
    let moment = Duration::from_millis(parts.next()?.parse().ok()?);
    let not_before = SystemTime::UNIX_EPOCH.checked_add(moment)?;
    let credentials = data_encoding::HEXLOWER.decode(parts.next()?.as_bytes());
    let credentials = credentials.ok()?.try_into().ok()?;
    let note = FailureNote::new(class, not_before).about(credentials);
    parts.next().is_none().then_some(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_with_its_milliseconds() {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123);
        for class in [
            NoteClass::Transient,
            NoteClass::Throttled,
            NoteClass::Refused,
        ] {
            let note = FailureNote::new(class, moment).about([0xa5; 16]);
            assert_eq!(decode(encode(&note).as_bytes()), Some(note));
        }
    }

    #[test]
    fn what_is_no_note_is_none() {
        let tag = "00".repeat(16);
        let cases = [
            String::new(),
            "t".to_owned(),
            format!("x:1:{tag}"),
            format!("t:-1:{tag}"),
            format!("t:99999999999999999999:{tag}"),
            format!("t:{}:{tag}", u64::MAX),
            "t:1:00".to_owned(),
            format!("t:1:{tag}:"),
        ];
        for text in &cases[..5] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        // Whether this moment exists depends on the system's clock; it must not panic.
        let _ = decode(cases[5].as_bytes());
        for text in &cases[6..] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"t:1:\xff"), None);
    }
}
