//! A store that processes share through one file.

mod commit;
#[cfg_attr(unix, path = "directory_unix.rs")]
#[cfg_attr(not(unix), path = "directory_portable.rs")]
pub(crate) mod directory;
mod facts;
mod format;
mod lease;
pub(crate) mod lock;
mod lock_record;
mod marks;
mod options;
mod read;
mod set_aside;
mod turnstile;
pub(crate) mod write;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;

use self::commit::Transaction;
use self::directory::Directory;
use self::facts::Fingerprint;
use self::options::Options;
pub use self::options::{Durability, FileStoreBuilder, RepairMode};
use self::read::{Found, Usable, look};
use self::turnstile::Turnstile;
use crate::recent::RecentOps;
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, StoreErrorKind,
    TokenStore,
};

/// A file must have rested this long before an unchanged fingerprint means unchanged content:
/// longer than the coarsest tick of a common file system's clock.
const RACY: Duration = Duration::from_millis(20);

/// Keeps the record in a file that any number of processes share.
///
/// The file is JSON that amp-rs can read. It is exchanged as a whole by a rename and never
/// changed in place; `<name>.lock` beside it excludes writers from each other and
/// `<name>.refresh.lock` is the lease. Both lock files stay: removing one would let two processes
/// hold it. Readers lock nothing. A clone is another handle to the same store.
///
/// A file that may not be used is never destroyed: where it is a regular file of ours, it is
/// renamed to `<name>.rejected-<milliseconds>`, and the two newest of those are kept; anything
/// else is left alone and is an error.
///
/// Directories that are missing are made with mode 0700 and marked (`.gitignore`, `CACHEDIR.TAG`),
/// so that no token is copied into a repository or a backup.
///
/// On Windows a held lock hides the note of its holder, and owner and mode are not judged.
///
/// # Panics
///
/// [`changed`](TokenStore::changed) outside of a tokio runtime with time. The other methods need
/// none: with one, they leave its threads alone; without, they block.
#[derive(Clone)]
pub struct FileStore {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    directory: PathBuf,
    name: String,
    binding: Binding,
    options: Options,
    turnstile: Turnstile,
    cache: Mutex<Option<Cached>>,
    recent: Mutex<RecentOps>,
}

/// The answer of a load, for as long as the file has this fingerprint.
struct Cached {
    print: Fingerprint,
    loaded: Loaded,
}

impl FileStore {
    /// Opens the store at this path for this binding. A relative path is made absolute now.
    ///
    /// Nothing is read and nothing is made yet: that happens with the first use.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::UnsafePath`] when the path has no file name in Unicode.
    pub fn open(path: impl AsRef<Path>, binding: Binding) -> Result<Self, StoreError> {
        Self::with_options(path.as_ref(), binding, Options::default())
    }

    /// Opens the store with other settings.
    pub fn builder(path: impl Into<PathBuf>, binding: Binding) -> FileStoreBuilder {
        FileStoreBuilder::new(path.into(), binding)
    }

    fn with_options(path: &Path, binding: Binding, options: Options) -> Result<Self, StoreError> {
        let absolute = std::path::absolute(path).map_err(|error| {
            StoreError::from_io("the path cannot be made absolute", path, error)
        })?;
        let name = absolute.file_name().and_then(|name| name.to_str());
        let (Some(name), Some(directory)) = (name, absolute.parent()) else {
            let reason = "the path has no file name in Unicode";
            return Err(StoreError::at(
                StoreErrorKind::UnsafePath,
                reason,
                path,
                None,
            ));
        };
        Ok(Self {
            inner: Arc::new(Inner {
                directory: directory.to_owned(),
                name: name.to_owned(),
                binding,
                options,
                turnstile: Turnstile::default(),
                cache: Mutex::default(),
                recent: Mutex::default(),
            }),
        })
    }

    /// Where the record is.
    pub fn path(&self) -> PathBuf {
        self.inner.path()
    }

    /// Whose record it is.
    pub fn binding(&self) -> &Binding {
        &self.inner.binding
    }

    /// [`TokenStore::load`] on this thread: reads the file unless it is the one that was read
    /// last. It waits for a lock only to set a bad file aside.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        self.inner.read()
    }

    /// [`TokenStore::commit`] on this thread: waits for the write lock, then for the disk.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::commit`].
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.inner.commit(commit)
    }
}

impl Inner {
    fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    fn lock_name(&self) -> String {
        format!("{}.lock", self.name)
    }

