//! Random bytes of the system's generator.

use crate::{StoreError, StoreErrorKind};

/// Fills the buffer.
///
/// # Errors
///
/// [`StoreErrorKind::Io`] when the system gives none.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes)
        .map_err(|_| StoreError::new(StoreErrorKind::Io, "the system gives no randomness"))
}
