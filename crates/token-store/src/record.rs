//! What a store keeps, and how it is changed.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use token_core::TokenData;

/// The number of a record in its store: 0 until the first commit, one higher with each. It
/// survives a clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

impl Generation {
    /// Nothing was ever stored.
    pub const ZERO: Self = Self(0);

    /// The generation with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The one that follows. The number is not exhausted in any life of a store.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The token with its times.
    pub token: TokenData,
}

impl Record {
    /// A record of this token.
    pub fn new(token: TokenData) -> Self {
        Self { token }
    }
}

/// The answer of a load.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Loaded {
    /// The record, unless there is none or it cannot be trusted.
    pub record: Option<Record>,
    /// The generation of the store.
    pub generation: Generation,
    /// What the caller should know about the place.
    pub notice: Option<LoadNotice>,
}

impl Loaded {
    /// An answer without a notice.
    pub fn new(record: Option<Record>, generation: Generation) -> Self {
        Self {
            record,
            generation,
            notice: None,
        }
    }

    /// Adds a notice.
    #[must_use]
    pub fn with_notice(mut self, notice: LoadNotice) -> Self {
        self.notice = Some(notice);
        self
    }
}

/// What was found instead of a record that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadNotice {
    /// The file was not used and was renamed: why, and to what.
    SetAside {
        /// The reason in words, without content.
        reason: String,
        /// The new name.
        renamed_to: String,
    },
    /// The file had no binding (a legacy file); it is bound at the next store.
    Unbound,
    /// The file was one of the CIDX client; it is written anew, encrypted and bound.
    Imported,
    /// Others could read or write the file; its mode was set right, and it was used.
    Repaired {
        /// The mode it had.
        mode: u32,
    },
}

impl fmt::Display for LoadNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetAside { reason, renamed_to } => {
                write!(
                    f,
                    "the token file was not used ({reason}); it is kept as {renamed_to}"
                )
            }
            Self::Repaired { mode } => {
                write!(f, "the token file was open to others (mode {mode:o})")
            }
            Self::Imported => f.write_str("the token file of the CIDX client was taken over"),
            Self::Unbound => f.write_str("the token file names no service and no user"),
        }
    }
}

/// A change of the record.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every store must make every change"
)]
pub enum Change {
    /// Store this record.
    Put(Record),
    /// Remove the record.
    Clear,
}

/// A compare-and-swap.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Commit {
    /// The generation that the change is based on.
    pub expected: Generation,
    /// The change.
    pub change: Change,
    /// Names the operation, so that asking again is not a second one.
    pub op_id: OpId,
    /// The fence of the lease under which the change was worked out, if any.
    pub fence: Option<crate::Fence>,
}

impl Commit {
    /// A change based on `expected`, under no lease.
    pub fn new(expected: Generation, change: Change, op_id: OpId) -> Self {
        Self {
            expected,
            change,
            op_id,
            fence: None,
        }
    }

    /// Names the lease.
    #[must_use]
    pub fn with_fence(mut self, fence: Option<crate::Fence>) -> Self {
        self.fence = fence;
        self
    }
}

/// The name of one operation, drawn at random by whoever starts it.
///
/// No two operations on one store may have the same name: the second would get the answer of the
/// first, and its change would not be made. Take [`OpId::random`]; generators that are quick seed
/// themselves by the time, so that processes that begin at the same moment draw the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpId(u128);

impl OpId {
    /// A new operation, named by the system's generator.
    pub fn random() -> Self {
        let mut name = [0; 16];
        if getrandom::fill(&mut name).is_err() {
            // The standard library keys its hashers by itself, once in a process.
            let keyed = |part: u8| RandomState::new().hash_one((part, std::process::id()));
            name[..8].copy_from_slice(&keyed(0).to_le_bytes());
            name[8..].copy_from_slice(&keyed(1).to_le_bytes());
        }
        Self(u128::from_le_bytes(name))
    }

    /// The operation with this name.
    pub const fn new(name: u128) -> Self {
        Self(name)
    }

    /// Its name.
    pub const fn name(self) -> u128 {
        self.0
    }
}

/// The answer of a commit.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a compare-and-swap succeeds or meets a conflict"
)]
pub enum Committed {
    /// The change was made.
    Stored {
        /// The new generation.
        generation: Generation,
        /// Whether it outlives a power cut as far as the backend can know.
        durable: bool,
    },
    /// The generation was another one; this is what is stored.
    Conflict(Loaded),
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // W-A04: an operation with the name of another one is answered, and not made.
    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: HashSet<_> = (0..1_000).map(|_| OpId::random()).collect();
        assert_eq!(names.len(), 1_000);
    }
}