    fn lease_name(&self) -> String {
        format!("{}.refresh.lock", self.name)
    }

    fn read(&self) -> Result<Loaded, StoreError> {
        match self.glance()? {
            Some(loaded) => Ok(loaded),
            None => self.locked(|transaction| Ok(transaction.loaded())),
        }
    }

    /// Reads without changing anything; `None` if a bad file is there.
    fn glance(&self) -> Result<Option<Loaded>, StoreError> {
        if let Some(loaded) = self.unchanged() {
            return Ok(Some(loaded));
        }
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(Some(Loaded::default()));
        };
        // The floor is read first: a commit in between then makes the answer old, not wrong.
        let record = lock::peek(&directory, &self.lock_name());
        match look(&directory, &self.name, &self.binding, &self.options)? {
            Found::Absent => Ok(Some(Loaded::new(None, record.floor_without_file()))),
            Found::Usable(usable) => Ok(Some(self.keep(usable, record.last))),
            Found::Bad { .. } => Ok(None),
        }
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        if let Some(done) = self.recent().find(commit.op_id) {
            return Ok(Committed::Stored {
                generation: done.generation,
                durable: done.durable,
            });
        }
        self.locked(|transaction| transaction.commit(commit))
    }

    /// Runs under the write lock, after the other threads of this process.
    fn locked<T>(
        &self,
        work: impl FnOnce(Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let deadline = after(self.options.lock_timeout);
        let Some(_turn) = self.turnstile.enter(deadline) else {
            let reason = "other threads hold the lock for too long";
            let path = self.path();
            return Err(StoreError::at(
                StoreErrorKind::LockTimeout,
                reason,
                &path,
                None,
            ));
        };
        work(Transaction::begin(self, deadline)?)
    }

    /// The last answer, if the file is still the same one.
    fn unchanged(&self) -> Option<Loaded> {
        let cache = self.cache();
        let cached = cache.as_ref()?;
        let facts = directory::look(&self.path()).ok()??;
        (facts.print == cached.print).then(|| cached.loaded.clone())
    }

    fn keep(&self, usable: Usable, floor: Generation) -> Loaded {
        let generation = usable.generation.max(floor);
        let mut loaded = Loaded::new(Some(usable.record), generation);
        loaded.notice = usable.notice;
        *self.cache() = has_rested(&usable.print).then(|| Cached {
            print: usable.print,
            loaded: loaded.clone(),
        });
        loaded
    }

    fn cache(&self) -> MutexGuard<'_, Option<Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self) -> MutexGuard<'_, RecentOps> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for FileStore {
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
        let tried = blocking(move || lease::try_lease(&inner.directory, &inner.lease_name())).await;
        match tried {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(error)) | Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    /// Looks every 10 to 50 ms, off the runtime's threads: a look takes microseconds on a local
    /// disk, but a network mount may hang. What cannot be read has not changed.
    async fn changed(&self, since: Generation) {
        loop {
            let inner = Arc::clone(&self.inner);
            let glance = blocking(move || inner.glance()).await;
            if let Ok(Ok(Some(loaded))) = glance
                && loaded.generation != since
            {
                return;
            }
            let draw = getrandom::u32().unwrap_or(0) % 41;
            tokio::time::sleep(Duration::from_millis(10 + u64::from(draw))).await;
        }
    }

    fn kind(&self) -> &'static str {
        "file"
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path())
            .field("binding", &self.binding)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Runs file work where it may block. Dropping the future does not stop work that has begun.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let Ok(runtime) = Handle::try_current() else {
        return Ok(work());
    };
    runtime.spawn_blocking(work).await.map_err(|_| {
        let reason = "the runtime ended before the storage work";
        StoreError::new(StoreErrorKind::Io, reason)
    })
}

/// A moment so far away that nobody waits for it stands for one that cannot be expressed.
fn after(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    Instant::now() + timeout.min(YEAR)
}

/// Two versions written within one tick of the file system's clock can share a fingerprint, so a
/// young one is not trusted.
fn has_rested(print: &Fingerprint) -> bool {
    let (seconds, nanoseconds) = print.changed;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanoseconds = u32::try_from(nanoseconds).unwrap_or(0);
    let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds));
    let age = changed.and_then(|changed| wall_clock().duration_since(changed).ok());
    age.is_some_and(|age| age >= RACY)
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with time stamps of the file system and used in names, never with tokens"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests;
