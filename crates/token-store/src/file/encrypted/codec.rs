//! A file that is one envelope.

use zeroize::Zeroizing;

use crate::file::codec::{Codec, Parsed, Read};
use crate::file::defect::Defect;
use crate::file::time::wall_clock;
use crate::{EnvelopeError, Generation, Randomness, Record, Sealer, StoreError};

/// Reads and writes encrypted files.
#[derive(Debug)]
pub(crate) struct Encrypted {
    pub(crate) sealer: Sealer,
    pub(crate) foreign_set_aside: bool,
    #[cfg(feature = "cidx-import")]
    pub(crate) cidx: Option<super::CidxImport>,
}

impl Codec for Encrypted {
    fn decode(&self, bytes: &mut [u8]) -> Result<Parsed, Defect> {
        if bytes.is_empty() {
            return Err(Defect::Empty);
        }
        #[cfg(feature = "cidx-import")]
        if let Some(record) = self.imported(bytes) {
            return Ok(Parsed::Record(Read {
                record,
                generation: Generation::ZERO,
                notice: Some(crate::LoadNotice::Imported),
                is_outdated: true,
            }));
        }
        match self.sealer.open_in_place(bytes) {
            Ok(opened) => Ok(Parsed::Record(Read {
                record: opened.record,
                generation: opened.generation,
                notice: None,
                is_outdated: opened.is_outdated,
            })),
            Err(error @ EnvelopeError::Foreign) if self.foreign_set_aside => Err(defect(error)),
            Err(error) if error.is_left_alone() => {
                let reason = format!("the token file is left alone: {error}");
                Ok(Parsed::LeftAlone(error.kind(), reason))
            }
            Err(error) => Err(defect(error)),
        }
    }

    fn encode(
        &self,
        record: &Record,
        generation: Generation,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let randomness = Randomness::from_system()?;
        let sealed = self
            .sealer
            .seal(record, generation, wall_clock(), randomness);
        match sealed {
            Ok(bytes) => Ok(Zeroizing::new(bytes)),
            Err(error) => {
                let reason = "the record does not fit into a token file";
                Err(StoreError::new(error.kind(), reason))
            }
        }
    }

    fn is_authentic(&self) -> bool {
        true
    }
}

#[cfg(feature = "cidx-import")]
impl Encrypted {
    fn imported(&self, bytes: &[u8]) -> Option<Record> {
        let import = self.cidx.as_ref()?;
        // Not for what is an envelope: the attempt takes some 20 ms.
        let is_envelope = crate::key_id_of(bytes).is_ok();
        if is_envelope {
            None
        } else {
            import.read(bytes)
        }
    }
}

/// One word for one thing, whatever the file should have been.
fn defect(error: EnvelopeError) -> Defect {
    match error {
        EnvelopeError::Truncated => Defect::Truncated,
        EnvelopeError::TooLarge => Defect::TooLarge,
        other => Defect::Envelope(other),
    }
}
