//! How a file store behaves.

use std::path::PathBuf;
use std::time::Duration;

use super::FileStore;
use crate::{Binding, StoreError};

/// What happens to a file that others could read or change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairMode {
    /// It is set aside and not used: others may know the token, or may have planted it.
    #[default]
    Reject,
    /// Its mode is set to 0600 and it is used. This trusts everybody who could have written it.
    Repair,
}

/// What a store has survived when it is acknowledged. A killed process loses nothing with any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A power cut: the file and its directory are flushed.
    #[default]
    Full,
    /// The file is flushed, its name is not: a power cut may bring the earlier record back.
    FileOnly,
    /// Nothing is flushed: a power cut may leave nothing usable.
    None,
}

/// The settings of a [`FileStore`].
#[derive(Clone, Debug)]
pub struct FileStoreBuilder {
    path: PathBuf,
    binding: Binding,
    options: Options,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) repair: RepairMode,
    pub(crate) durability: Durability,
    pub(crate) lock_timeout: Duration,
    pub(crate) adopt_unbound: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            repair: RepairMode::Reject,
            durability: Durability::Full,
            lock_timeout: Duration::from_secs(5),
            adopt_unbound: false,
        }
    }
}

impl FileStoreBuilder {
    pub(crate) fn new(path: PathBuf, binding: Binding) -> Self {
        Self {
            path,
            binding,
            options: Options::default(),
        }
    }

    /// What happens to a file that others could read. Default: [`RepairMode::Reject`].
    #[must_use]
    pub fn repair_mode(mut self, mode: RepairMode) -> Self {
        self.options.repair = mode;
        self
    }

    /// What a store survives. Default: [`Durability::Full`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.durability = durability;
        self
    }

    /// The longest wait for the write lock. Default: 5 seconds.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = timeout;
        self
    }

    /// Whether a file that names no service and no user is taken for this binding's, and bound at
    /// the next store. Right only where the user named the very file. Default: no (W-A03).
    #[must_use]
    pub fn adopt_unbound(mut self, adopt: bool) -> Self {
        self.options.adopt_unbound = adopt;
        self
    }

    /// Opens the store; see [`FileStore::open`].
    ///
    /// # Errors
    ///
    /// As [`FileStore::open`].
    pub fn open(self) -> Result<FileStore, StoreError> {
        FileStore::with_options(&self.path, self.binding, self.options)
    }
}
