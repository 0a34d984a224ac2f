//! The store whose file is encrypted.

#[cfg(feature = "cidx-import")]
mod cidx;
mod codec;
mod rotation;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "cidx-import")]
pub use self::cidx::CidxImport;
use self::codec::Encrypted;
pub use self::rotation::{Rotation, key_ids_in, rotate_directory};
use super::handle::Handle;
use super::inner::Rewritten;
use super::options::{Durability, Options, RepairMode, common_settings};
use crate::{
    Binding, Commit, Committed, Generation, KeySet, LeaseAttempt, Loaded, Sealer, StoreError,
    TokenStore,
};

/// Keeps the record in an encrypted file that any number of processes share (C-01 to C-30).
///
/// Everything but the bytes of the file is as in [`FileStore`](crate::FileStore): the locks, the
/// lease, the modes, and what happens to a file that may not be used. Beyond that:
///
/// - A file that none of the keys opens, that is for another binding, that a newer version wrote
///   or that is not encrypted is left alone, whatever is asked of the store, and is an error.
/// - A file that was changed or cut is set aside.
/// - So is one that is older than one that this store has seen: somebody put it back. After a
///   restart nothing is known about that.
/// - A file under a key that only opens is written anew with the active one when it is read, if
///   nobody else is writing.
///
/// With a [`Passphrase`](crate::Passphrase), the first use takes a good part of a second.
///
/// ```
/// # #[cfg(unix)] {
/// use token_store::{Binding, EncryptedFileStore, KeySet, find_key};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = tempfile::tempdir()?;
/// # let environment = |name: &str| (name == "HOME").then(|| home.path().into());
/// let key = find_key(None, environment, None)?.key;
/// let binding = Binding::new("https://cidx.example", "alice")?.with_project("/srv/project")?;
/// # let path = home.path().join("token.tks");
/// let store = EncryptedFileStore::open(path, binding, KeySet::new(key))?;
/// assert_eq!(store.read_now()?.record, None);
/// # Ok(())
/// # }
/// # main().unwrap();
/// # }
/// ```
///
/// # Panics
///
/// As [`FileStore`](crate::FileStore).
#[derive(Clone)]
pub struct EncryptedFileStore {
    pub(super) handle: Handle,
}

/// The settings of an [`EncryptedFileStore`].
#[derive(Debug)]
pub struct EncryptedFileStoreBuilder {
    path: PathBuf,
    binding: Binding,
    keys: Arc<KeySet>,
    options: Options,
    foreign_set_aside: bool,
    #[cfg(feature = "cidx-import")]
    cidx: Option<CidxImport>,
}

impl EncryptedFileStore {
    /// Opens the store at this path for this binding, with these keys. A relative path is made
    /// absolute now.
    ///
    /// Nothing is read and nothing is made yet: that happens with the first use.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::UnsafePath`](crate::StoreErrorKind::UnsafePath) when the path has no file
    /// name in Unicode.
    pub fn open(
        path: impl AsRef<Path>,
        binding: Binding,
        keys: impl Into<Arc<KeySet>>,
    ) -> Result<Self, StoreError> {
        Self::builder(path.as_ref(), binding, keys).open()
    }

    /// Opens the store with other settings.
    pub fn builder(
        path: impl Into<PathBuf>,
        binding: Binding,
        keys: impl Into<Arc<KeySet>>,
    ) -> EncryptedFileStoreBuilder {
        EncryptedFileStoreBuilder {
            path: path.into(),
            binding,
            keys: keys.into(),
            options: Options::default(),
            foreign_set_aside: false,
            #[cfg(feature = "cidx-import")]
            cidx: None,
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

    /// Writes the file anew if it is not as it would be written today: under another key or at
    /// another cost. Its generation stays. May be repeated, also after the process was killed.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::commit`].
    pub fn rewrite_now(&self) -> Result<Rewritten, StoreError> {
        self.handle.0.rewrite()
    }
}

impl EncryptedFileStoreBuilder {
    common_settings!();

    /// Whether a file under one of these keys that is for another binding is set aside, instead of
    /// an error: for a place whose name does not tell the binding and which belongs to one user at
    /// a time, such as a project's (C-63). Default: no.
    #[must_use]
    pub fn set_foreign_aside(mut self, set_aside: bool) -> Self {
        self.foreign_set_aside = set_aside;
        self
    }

    /// Whether a file of the CIDX client in the place of ours is taken over: read once, and written
    /// anew. Such a file is not authentic, so anybody who could write it could have put a token of
    /// theirs into it. Default: no, and such a file is set aside.
    #[cfg(feature = "cidx-import")]
    #[must_use]
    pub fn import_cidx(mut self, import: CidxImport) -> Self {
        self.cidx = Some(import);
        self
    }

    /// Opens the store; see [`EncryptedFileStore::open`].
    ///
    /// # Errors
    ///
    /// As [`EncryptedFileStore::open`].
    pub fn open(self) -> Result<EncryptedFileStore, StoreError> {
        let codec = Encrypted {
            sealer: Sealer::new(self.keys, &self.binding),
            foreign_set_aside: self.foreign_set_aside,
            #[cfg(feature = "cidx-import")]
            cidx: self.cidx,
        };
        let handle = Handle::open(&self.path, self.binding, Box::new(codec), self.options)?;
        Ok(EncryptedFileStore { handle })
    }
}

impl TokenStore for EncryptedFileStore {
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
        "encrypted file"
    }
}

impl fmt::Debug for EncryptedFileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

/// The codec of these files.
pub(super) fn codec(keys: KeySet, binding: &Binding) -> Box<dyn super::codec::Codec> {
    Box::new(Encrypted {
        sealer: Sealer::new(keys, binding),
        foreign_set_aside: false,
        #[cfg(feature = "cidx-import")]
        cidx: None,
    })
}

/// The codec of tests that run over every kind of file.
#[cfg(test)]
pub(super) fn codec_for_tests(binding: &Binding) -> Box<dyn super::codec::Codec> {
    let key = crate::Key::new(zeroize::Zeroizing::new([7; 32]));
    codec(KeySet::new(key), binding)
}

#[cfg(test)]
mod tests;
