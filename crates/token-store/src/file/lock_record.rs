//! What a lock file holds: hints that outlive their writer.
//!
//! The lock itself is the kernel's. The body is 128 bytes, little-endian, and a missing, short or
//! garbled one counts as empty:
//!
//! | bytes | content |
//! |---|---|
//! | 0..4 | `TKL1` |
//! | 4 | state: 0 idle, 1 writing, 2 refresh begun, 3 refresh request sent |
//! | 5 | flags: 1 the change is a clear, 2 it was durable, 4 there is a note, 8 it is a refusal, 16 there is an operation, 32 it is a limit |
//! | 8..12 | process id, for people |
//! | 24..32 | not before, milliseconds since 1970 |
//! | 32..40 | generation that the state is about |
//! | 40..48 | last generation of the store |
//! | 48..64 | first half of the SHA-256 of all other bytes |
//! | 64..80 | last operation |
//! | 80..88 | last fence |
//! | 88..104 | fingerprint of the credentials in the note |
//!
//! All other bytes are zero.

use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::{FailureNote, Generation, NoteClass, OpId};

/// The size of the body in bytes.
pub(crate) const SIZE: usize = 128;

const MAGIC: &[u8; 4] = b"TKL1";
const CLEARING: u8 = 1;
const DURABLE: u8 = 2;
const NOTE: u8 = 4;
const REFUSED: u8 = 8;
const OPERATION: u8 = 16;
const THROTTLED: u8 = 32;

/// What the holder of the lock is doing, or was doing when it died.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Idle,
    Writing,
    RefreshBegun,
    RefreshSent,
}

/// The body of a lock file. The write lock uses the generations and the operation, the refresh
/// lock the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LockRecord {
    pub(crate) state: State,
    /// Writing: the generation that is being made. Refresh sent: the one whose token is spent.
    pub(crate) subject: Generation,
    /// The last generation that is known to be made.
    pub(crate) last: Generation,
    /// The operation that made, or is making, the last generation.
    pub(crate) operation: Option<OpId>,
    pub(crate) clearing: bool,
    pub(crate) durable: bool,
    pub(crate) fence: u64,
    pub(crate) note: Option<FailureNote>,
}

impl LockRecord {
    /// The lowest generation that a store without a file can have. A clear that removed the file
    /// was made, even if its writer died before it could say so.
    pub(crate) fn floor_without_file(&self) -> Generation {
        if self.state == State::Writing && self.clearing {
            self.subject
        } else {
            self.last
        }
    }

    /// Finds out, from the generation that is there, whether the operation of a writer that did not come
    /// back happened, and closes its intent. The answer is whether it did.
    pub(crate) fn settle(&mut self, found: Option<Generation>) -> bool {
        if self.state != State::Writing {
            return false;
        }
        let happened = match found {
            Some(generation) => !self.clearing && generation == self.subject,
            None => self.clearing,
        };
        if happened {
            self.last = self.subject;
        } else {
            self.operation = None;
        }
        self.state = State::Idle;
        happened
    }

    pub(crate) fn encode(&self) -> [u8; SIZE] {
        let mut body = [0; SIZE];
        body[..4].copy_from_slice(MAGIC);
        body[4] = match self.state {
            State::Idle => 0,
            State::Writing => 1,
            State::RefreshBegun => 2,
            State::RefreshSent => 3,
        };
        body[5] = self.flags();
        body[8..12].copy_from_slice(&std::process::id().to_le_bytes());
        body[32..40].copy_from_slice(&self.subject.number().to_le_bytes());
        body[40..48].copy_from_slice(&self.last.number().to_le_bytes());
        let operation = self.operation.map_or(0, OpId::name);
        body[64..80].copy_from_slice(&operation.to_le_bytes());
        body[80..88].copy_from_slice(&self.fence.to_le_bytes());
        if let Some(note) = &self.note {
            body[24..32].copy_from_slice(&millis(note.not_before).to_le_bytes());
            body[88..104].copy_from_slice(&note.credentials);
        }
        let sum = checksum(&body);
        body[48..64].copy_from_slice(&sum);
        body
    }

