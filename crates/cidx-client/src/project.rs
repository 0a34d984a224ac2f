//! What a project keeps below `.code-indexer`: a token, and the password of whoever works on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use token_manager::EncryptedCredentials;
use token_store::{Binding, EncryptedFileStore, KeySet, SecretFile};

use crate::CidxError;

/// One user's work on a project that a server has an index of. A clone is cheap.
///
/// Both files are encrypted, and for this user at this server in this project alone: elsewhere they
/// are of no use (C-29).
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    binding: Binding,
    keys: Arc<KeySet>,
    #[cfg(feature = "cidx-import")]
    import: token_store::CidxImport,
}

impl Project {
    /// The project at this root.
    ///
    /// # Errors
    ///
    /// [`CidxError::Settings`] when it is no directory whose path is Unicode, or the server or the
    /// user cannot be meant.
    pub fn new(
        root: &Path,
        server: &str,
        user: &str,
        keys: impl Into<Arc<KeySet>>,
    ) -> Result<Self, CidxError> {
        let root = root.canonicalize().map_err(CidxError::settings)?;
        let name = root.to_str().ok_or_else(|| {
            let reason = "the path of the project is not Unicode";
            CidxError::Settings(reason.to_owned())
        })?;
        let binding = Binding::new(server, user).and_then(|binding| binding.with_project(name));
        Ok(Self {
            binding: binding.map_err(CidxError::settings)?,
            keys: keys.into(),
            #[cfg(feature = "cidx-import")]
            import: token_store::CidxImport::new(user, name, server),
            root,
        })
    }

    /// The token file `.code-indexer/.token`, with its lock beside it (C-01, C-02). What another
    /// user of the project left there is set aside (C-63). With the feature `cidx-import`, a file of
    /// the CIDX client itself is read once and then written anew (C-51 to C-53); such a file may
    /// hold a token of whoever could write it.
    ///
    /// # Errors
    ///
    /// [`CidxError::Settings`] when there cannot be such a path.
    pub fn token_store(&self) -> Result<EncryptedFileStore, CidxError> {
        let (binding, keys) = (self.binding.clone(), Arc::clone(&self.keys));
        let store = EncryptedFileStore::builder(self.path(".token"), binding, keys);
        let store = store.set_foreign_aside(true);
        #[cfg(feature = "cidx-import")]
        let store = store.import_cidx(self.import.clone());
        store.open().map_err(CidxError::settings)
    }

    /// The password in `.code-indexer/.password`; write one to its file first.
    ///
    /// # Errors
    ///
    /// [`CidxError::Settings`] when there cannot be such a path.
    pub fn credentials(&self) -> Result<EncryptedCredentials, CidxError> {
        let (binding, keys) = (self.binding.clone(), Arc::clone(&self.keys));
        let file = SecretFile::open(self.path(".password"), binding, keys);
        let file = file.map_err(CidxError::settings)?;
        Ok(EncryptedCredentials::new(file))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(".code-indexer").join(name)
    }
}
