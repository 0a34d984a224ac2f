//! A file store of either kind, picked by the name of its file.

use std::path::Path;
use std::time::Duration;

use token_store::{
    Binding, Commit, Committed, Durability, EncryptedFileStore, FileStore, Key, KeySet, Loaded,
    SharedTokenStore, StoreError,
};

/// Two made-up keys.
const KEYS: [&str; 2] = [
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
];

/// A store at a path: encrypted where its name ends in `.tks`.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "there are two kinds of files")]
pub enum AnyFileStore {
    /// Of plain JSON.
    Plain(FileStore),
    /// Under a key that everybody here knows.
    Encrypted(EncryptedFileStore),
}

impl AnyFileStore {
    /// Opens the store.
    ///
    /// # Panics
    ///
    /// When the path has no file name.
    pub fn open(path: &Path, durability: Durability, lock_timeout: Duration) -> Self {
        if path.extension().is_some_and(|end| end == "tks") {
            return Self::Encrypted(encrypted(path, durability, lock_timeout, 0));
        }
        let builder = FileStore::builder(path, binding()).durability(durability);
        let store = builder.lock_timeout(lock_timeout).open();
        Self::Plain(store.expect("the path of a test has a name"))
    }

    /// As the store's own.
    ///
    /// # Errors
    ///
    /// As the store's own.
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        match self {
            Self::Plain(store) => store.read_now(),
            Self::Encrypted(store) => store.read_now(),
        }
    }

    /// As the store's own.
    ///
    /// # Errors
    ///
    /// As the store's own.
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        match self {
            Self::Plain(store) => store.commit_now(commit),
            Self::Encrypted(store) => store.commit_now(commit),
        }
    }

    /// The store as any other.
    pub fn shared(&self) -> SharedTokenStore {
        match self {
            Self::Plain(store) => SharedTokenStore::new(store.clone()),
            Self::Encrypted(store) => SharedTokenStore::new(store.clone()),
        }
    }
}

/// An encrypted store that seals with the key of this number, 0 or 1, and opens with both.
///
/// # Panics
///
/// When the path has no file name.
pub fn encrypted(
    path: &Path,
    durability: Durability,
    lock_timeout: Duration,
    active: usize,
) -> EncryptedFileStore {
    let key = |number: usize| Key::from_base64(KEYS[number % 2]).expect("a key of 32 bytes");
    let keys = KeySet::new(key(active)).with_decrypt_only(key(active + 1));
    let builder = EncryptedFileStore::builder(path, binding(), keys).durability(durability);
    let store = builder.lock_timeout(lock_timeout).open();
    store.expect("the path of a test has a name")
}

fn binding() -> Binding {
    Binding::new("https://amp.example/api", "alice").expect("a URL and a user")
}