    pub(crate) fn decode(body: &[u8]) -> Option<Self> {
        let body: &[u8; SIZE] = body.try_into().ok()?;
        if &body[..4] != MAGIC || body[48..64] != checksum(body) {
            return None;
        }
        let state = match body[4] {
            0 => State::Idle,
            1 => State::Writing,
            2 => State::RefreshBegun,
            3 => State::RefreshSent,
            _ => return None,
        };
        let flags = body[5];
        let operation = OpId::new(u128::from_le_bytes(part(body, 64)));
        let class = match (flags & REFUSED != 0, flags & THROTTLED != 0) {
            (true, _) => NoteClass::Refused,
            (false, true) => NoteClass::Throttled,
            (false, false) => NoteClass::Transient,
        };
        let not_before = instant(u64::from_le_bytes(part(body, 24)))?;
        let note = FailureNote::new(class, not_before).about(part(body, 88));
        Some(Self {
            state,
            subject: Generation::new(u64::from_le_bytes(part(body, 32))),
            last: Generation::new(u64::from_le_bytes(part(body, 40))),
            operation: (flags & OPERATION != 0).then_some(operation),
            clearing: flags & CLEARING != 0,
            durable: flags & DURABLE != 0,
            fence: u64::from_le_bytes(part(body, 80)),
            note: (flags & NOTE != 0).then_some(note),
        })
    }

    fn flags(&self) -> u8 {
        let class = self.note.map(|note| note.class);
        let flag = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        flag(self.clearing, CLEARING)
            | flag(self.durable, DURABLE)
            | flag(self.note.is_some(), NOTE)
            | flag(class == Some(NoteClass::Refused), REFUSED)
            | flag(class == Some(NoteClass::Throttled), THROTTLED)
            | flag(self.operation.is_some(), OPERATION)
    }
}

/// The process that wrote this body.
pub(crate) fn writer(body: &[u8]) -> Option<u32> {
    LockRecord::decode(body)?;
    let process = body.get(8..12)?.try_into().ok()?;
    Some(u32::from_le_bytes(process))
}

fn checksum(body: &[u8; SIZE]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(&body[..48]);
    hash.update(&body[64..]);
    part(&hash.finalize(), 0)
}

/// Copies `N` bytes from `at` on; the callers' offsets lie inside the body.
fn part<const N: usize>(body: &[u8], at: usize) -> [u8; N] {
    let mut copy = [0; N];
    copy.copy_from_slice(&body[at..at + N]);
    copy
}

/// Rounded up, so that nobody tries too early.
fn millis(instant: SystemTime) -> u64 {
    let since = instant
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn instant(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> LockRecord {
        let not_before = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_001);
        LockRecord {
            state: State::RefreshSent,
            subject: Generation::new(7),
            last: Generation::new(6),
            operation: Some(OpId::new(u128::MAX - 1)),
            clearing: true,
            durable: true,
            fence: 9,
            note: Some(FailureNote::new(NoteClass::Refused, not_before).about([3; 16])),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let mut records = vec![LockRecord::default(), full()];
        for class in [NoteClass::Transient, NoteClass::Throttled] {
            let mut record = full();
            record.note = record.note.map(|note| FailureNote { class, ..note });
            records.push(record);
        }
        for record in records {
            assert_eq!(LockRecord::decode(&record.encode()), Some(record));
        }
    }

    #[test]
    fn the_end_of_a_wait_is_rounded_up() {
        let exact = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_000_001);
        let note = FailureNote::new(NoteClass::Transient, exact);
        let record = LockRecord {
            note: Some(note),
            ..LockRecord::default()
        };
        let read = LockRecord::decode(&record.encode()).unwrap().note.unwrap();
        let rounded = SystemTime::UNIX_EPOCH + Duration::from_millis(2);
        assert_eq!(read.not_before, rounded);
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_is_noticed() {
        let body = full().encode();
        for bit in 0..SIZE * 8 {
            let mut damaged = body;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(LockRecord::decode(&damaged), None, "bit {bit}");
        }
        for length in 0..SIZE {
            assert_eq!(LockRecord::decode(&body[..length]), None);
        }
    }
}
