//! The stores of one user on one machine, as a choice that is made when the program runs.

mod migrate;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use self::migrate::{Migrated, migrate};
use crate::file::handle::blocking;
use crate::{
    Binding, EncryptedFileStore, FileStore, FoundKey, KeySource, MemoryStore, OsKeyring,
    SharedTokenStore, StoreError, StoreErrorKind, find_key, rotate_key,
};

/// What keeps a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever offers the choice must name every store"
)]
pub enum StoreKind {
    /// The process alone.
    Memory,
    /// A plain file.
    File,
    /// An encrypted file.
    Encrypted,
    /// The keyring of the operating system; needs the feature `keyring`.
    Keyring,
}

/// A text that names no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected memory, file, encrypted or keyring")]
pub struct UnknownStore;

/// Whose token it is, and what was said about its place.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a list of what may be said")]
pub struct Whereabouts {
    /// Whose token it is.
    pub binding: Binding,
    /// The token file that somebody named. One without a binding is adopted from here (W-A03).
    pub named: Option<PathBuf>,
    /// The directory of token files that nobody named.
    pub directory: Option<PathBuf>,
    /// The key file that somebody named; else see [`find_key`].
    pub key_file: Option<PathBuf>,
}

/// A store of this machine with what may be told about it.
#[derive(Clone, Debug)]
pub struct LocalStore {
    kind: StoreKind,
    binding: Binding,
    path: Option<PathBuf>,
    key: Option<FoundKey>,
    store: SharedTokenStore,
}

impl StoreKind {
    /// The word that names it: `memory`, `file`, `encrypted`, `keyring`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Encrypted => "encrypted",
            Self::Keyring => "keyring",
        }
    }

    /// The end of the name of its files.
    const fn extension(self) -> Option<&'static str> {
        match self {
            Self::File => Some("json"),
            Self::Encrypted => Some("tks"),
            Self::Memory | Self::Keyring => None,
        }
    }
}

impl FromStr for StoreKind {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        let all = [Self::Memory, Self::File, Self::Encrypted, Self::Keyring];
        let named = all.into_iter().find(|kind| kind.as_str() == text);
        named.ok_or(UnknownStore)
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Whereabouts {
    /// The file of this kind; `None` for what is no file, and where there is no place for one.
    pub fn path(&self, kind: StoreKind) -> Option<PathBuf> {
        let extension = kind.extension()?;
        let name = || format!("{}.{extension}", self.binding.file_stem());
        let default = || Some(self.directory.as_ref()?.join(name()));
        self.named.clone().or_else(default)
    }

    /// The kind of file that is there already, for whoever did not choose: plain, unless there is
    /// only an encrypted one.
    pub fn file_kind(&self) -> StoreKind {
        let is_there = |kind| self.path(kind).is_some_and(|path| path.exists());
        let encrypted_only =
            self.named.is_none() && !is_there(StoreKind::File) && is_there(StoreKind::Encrypted);
        match encrypted_only {
            true => StoreKind::Encrypted,
            false => StoreKind::File,
        }
    }
}

impl LocalStore {
    /// Opens the store of this kind; `None` where there is no place for its file. A key is found,
    /// or made, as [`find_key`] says; `env` brings the environment. The work is done off the
    /// threads of the runtime.
    ///
    /// # Errors
    ///
    /// As [`find_key`] and the stores say; [`StoreErrorKind::NoKeyring`] also where this library is
    /// built without the feature `keyring`.
    pub async fn open(
        kind: StoreKind,
        place: Whereabouts,
        env: impl Fn(&str) -> Option<OsString> + Send + 'static,
    ) -> Result<Option<Self>, StoreError> {
        blocking(move || Self::open_now(kind, place, env)).await?
    }

    /// [`open`](Self::open) on this thread.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_now(
        kind: StoreKind,
        place: Whereabouts,
        env: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, StoreError> {
        let path = place.path(kind);
        let store = |store, path, key| Self {
            kind,
            binding: place.binding.clone(),
            path,
            key,
            store,
        };
        let binding = place.binding.clone();
        Ok(match (kind, path) {
            (StoreKind::Memory, _) => {
                let memory = SharedTokenStore::new(MemoryStore::new());
                Some(store(memory, None, None))
            }
            (StoreKind::Keyring, _) => {
                let keyring = keyring_store(binding, &env)?;
                Some(store(keyring, None, None))
            }
            (StoreKind::File | StoreKind::Encrypted, None) => None,
            (StoreKind::File, Some(path)) => {
                let is_named = place.named.is_some();
                let builder = FileStore::builder(&path, binding).adopt_unbound(is_named);
                let file = SharedTokenStore::new(builder.open()?);
                Some(store(file, Some(path), None))
            }
            (StoreKind::Encrypted, Some(path)) => {
                let key = find(place.key_file.as_deref(), &env)?;
                let file = EncryptedFileStore::open(&path, binding, key.key_set())?;
                Some(store(SharedTokenStore::new(file), Some(path), Some(key)))
            }
        })
    }

    /// What it is.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// Whose token it keeps.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The file, where it is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether what lies on the disk is of no use without a key.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.kind, StoreKind::Encrypted | StoreKind::Keyring)
    }

    /// Where the key of the file is.
    pub fn key_source(&self) -> Option<&KeySource> {
        self.key.as_ref().map(|key| &key.source)
    }

    /// The key of the file, and those before it.
    pub fn key(&self) -> Option<&FoundKey> {
        self.key.as_ref()
    }

    /// The store itself.
    pub fn store(&self) -> &SharedTokenStore {
        &self.store
    }
}

/// Finds the key of encrypted files: [`find_key`] with the keyring of the operating system, where
/// this library is built with it. Blocks.
fn find(
    named: Option<&Path>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<FoundKey, StoreError> {
    let keyring = os_keyring(env);
    find_key(named, env, keyring.as_deref())
}

/// Exchanges the key of encrypted files, where it is one that this library made: [`rotate_key`]
/// with the keyring of the operating system, where this library is built with it. Blocks.
///
/// # Errors
///
/// As [`rotate_key`].
pub fn rotate_found_key(
    found: &FoundKey,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<FoundKey, StoreError> {
    let keyring = os_keyring(&env);
    rotate_key(found, keyring.as_deref())
}

#[cfg(feature = "keyring")]
fn os_keyring(env: &impl Fn(&str) -> Option<OsString>) -> Option<Box<dyn OsKeyring>> {
    let keyring = crate::KeyringOnDemand::find(env)?;
    Some(Box::new(keyring))
}

#[cfg(not(feature = "keyring"))]
fn os_keyring(_env: &impl Fn(&str) -> Option<OsString>) -> Option<Box<dyn OsKeyring>> {
    None
}

#[cfg(feature = "keyring")]
fn keyring_store(
    binding: Binding,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<SharedTokenStore, StoreError> {
    let Some(directory) = crate::Keyring::directory(env) else {
        let reason = "this user has no place for the lock files of the keyring";
        return Err(StoreError::new(StoreErrorKind::NoKeyring, reason));
    };
    let keyring = crate::Keyring::open(directory)?;
    Ok(SharedTokenStore::new(crate::KeyringStore::open(
        keyring, binding,
    )))
}

#[cfg(not(feature = "keyring"))]
fn keyring_store(
    _binding: Binding,
    _env: &impl Fn(&str) -> Option<OsString>,
) -> Result<SharedTokenStore, StoreError> {
    let reason = "this program is built without the keyring of the operating system";
    Err(StoreError::new(StoreErrorKind::NoKeyring, reason))
}

#[cfg(test)]
mod tests;
