//! The keyring of the operating system: for the key of encrypted files, or for a whole record.

mod on_demand;
mod store;
mod transaction;
mod vault;
mod worker;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

pub use self::on_demand::KeyringOnDemand;
pub use self::store::KeyringStore;
use self::vault::Vault;
use self::worker::{Patience, Worker};
use crate::file::directory::Directory;
use crate::file::lock::LockFile;
use crate::{Key, StoreError, StoreErrorKind, default_directory};

/// The longest wait for one answer of the keyring.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest wait for another process that is at the keys.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Excludes those who change the entries of all programs: keys, and the probe.
const LOCK_NAME: &str = "keyring.lock";

/// The entry with the keys: one in base64 per line, the one that seals first.
const KEYS: &str = "master-key";

/// The entry that is written and removed again to see whether the keyring works.
const PROBE: &str = "probe";

/// How many keys the entry keeps: those of the last rotations, as far as they fit.
const KEPT: usize = 50;

/// The keyring of the operating system: the Secret Service (GNOME Keyring, KWallet) through D-Bus,
/// the Keychain of macOS, the Credential Manager of Windows. A clone is another handle to it.
///
/// It was seen to work: a secret was written, read, compared and removed again. One thread does
/// all of this handle's work, and whoever waits for it waits at most 3 s for each answer.
///
/// A keyring knows neither compare-and-swap nor notification, so lock files exclude writers from
/// each other, in the directory that is named here. Programs that share entries must name the same
/// one; [`directory`](Self::directory) is the usual place.
#[derive(Clone, Debug)]
pub struct Keyring {
    worker: Arc<Worker>,
    directory: PathBuf,
}

impl Keyring {
    /// Connects to the keyring and tries it out, with lock files in this directory. Blocks, for at
    /// most 3 s and a wait of 5 s for the lock; a keyring that asks a person takes too long.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::NoKeyring`], [`StoreErrorKind::KeyringLocked`],
    /// [`StoreErrorKind::KeyringTimeout`], [`StoreErrorKind::LockTimeout`]; and where the directory
    /// cannot be used.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::over(vault::system, directory.into(), Patience::For(PATIENCE))
    }

    /// The directory for lock files that all programs of a user share: `token-store` in the place
    /// of their state (see [`default_directory`]). `env` brings the environment.
    pub fn directory(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        default_directory("token-store", env)
    }

    fn over(
        open: impl FnOnce() -> Result<Box<dyn Vault>, StoreError> + Send + 'static,
        directory: PathBuf,
        patience: Patience,
    ) -> Result<Self, StoreError> {
        let keyring = Self {
            worker: Arc::new(Worker::start(open, patience)?),
            directory,
        };
        let lock = keyring.lock()?;
        keyring.worker.ask(move |vault| {
            let _held = lock;
            probe(vault)
        })?;
        Ok(keyring)
    }

    pub(crate) fn locks(&self) -> &Path {
        &self.directory
    }

    /// The key that seals, which is made where there is none, and those that only open.
    pub(crate) fn keys(&self, fresh: &Key) -> Result<Vec<Key>, StoreError> {
        let lock = self.lock()?;
        let fresh = fresh.clone();
        self.worker.ask(move |vault| {
            let _held = lock;
            if let Some(keys) = read_keys(vault)? {
                return Ok(keys);
            }
            write_keys(vault, std::slice::from_ref(&fresh))?;
            Ok(vec![fresh])
        })
    }

    /// Makes `fresh` the key that seals. The one that did only opens from now on.
    pub(crate) fn rotate(&self, fresh: &Key) -> Result<(), StoreError> {
        let lock = self.lock()?;
        let fresh = fresh.clone();
        self.worker.ask(move |vault| {
            let _held = lock;
            let mut keys = read_keys(vault)?.unwrap_or_default();
            keys.insert(0, fresh);
            keys.truncate(KEPT);
            write_keys(vault, &keys)
        })
    }

    /// The lock goes with the question: a keyring that is slow beyond all patience must not change
    /// an entry while somebody else has the lock.
    fn lock(&self) -> Result<LockFile, StoreError> {
        let directory = Directory::open_or_create(&self.directory)?;
        LockFile::acquire(&directory, LOCK_NAME, Instant::now() + LOCK_TIMEOUT)
    }
}

fn probe(vault: &dyn Vault) -> Result<(), StoreError> {
    let mut secret = Zeroizing::new([0; 32]);
    crate::random::fill(&mut *secret)?;
    vault.set(PROBE, &*secret)?;
    let read = vault.get(PROBE)?;
    vault.delete(PROBE)?;
    if read.as_deref().map(Vec::as_slice) == Some(&*secret) {
        return Ok(());
    }
    let reason = "the keyring does not give back what it was given";
    Err(StoreError::new(StoreErrorKind::Io, reason))
}

fn read_keys(vault: &dyn Vault) -> Result<Option<Vec<Key>>, StoreError> {
    let Some(bytes) = vault.get(KEYS)? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let keys: Result<Vec<_>, _> = text.lines().map(Key::from_base64).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(Some(keys)),
        // Never replaced: files may be under what it held.
        _ => {
            let reason = format!("the entry {KEYS} of the keyring holds no key");
            Err(StoreError::new(StoreErrorKind::InvalidKey, reason))
        }
    }
}

fn write_keys(vault: &dyn Vault, keys: &[Key]) -> Result<(), StoreError> {
    let mut text = Zeroizing::new(String::with_capacity(keys.len() * 45));
    for key in keys {
        text.push_str(&key.to_base64());
        text.push('\n');
    }
    vault.set(KEYS, text.as_bytes())
}

#[cfg(test)]
mod tests;
