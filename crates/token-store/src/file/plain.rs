//! The store whose file is plain JSON.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::format::Plain;
use super::handle::Handle;
use super::options::{Durability, Options, RepairMode, common_settings};
use crate::{Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, TokenStore};

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
    pub(super) handle: Handle,
}

/// The settings of a [`FileStore`].
#[derive(Clone, Debug)]
pub struct FileStoreBuilder {
    path: PathBuf,
    binding: Binding,
    options: Options,
    adopt_unbound: bool,
}

impl FileStore {
    /// Opens the store at this path for this binding. A relative path is made absolute now.
    ///
    /// Nothing is read and nothing is made yet: that happens with the first use.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::UnsafePath`](crate::StoreErrorKind::UnsafePath) when the path has no file
    /// name in Unicode.
    pub fn open(path: impl AsRef<Path>, binding: Binding) -> Result<Self, StoreError> {
        Self::builder(path.as_ref(), binding).open()
    }

    /// Opens the store with other settings.
    pub fn builder(path: impl Into<PathBuf>, binding: Binding) -> FileStoreBuilder {
        FileStoreBuilder {
            path: path.into(),
            binding,
            options: Options::default(),
            adopt_unbound: false,
        }
    }

    /// Where the record is.
    pub fn path(&self) -> PathBuf {
        self.handle.0.path().to_owned()
    }

    /// Whose record it is.
    pub fn binding(&self) -> &Binding {
        &self.handle.0.binding
    }

    /// [`TokenStore::load`] on this thread: reads the file unless it is the one that was read
    /// last. It waits for the lock only to set a bad file aside, and when the file went away
    /// while it looked.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        self.handle.read_now()
    }

    /// [`TokenStore::commit`] on this thread: waits for the write lock, then for the disk.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::commit`].
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.handle.commit_now(commit)
    }
}

impl FileStoreBuilder {
    common_settings!();

    /// Whether a file that names no service and no user is taken for this binding's, and bound at
    /// the next store. Right only where the user named the very file. Default: no (W-A03).
    #[must_use]
    pub fn adopt_unbound(mut self, adopt: bool) -> Self {
        self.adopt_unbound = adopt;
        self
    }

    /// Opens the store; see [`FileStore::open`].
    ///
    /// # Errors
    ///
    /// As [`FileStore::open`].
    pub fn open(self) -> Result<FileStore, StoreError> {
        let codec = Plain {
            binding: self.binding.clone(),
            adopt_unbound: self.adopt_unbound,
        };
        let handle = Handle::open(&self.path, self.binding, Box::new(codec), self.options)?;
        Ok(FileStore { handle })
    }
}

impl TokenStore for FileStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.handle.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.handle.commit(commit).await
    }

    async fn try_lease(&self, _ttl: Duration) -> LeaseAttempt {
        self.handle.try_lease().await
    }

    async fn changed(&self, since: Generation) {
        self.handle.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "file"
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}
