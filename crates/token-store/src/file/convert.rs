//! A file that changes its form in its place: plain to encrypted, or back.

use std::path::Path;

use zeroize::Zeroizing;

use super::codec::{Codec, Parsed};
use super::defect::Defect;
use super::encrypted;
use super::format::Plain;
use super::handle::Handle;
use super::inner::Rewritten;
use super::options::Options;
use crate::{Binding, Generation, KeySet, Record, StoreError, StoreErrorKind};

/// The form of a file.
#[derive(Debug)]
pub(crate) enum Form {
    Plain,
    Encrypted(KeySet),
}

/// Writes the file in the other form, in one rename: at every moment the name leads to one whole
/// record, in the old form or in the new one. The generation stays. May be repeated.
pub(crate) fn convert(
    path: &Path,
    binding: &Binding,
    from: Form,
    to: Form,
) -> Result<Rewritten, StoreError> {
    let codec = |form| -> Box<dyn Codec> {
        match form {
            // Whoever names the file says whose it is.
            Form::Plain => Box::new(Plain {
                binding: binding.clone(),
                adopt_unbound: true,
            }),
            Form::Encrypted(keys) => encrypted::codec(keys, binding),
        }
    };
    let converting = Converting {
        from: codec(from),
        to: codec(to),
    };
    let options = Options::default();
    let handle = Handle::open(path, binding.clone(), Box::new(converting), options)?;
    handle.0.rewrite()
}

/// Reads both forms and writes the new one.
#[derive(Debug)]
struct Converting {
    from: Box<dyn Codec>,
    to: Box<dyn Codec>,
}

impl Codec for Converting {
    fn decode(&self, bytes: &mut [u8]) -> Result<Parsed, Defect> {
        match self.to.decode(bytes) {
            // Told by the first bytes, so none was changed.
            Ok(Parsed::LeftAlone(StoreErrorKind::Downgrade, _)) => {}
            other => return other,
        }
        match self.from.decode(bytes)? {
            Parsed::Record(mut read) => {
                read.is_outdated = true;
                Ok(Parsed::Record(read))
            }
            left_alone => Ok(left_alone),
        }
    }

    /// What will replace the only copy is read again before it does.
    fn encode(
        &self,
        record: &Record,
        generation: Generation,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let bytes = self.to.encode(record, generation)?;
        match self.to.decode(&mut bytes.clone()) {
            Ok(Parsed::Record(read)) if read.record == *record && read.generation == generation => {
                Ok(bytes)
            }
            _ => {
                let reason = "the record does not come back from its new form";
                Err(StoreError::new(StoreErrorKind::Io, reason))
            }
        }
    }

    /// Half of the files that it reads are not.
    fn is_authentic(&self) -> bool {
        false
    }
}
