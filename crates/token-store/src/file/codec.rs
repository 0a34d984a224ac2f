//! How a record becomes the bytes of a file: all that the plain and the encrypted store differ in.

use std::fmt::Debug;

use zeroize::Zeroizing;

use super::defect::Defect;
use crate::{Generation, LoadNotice, Record, StoreError, StoreErrorKind};

/// The largest file that is read or written, in bytes (C-05).
pub(crate) const MAX_BYTES: usize = 65_536;

/// Writes records as bytes and reads them back, for one binding.
pub(crate) trait Codec: Debug + Send + Sync {
    /// Reads the bytes of a file, which may be overwritten by that.
    fn decode(&self, bytes: &mut [u8]) -> Result<Parsed, Defect>;

    /// Writes a record.
    fn encode(
        &self,
        record: &Record,
        generation: Generation,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError>;

    /// Whether the generation in a file can be relied upon, so that a file which is older than one
    /// that was already seen was put back by somebody.
    fn is_authentic(&self) -> bool;
}

/// What came out of reading a file's bytes.
#[derive(Debug)]
pub(crate) enum Parsed {
    Record(Read),
    /// It is not for us to use or to move: which failure that is, and why.
    LeftAlone(StoreErrorKind, String),
}

/// A record for this binding.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) record: Record,
    /// 0 in a file that does not count.
    pub(crate) generation: Generation,
    pub(crate) notice: Option<LoadNotice>,
    /// Whether the file should be written anew as it is written today.
    pub(crate) is_outdated: bool,
}
