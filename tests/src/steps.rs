//! The steps of the stores that can be interrupted anywhere, what they start from, and what they
//! may leave.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::str::FromStr;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use token_store::{
    Change, Commit, Committed, Durability, EncryptedFileStore, Generation, LeaseAttempt, OpId,
    StoreError, StoreErrorKind, TokenStore,
};

use crate::rig::say;
use crate::stored_token;
use crate::stores::{Kind, Store, binding, import, keys, rotated_keys};

/// A file that the CIDX client wrote.
const CIDX_FILE: &[u8] = include_bytes!("../../crates/token-store/tests/golden/cidx.token");

/// Something that a process does with a token file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the rigs go through all of them")]
pub enum Step {
    /// Reads generation 1.
    Load,
    /// Stores generation 1 in a directory that is not there.
    Store,
    /// Replaces generation 1 by 2.
    Overwrite,
    /// Makes generation 2 by removing 1.
    Clear,
    /// Writes generation 1 anew under another key.
    Rotate,
    /// Takes a file of the CIDX client over.
    Import,
    /// Moves the record of a plain file into an encrypted one.
    Migrate,
    /// Takes the lease, marks the request that spends generation 1, sends it, and stores 2.
    Refresh,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Load,
        Self::Store,
        Self::Overwrite,
        Self::Clear,
        Self::Rotate,
        Self::Import,
        Self::Migrate,
        Self::Refresh,
    ];

    /// Whether it is a step of this kind of store.
    pub fn fits(self, kind: Kind) -> bool {
        let needs_key = matches!(self, Self::Rotate | Self::Import | Self::Migrate);
        !needs_key || kind == Kind::Encrypted
    }

    /// Whether it changes anything.
    pub fn writes(self) -> bool {
        self != Self::Load
    }

    /// The file that it is about, in this directory.
    pub fn file(self, place: &Path) -> PathBuf {
        match self {
            Self::Store => place.join("new").join("token"),
            _ => place.join("token"),
        }
    }

    /// Puts into an empty directory what it starts from.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub fn prepare(self, kind: Kind, place: &Path) -> Result<(), StoreError> {
        let kind = kind.judged();
        match self {
            Self::Store => Ok(()),
            Self::Import => plant(&self.file(place)),
            Self::Migrate => put(&open(Kind::Plain, &plain(place))?, 0).map(|_| ()),
            _ => put(&open(kind, &self.file(place))?, 0).map(|_| ()),
        }
    }

    /// Does it, and says `stored` once it is acknowledged.
    ///
    /// # Errors
    ///
    /// As the store.
    pub fn run(self, kind: Kind, place: &Path) -> Result<(), StoreError> {
        let file = self.file(place);
        match self {
            Self::Load => open(kind, &file)?.read_now().map(|_| ())?,
            Self::Store => put(&open(kind, &file)?, 0)?,
            Self::Overwrite => put(&open(kind, &file)?, 1)?,
            Self::Clear => commit(&open(kind, &file)?, 1, Change::Clear)?,
            Self::Rotate => encrypted(&file, rotated_keys())?
                .rewrite_now()
                .map(|_| ())?,
            Self::Import => importing(&file)?.read_now().map(|_| ())?,
            Self::Migrate => return migrate(&plain(place), &file),
            Self::Refresh => return refresh(kind, &file),
        }
        say("stored");
        Ok(())
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|step| format!("{step:?}") == name);
        found.ok_or_else(|| format!("no step is called {name}"))
    }
}

/// The plain file beside the encrypted one.
pub fn plain(place: &Path) -> PathBuf {
    place.join("plain.json")
}

/// Opens a file that may be under the earlier key or the later one.
///
/// # Errors
///
/// As [`EncryptedFileStore::open`].
pub fn rotated(file: &Path) -> Result<EncryptedFileStore, StoreError> {
    encrypted(file, rotated_keys())
}

/// Opens a file that may still be the CIDX client's.
///
/// # Errors
///
/// As [`EncryptedFileStore::open`].
pub fn importing(file: &Path) -> Result<EncryptedFileStore, StoreError> {
    let builder = EncryptedFileStore::builder(file, binding(), keys());
    builder.import_cidx(import()).open()
}

/// Takes the lease and renews generation 1: with its refresh token, unless somebody may have spent
/// that; says `login` or `refresh` before that is sent.
///
/// # Errors
///
/// As the store, and when somebody else has the lease.
pub fn refresh(kind: Kind, file: &Path) -> Result<(), StoreError> {
    match open(kind, file)? {
        Store::Plain(store) => refresh_in(&store),
        Store::Encrypted(store) => refresh_in(&store),
        Store::Wrong(_) => Err(StoreError::new(StoreErrorKind::Io, "it has no lease")),
    }
}

/// Moves the record; done again, it does what is left to do.
///
/// # Errors
///
/// As the stores.
pub fn migrate(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = open(Kind::Plain, from)?;
    let target = open(Kind::Encrypted, to)?;
    let found = source.read_now()?;
    if let Some(record) = found.record {
        let there = target.read_now()?;
        if there.record.is_none() {
            commit(&target, there.generation.number(), Change::Put(record))?;
        }
        commit(&source, found.generation.number(), Change::Clear)?;
    }
    say("stored");
    Ok(())
}

fn refresh_in(store: &impl TokenStore) -> Result<(), StoreError> {
    let mut lease = match now(store.try_lease(Duration::from_secs(45))) {
        LeaseAttempt::Acquired(lease) => lease,
        LeaseAttempt::Held(_) => {
            return Err(StoreError::new(StoreErrorKind::Io, "the lease is held"));
        }
        LeaseAttempt::Unavailable(error) => return Err(error),
    };
    let current = now(store.load())?.generation;
    if lease.found_sent() == Some(current) {
        say("login");
    } else {
        now(lease.mark_sent(current))?;
        say(format_args!("refresh {current}"));
    }
    let change = Change::Put(stored_token(current.next()));
    let committed = now(store.commit(Commit::new(current, change, OpId::new(9))))?;
    assert!(
        matches!(committed, Committed::Stored { .. }),
        "nobody else writes"
    );
    say("stored");
    now(lease.release())
}

/// Outside a runtime, the file stores work on the thread that asks, and never wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("a file store does not wait outside a runtime"),
    }
}

fn open(kind: Kind, file: &Path) -> Result<Store, StoreError> {
    kind.open(file, Durability::Full, Duration::ZERO)
}

fn encrypted(file: &Path, keys: token_store::KeySet) -> Result<EncryptedFileStore, StoreError> {
    EncryptedFileStore::open(file, binding(), keys)
}

/// Stores the record of the generation after this one.
fn put(store: &Store, expected: u64) -> Result<(), StoreError> {
    let next = Generation::new(expected).next();
    commit(store, expected, Change::Put(stored_token(next)))
}

fn commit(store: &Store, expected: u64, change: Change) -> Result<(), StoreError> {
    let op_id = OpId::new(u128::from(expected) + 1);
    let commit = Commit::new(Generation::new(expected), change, op_id);
    match store.commit_now(commit)? {
        Committed::Stored { .. } => Ok(()),
        Committed::Conflict(found) => panic!("nobody else writes: {found:?}"),
    }
}

fn plant(file: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::at(StoreErrorKind::Io, "cannot be planted", file, Some(error));
    fs::write(file, CIDX_FILE).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}
