//! The stores that somebody can choose, as a choice that is made when the program runs.

mod kind;
mod migrate;
#[cfg(feature = "redis")]
mod redis;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use self::kind::{InvalidStore, StoreKind};
pub use self::migrate::{Migrated, migrate};
use crate::file::handle::blocking;
#[cfg(feature = "redis")]
use crate::key::given_key;
use crate::{
    Binding, EncryptedFileStore, FileStore, FoundKey, KeySource, MemoryStore, OsKeyring, RedisUrl,
    SharedTokenStore, StoreError, StoreErrorKind, find_key, rotate_key,
};

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

/// A store with what may be told about it.
#[derive(Clone, Debug)]
pub struct ChosenStore {
    kind: StoreKind,
    binding: Binding,
    path: Option<PathBuf>,
    key: Option<FoundKey>,
    store: SharedTokenStore,
    #[cfg(feature = "redis")]
    redis: Option<crate::RedisStore>,
}

impl Whereabouts {
    /// The file of this kind; `None` for what is no file, and where there is no place for one.
    pub fn path(&self, kind: &StoreKind) -> Option<PathBuf> {
        let extension = kind.extension()?;
        let name = || format!("{}.{extension}", self.binding.file_stem());
        let default = || Some(self.directory.as_ref()?.join(name()));
        self.named.clone().or_else(default)
    }

    /// The kind of file that is there already, for whoever did not choose: plain, unless there is
    /// only an encrypted one.
    pub fn file_kind(&self) -> StoreKind {
        let is_there = |kind| self.path(&kind).is_some_and(|path| path.exists());
        let encrypted_only =
            self.named.is_none() && !is_there(StoreKind::File) && is_there(StoreKind::Encrypted);
        match encrypted_only {
            true => StoreKind::Encrypted,
            false => StoreKind::File,
        }
    }
}

impl ChosenStore {
    /// Opens the store of this kind; `None` where there is no place for its file. A key is found,
    /// or made, as [`find_key`] says; that of Redis must be given, because one that is made here is
    /// no use to other hosts. `env` brings the environment; `TOKEN_STORE_CA_FILE` is the PEM file
    /// of those who vouch for a Redis server, in place of those that browsers trust. The work is
    /// done off the threads of the runtime. Redis is not connected yet.
    ///
    /// # Errors
    ///
    /// As [`find_key`] and the stores say; [`StoreErrorKind::InvalidKey`] where nobody gave a key
    /// for Redis; [`StoreErrorKind::InvalidSetting`] where its address or certificates cannot be
    /// used; [`StoreErrorKind::NoKeyring`] and [`StoreErrorKind::InvalidSetting`] also where this
    /// library is built without the feature `keyring` or `redis`.
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
        let path = place.path(&kind);
        #[cfg(feature = "redis")]
        let mut on_server = None;
        let binding = place.binding.clone();
        let (store, key) = match (&kind, &path) {
            (StoreKind::File | StoreKind::Encrypted, None) => return Ok(None),
            (StoreKind::Memory, _) => (SharedTokenStore::new(MemoryStore::new()), None),
            (StoreKind::Keyring, _) => (keyring_store(binding, &env)?, None),
            (StoreKind::File, Some(path)) => {
                let is_named = place.named.is_some();
                let builder = FileStore::builder(path, binding).adopt_unbound(is_named);
                (SharedTokenStore::new(builder.open()?), None)
            }
            (StoreKind::Encrypted, Some(path)) => {
                let key = find(place.key_file.as_deref(), &env)?;
                let file = EncryptedFileStore::open(path, binding, key.key_set())?;
                (SharedTokenStore::new(file), Some(key))
            }
            #[cfg(feature = "redis")]
            (StoreKind::Redis(url), _) => {
                let key = shared_key(place.key_file.as_deref(), &env)?;
                let redis = redis::open(url, binding, &key, &env)?;
                on_server = Some(redis.clone());
                (SharedTokenStore::new(redis), Some(key))
            }
            #[cfg(not(feature = "redis"))]
            (StoreKind::Redis(_), _) => return Err(without_redis()),
        };
        Ok(Some(Self {
            kind,
            binding: place.binding,
            path,
            key,
            store,
            #[cfg(feature = "redis")]
            redis: on_server,
        }))
    }

    /// What it is.
    pub fn kind(&self) -> &StoreKind {
        &self.kind
    }

    /// Whose token it keeps.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The file, where it is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The server, where it is one.
    pub fn server(&self) -> Option<&RedisUrl> {
        match &self.kind {
            StoreKind::Redis(url) => Some(url),
            _ => None,
        }
    }

    /// What the clock of the server says; `None` where there is none.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn server_time(&self) -> Result<Option<SystemTime>, StoreError> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.redis {
            return redis.server_time().await.map(Some);
        }
        Ok(None)
    }

    /// Whether what is kept there is of no use without a key.
    pub fn is_encrypted(&self) -> bool {
        self.kind.is_encrypted()
    }

    /// Where the key of the file, or of what is on Redis, is.
    pub fn key_source(&self) -> Option<&KeySource> {
        self.key.as_ref().map(|key| &key.source)
    }

    /// The key of the file, or of what is on Redis, and those before it.
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

/// The key for what hosts share: each must have it, so somebody has to give it.
#[cfg(feature = "redis")]
fn shared_key(
    named: Option<&Path>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<FoundKey, StoreError> {
    given_key(named, env)?.ok_or_else(|| {
        let reason = "what is on Redis needs one key on all hosts, so none is made: name a key file, \
                      or set TOKEN_STORE_KEY_FILE or TOKEN_STORE_KEY";
        StoreError::new(StoreErrorKind::InvalidKey, reason)
    })
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

#[cfg(not(feature = "redis"))]
fn without_redis() -> StoreError {
    let reason = "this program is built without the store on Redis";
    StoreError::new(StoreErrorKind::InvalidSetting, reason)
}

#[cfg(test)]
mod tests;
