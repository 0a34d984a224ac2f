//! What the server is given to keep: envelopes alone.

use std::sync::Arc;

use crate::file::wall_clock;
use crate::{EnvelopeError, Generation, Randomness, Record, Sealer, StoreError, StoreErrorKind};

/// Seals and opens where it may take long: the first envelope of each passphrase and salt costs a
/// good part of a second.
#[derive(Clone, Debug)]
pub(crate) struct Codec(Arc<Sealer>);

impl Codec {
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self(Arc::new(sealer))
    }

    pub(crate) async fn seal(
        &self,
        record: Record,
        generation: Generation,
    ) -> Result<Vec<u8>, StoreError> {
        let sealer = Arc::clone(&self.0);
        off_the_runtime(move || {
            let randomness = Randomness::from_system()?;
            let sealed = sealer.seal(&record, generation, wall_clock(), randomness);
            sealed.map_err(|error| refused(error, "the record cannot be stored in Redis"))
        })
        .await
    }

    /// The record, if the value is an envelope of ours for this very generation.
    pub(crate) async fn open(
        &self,
        mut value: Vec<u8>,
        generation: Generation,
    ) -> Result<Record, StoreError> {
        let sealer = Arc::clone(&self.0);
        off_the_runtime(move || {
            let opened = sealer.open_in_place(&mut value);
            zeroize::Zeroize::zeroize(&mut value);
            let opened =
                opened.map_err(|error| refused(error, "the value in Redis is left alone"))?;
            if opened.generation != generation {
                let reason =
                    "the value in Redis is left alone: it was moved from another generation";
                return Err(StoreError::new(StoreErrorKind::Tampered, reason));
            }
            Ok(opened.record)
        })
        .await
    }
}

fn refused(error: EnvelopeError, what: &str) -> StoreError {
    StoreError::new(error.kind(), format!("{what}: {error}"))
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    crate::file::blocking(work).await?
}
