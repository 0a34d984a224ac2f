//! The keyring as one of the places where a key is looked for.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Keyring;
use crate::{Key, OsKeyring, StoreError, StoreErrorKind};

/// The keyring of the operating system for [`find_key`](crate::find_key), which opens it only
/// where no other place comes before it.
#[derive(Clone, Debug)]
pub struct KeyringOnDemand {
    directory: PathBuf,
}

impl KeyringOnDemand {
    /// The keyring with its lock files in this directory; nothing is opened yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The same in the [usual directory](Keyring::directory); `None` where there is no such place.
    pub fn find(env: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        Keyring::directory(env).map(Self::new)
    }
}

impl OsKeyring for KeyringOnDemand {
    fn load_or_keep(&self, fresh: &Key) -> Result<Option<Vec<Key>>, StoreError> {
        match Keyring::open(&self.directory) {
            Ok(keyring) => keyring.keys(fresh).map(Some),
            Err(error) if error.kind() == StoreErrorKind::NoKeyring => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn rotate(&self, fresh: &Key) -> Result<(), StoreError> {
        Keyring::open(&self.directory)?.rotate(fresh)
    }
}
