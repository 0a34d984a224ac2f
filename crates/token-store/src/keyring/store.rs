//! The store whose record is an entry of the keyring.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::Keyring;
use super::transaction::Transaction;
use super::vault::MAX_BYTES;
use crate::file::codec::{Codec, Parsed, Read};
use crate::file::directory::Directory;
use crate::file::format::Plain;
use crate::file::handle::blocking;
use crate::file::lock_record::{LockRecord, State};
use crate::file::turnstile::Turnstile;
use crate::file::{lease, lock};
use crate::recent::RecentOps;
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, Record, StoreError,
    StoreErrorKind, TokenStore,
};

/// The longest wait for the write lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps the record in the [`Keyring`] of the operating system, for as long as it has at most 2560
/// bytes: what the smallest of those keyrings takes. A larger one is
/// [`StoreErrorKind::TooLarge`] and belongs into an
/// [`EncryptedFileStore`](crate::EncryptedFileStore) with its key in the keyring.
///
/// The entry holds the JSON of a [`FileStore`](crate::FileStore). The directory of the keyring has
/// the lock files of that store's protocol, which keep the generation across a clear, the last
/// operation and the lease. Whoever has no access to that directory must not write the entry.
///
/// An entry that cannot be read as a record is moved to one called `rejected <name>`. Nothing says
/// whether a keyring survives a power cut, so no commit is called durable.
///
/// A keyring that does not answer within 3 s is a [`StoreErrorKind::KeyringTimeout`]. The write
/// lock stays with a change that may still be made until the keyring has answered.
///
/// # Panics
///
/// [`changed`](TokenStore::changed) outside of a tokio runtime with time.
#[derive(Clone)]
pub struct KeyringStore {
    inner: Arc<Inner>,
}

/// What every handle to one entry shares.
pub(super) struct Inner {
    pub(super) keyring: Keyring,
    codec: Plain,
    /// The entry.
    pub(super) name: String,
    pub(super) lock_name: String,
    lease_name: String,
    pub(super) turnstile: Turnstile,
    recent: Mutex<RecentOps>,
}

/// What the entry holds.
pub(super) enum Entry {
    Absent,
    Usable(Read),
    /// It is no record; the bytes, for whoever moves it away.
    Bad(Zeroizing<Vec<u8>>, String),
}

impl KeyringStore {
    /// The store of this binding in this keyring. Nothing is read yet.
    pub fn open(keyring: Keyring, binding: Binding) -> Self {
        let stem = binding.file_stem();
        Self {
            inner: Arc::new(Inner {
                keyring,
                name: format!("record {stem}"),
                lock_name: format!("{stem}.keyring.lock"),
                lease_name: format!("{stem}.keyring.refresh.lock"),
                codec: Plain {
                    binding,
                    adopt_unbound: false,
                },
                turnstile: Turnstile::default(),
                recent: Mutex::default(),
            }),
        }
    }

    /// Whose record it is.
    pub fn binding(&self) -> &Binding {
        &self.inner.codec.binding
    }

    /// The lock file of its writers; that of the lease is beside it.
    pub fn lock_path(&self) -> PathBuf {
        self.inner.directory().join(&self.inner.lock_name)
    }

    /// [`TokenStore::load`] on this thread, which waits for the keyring.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        self.inner.read()
    }

    /// [`TokenStore::commit`] on this thread, which waits for the write lock and the keyring.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::commit`].
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.inner.commit(commit)
    }
}

impl Inner {
    pub(super) fn directory(&self) -> &Path {
        self.keyring.locks()
    }

