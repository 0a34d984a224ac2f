//! The file stores by one name, so that each rig runs over all of them, and over wrong ones.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use token_store::{
    Binding, Change, CidxImport, Commit, Committed, Durability, EncryptedFileStore, FileStore,
    Generation, Key, KeySet, Loaded, OpId, StoreError,
};
use zeroize::Zeroizing;

use crate::wrong_store::{Mistake, WrongStore};
use crate::{change_to, stored_token};

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the rigs go through all of them")]
pub enum Kind {
    /// [`FileStore`].
    Plain,
    /// [`EncryptedFileStore`].
    Encrypted,
    /// An encrypted one that does not keep its word, for the rigs to find out.
    Wrong(Mistake),
}

/// A store of one of the kinds.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "one for each kind")]
pub enum Store {
    /// [`Kind::Plain`].
    Plain(FileStore),
    /// [`Kind::Encrypted`].
    Encrypted(EncryptedFileStore),
    /// [`Kind::Wrong`].
    Wrong(WrongStore),
}

impl Kind {
    /// Opens the store at this path.
    ///
    /// # Errors
    ///
    /// As the store itself.
    pub fn open(
        self,
        path: &Path,
        durability: Durability,
        lock_timeout: Duration,
    ) -> Result<Store, StoreError> {
        Ok(match self {
            Self::Plain => {
                let builder = FileStore::builder(path, binding()).durability(durability);
                Store::Plain(builder.lock_timeout(lock_timeout).open()?)
            }
            Self::Encrypted => {
                let builder = EncryptedFileStore::builder(path, binding(), keys());
                let builder = builder.durability(durability).lock_timeout(lock_timeout);
                Store::Encrypted(builder.open()?)
            }
            Self::Wrong(mistake) => Store::Wrong(WrongStore::open(path, mistake)?),
        })
    }

    /// The store that judges what a store of this kind left.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn judge(self, path: &Path) -> Result<Store, StoreError> {
        self.judged().open(path, Durability::None, Duration::ZERO)
    }

    /// The right store for the same file.
    #[must_use]
    pub fn judged(self) -> Self {
        match self {
            Self::Wrong(_) => Self::Encrypted,
            right => right,
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "plain" => Ok(Self::Plain),
            "encrypted" => Ok(Self::Encrypted),
            other => other.parse().map(Self::Wrong),
        }
    }
}

impl Kind {
    /// The name that [`from_str`](Self::from_str) takes.
    pub fn name(self) -> String {
        match self {
            Self::Plain => "plain".to_owned(),
            Self::Encrypted => "encrypted".to_owned(),
            Self::Wrong(mistake) => format!("{mistake:?}"),
        }
    }
}

impl Store {
    /// Reads on this thread.
    ///
    /// # Errors
    ///
    /// As the store itself.
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        match self {
            Self::Plain(store) => store.read_now(),
            Self::Encrypted(store) => store.read_now(),
            Self::Wrong(store) => store.read_now(),
        }
    }

    /// Commits on this thread.
    ///
    /// # Errors
    ///
    /// As the store itself.
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        match self {
            Self::Plain(store) => store.commit_now(commit),
            Self::Encrypted(store) => store.commit_now(commit),
            Self::Wrong(store) => store.commit_now(commit),
        }
    }

    /// One compare-and-swap to the next generation, as [`change_to`] makes it: the new generation,
    /// or `None` if somebody else was faster.
    ///
    /// # Errors
    ///
    /// As the store itself.
    pub fn swap_now(&self) -> Result<Option<u64>, StoreError> {
        let expected = self.read_now()?.generation;
        let swapped = self.swap_from(expected)?;
        Ok(swapped.ok().map(Generation::number))
    }

    /// The same from this generation: the new one, or as an error the one that is there instead.
    ///
    /// # Errors
    ///
    /// As the store itself.
    pub fn swap_from(
        &self,
        expected: Generation,
    ) -> Result<Result<Generation, Generation>, StoreError> {
        let change = match self {
            // The wrong ones keep no count where there is no file.
            Self::Wrong(_) => Change::Put(stored_token(expected.next())),
            _ => change_to(expected.next()),
        };
        let op_id = OpId::random();
        Ok(
            match self.commit_now(Commit::new(expected, change, op_id))? {
                Committed::Stored { generation, .. } => Ok(generation),
                Committed::Conflict(found) => Err(found.generation),
            },
        )
    }
}

/// Whose token it is.
///
/// # Panics
///
/// Never: the parts are valid.
pub fn binding() -> Binding {
    Binding::new("https://amp.example/api", "alice").expect("a URL and a name make a binding")
}

/// The key of every encrypted file.
pub fn keys() -> KeySet {
    KeySet::new(key(7))
}

/// The keys after a rotation.
pub fn rotated_keys() -> KeySet {
    KeySet::new(key(8)).with_decrypt_only(key(7))
}

/// The import of the CIDX client's golden file.
pub fn import() -> CidxImport {
    CidxImport::new("alice", "/srv/project", "https://cidx.example")
}

fn key(byte: u8) -> Key {
    Key::new(Zeroizing::new([byte; 32]))
}
