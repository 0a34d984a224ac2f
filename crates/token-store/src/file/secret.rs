//! A secret that is no token, such as a password, in an encrypted file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::directory::Directory;
use super::lock::LockFile;
use super::read::read_capped;
use super::time::wall_clock;
use super::write::replace;
use crate::{Binding, Durability, KeySet, Randomness, Sealer, StoreError, StoreErrorKind};

/// The longest wait for another process that is writing.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A secret in a file that is of no use without its key, for one service, user and project: what a
/// program logs in with while nobody is there to be asked.
///
/// Nothing is ever set aside: a file that may not be used is an error, because nobody can make a
/// password anew. It has the format of a token file, and neither opens in the place of the other.
///
/// ```
/// # #[cfg(unix)] {
/// use token_store::{Binding, Key, KeySet, SecretFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let place = tempfile::tempdir()?;
/// # let path = place.path().join("password.tks");
/// let binding = Binding::new("https://cidx.example", "alice")?;
/// let file = SecretFile::open(path, binding, KeySet::new(Key::generate()?))?;
/// assert!(file.read()?.is_none());
/// file.write(&"correct horse".into())?;
/// assert!(file.read()?.is_some());
/// # Ok(())
/// # }
/// # main().unwrap();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SecretFile {
    path: PathBuf,
    directory: PathBuf,
    name: String,
    binding: Binding,
    sealer: Sealer,
}

impl SecretFile {
    /// The secret at this path, for this binding, under these keys. Nothing is read yet. A relative
    /// path is made absolute now.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::UnsafePath`] when the path has no file name in Unicode.
    pub fn open(
        path: impl AsRef<Path>,
        binding: Binding,
        keys: impl Into<Arc<KeySet>>,
    ) -> Result<Self, StoreError> {
        let (path, directory, name) = super::handle::place_of(path.as_ref())?;
        Ok(Self {
            path,
            directory,
            name,
            sealer: Sealer::of_secrets(keys.into(), &binding),
            binding,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whose it is.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The secret as it is now; `None` where nobody wrote one. Takes microseconds, unless the key
    /// is a passphrase.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::UnsafePath`] when others could read or change the file, or it is no regular
    /// file of ours with one name; [`EnvelopeError::kind`](crate::EnvelopeError::kind) of what is
    /// wrong with its content.
    pub fn read(&self) -> Result<Option<SecretString>, StoreError> {
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(None);
        };
        let failed = |error| StoreError::from_io("the secret cannot be read", &self.path, error);
        let file = match directory.open_to_read(&self.name) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let facts = directory.facts(&file).map_err(failed)?;
        if !facts.regular || !facts.ours || facts.links > 1 || facts.open_to_others() {
            let reason = "the secret must be in a regular file that only its owner can read";
            let kind = StoreErrorKind::UnsafePath;
            return Err(StoreError::at(kind, reason, &self.path, None));
        }
        let mut bytes = read_capped(&file, facts.print.size).map_err(failed)?;
        match self.sealer.open_secret(&mut bytes) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) => {
                let reason = format!("the secret cannot be used: {error}");
                Err(StoreError::at(error.kind(), reason, &self.path, None))
            }
        }
    }

    /// Puts this secret in the place of whatever is there. It has survived a power cut when this
    /// returns.
    ///
    /// # Errors
    ///
    /// When it could not be written; what was there is untouched then.
    pub fn write(&self, secret: &SecretString) -> Result<(), StoreError> {
        let directory = Directory::open_or_create(&self.directory)?;
        let lock_name = format!("{}.lock", self.name);
        let _lock = LockFile::acquire(&directory, &lock_name, Instant::now() + LOCK_TIMEOUT)?;
        let randomness = Randomness::from_system()?;
        let sealed = self.sealer.seal_secret(secret, wall_clock(), randomness);
        let sealed = sealed.map_err(|error| {
            let reason = "the secret does not fit into a file";
            StoreError::at(error.kind(), reason, &self.path, None)
        })?;
        replace(&directory, &self.name, &sealed, Durability::Full).map(drop)
    }
}

#[cfg(test)]
mod tests;