    pub(super) fn recent(&self) -> MutexGuard<'_, RecentOps> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads without the lock: the keyring hands out whole entries.
    fn read(&self) -> Result<Loaded, StoreError> {
        // The lock record is read first: a commit in between then makes the answer old, not wrong.
        let before = self.peek()?;
        match self.entry()? {
            Entry::Usable(read) => {
                let counted = before.unwrap_or_default().last;
                let mut loaded = Loaded::new(Some(read.record), read.generation.max(counted));
                loaded.notice = read.notice;
                return Ok(loaded);
            }
            Entry::Absent if before.is_some() && before == self.peek()? => {
                let counted = before.unwrap_or_default().floor_without_file();
                return Ok(Loaded::new(None, counted));
            }
            Entry::Absent | Entry::Bad(..) => {}
        }
        self.locked(|transaction| Ok(transaction.loaded()))
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        if let Some(done) = self.recent().find(commit.op_id) {
            return Ok(done.into());
        }
        self.locked(|transaction| transaction.commit(commit))
    }

    /// Runs under the write lock, after the other threads of this process.
    fn locked<T>(
        &self,
        work: impl FnOnce(Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + LOCK_TIMEOUT;
        let Some(_turn) = self.turnstile.enter(deadline) else {
            let reason = "other threads are at the keyring for too long";
            return Err(StoreError::new(StoreErrorKind::LockTimeout, reason));
        };
        work(Transaction::begin(self, deadline)?)
    }

    /// The lock record; the empty one where nothing was ever locked, `None` where it is garbled.
    fn peek(&self) -> Result<Option<LockRecord>, StoreError> {
        Ok(match Directory::open(self.directory())? {
            Some(directory) => lock::peek(&directory, &self.lock_name),
            None => Some(LockRecord::default()),
        })
    }

    /// Reads the entry.
    pub(super) fn entry(&self) -> Result<Entry, StoreError> {
        let name = self.name.clone();
        let bytes = self.keyring.worker.ask(move |vault| vault.get(&name))?;
        let Some(mut bytes) = bytes else {
            return Ok(Entry::Absent);
        };
        match self.codec.decode(&mut bytes) {
            Ok(Parsed::Record(read)) => Ok(Entry::Usable(read)),
            Ok(Parsed::LeftAlone(kind, reason)) => {
                let reason = format!("the entry of the keyring is left alone: {reason}");
                Err(StoreError::new(kind, reason))
            }
            Err(defect) => Ok(Entry::Bad(bytes, defect.to_string())),
        }
    }

    /// The record as the entry holds it.
    pub(super) fn encode(
        &self,
        record: &Record,
        generation: Generation,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let bytes = self.codec.encode(record, generation)?;
        if bytes.len() <= MAX_BYTES {
            return Ok(bytes);
        }
        let reason = format!("the record is larger than a keyring takes ({MAX_BYTES} bytes)");
        Err(StoreError::new(StoreErrorKind::TooLarge, reason))
    }

    /// Whether the generation may be another one than `since`, as far as the lock record knows.
    fn may_have_moved(&self, since: Generation) -> Result<bool, StoreError> {
        let is_quiet = |record: LockRecord| record.last == since && record.state == State::Idle;
        if self.peek()?.is_some_and(is_quiet) {
            return Ok(false);
        }
        Ok(self.read()?.generation != since)
    }
}

impl TokenStore for KeyringStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.read()).await?
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.commit(commit)).await?
    }

    async fn try_lease(&self, _ttl: Duration) -> LeaseAttempt {
        let inner = Arc::clone(&self.inner);
        let work = move || lease::try_lease(inner.directory(), &inner.lease_name);
        match blocking(work).await {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(error)) | Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    /// Looks at the lock record every 10 to 50 ms, and asks the keyring only where that moved.
    async fn changed(&self, since: Generation) {
        loop {
            let inner = Arc::clone(&self.inner);
            let moved = blocking(move || inner.may_have_moved(since)).await;
            if matches!(moved, Ok(Ok(true))) {
                return;
            }
            let draw = getrandom::u32().unwrap_or(0) % 41;
            tokio::time::sleep(Duration::from_millis(10 + u64::from(draw))).await;
        }
    }

    fn kind(&self) -> &'static str {
        "keyring"
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringStore")
            .field("entry", &self.inner.name)
            .field("binding", self.binding())
            .finish_non_exhaustive()
    }
}
