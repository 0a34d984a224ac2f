//! A store that processes share through one file.

mod commit;
#[cfg_attr(unix, path = "directory_unix.rs")]
#[cfg_attr(not(unix), path = "directory_portable.rs")]
pub(crate) mod directory;
mod facts;
mod format;
mod inner;
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
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use self::inner::Inner;
use self::options::Options;
pub use self::options::{Durability, FileStoreBuilder, RepairMode};
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, StoreErrorKind,
    TokenStore,
};

/// Keeps the record in a file that any number of processes share.
///
/// The file is JSON that amp-rs can read. It is exchanged as a whole by a rename and never
/// changed in place; `<name>.lock` beside it excludes writers from each other and
/// `<name>.refresh.lock` is the lease. Both lock files stay: removing one would let two processes
/// hold it. Readers lock nothing. A clone is another handle to the same store.
///
/// The lock record keeps the generation when a clear removes the file, and the last operation, so
/// that asking again after the death of a process still gives the same answer; each handle
/// remembers the last 16 of its own. The fence of a commit is not looked at: the generation decides.
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
        let inner = Inner::new(directory, name, binding, options);
        Ok(Self {
            inner: Arc::new(inner),
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
    /// last. It waits for the lock only to set a bad file aside, and when the file went away
    /// while it looked.
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
        let tried = blocking(move || inner.try_lease()).await;
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

#[cfg(test)]
mod tests;
