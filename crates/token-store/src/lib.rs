//! Keeps bearer tokens between calls, tasks and processes.
//!
//! A [`TokenStore`] keeps one record under a [`Generation`] that only grows, changes it by
//! compare-and-swap, and hands out a [`Lease`] so that one flight in the world renews it. It
//! decides nothing about expiry, never talks to an authority and holds no lock while anybody does.
//!
//! [`MemoryStore`] keeps the record in the process; [`FileStore`] shares it between processes and
//! is bound to one service and user by its [`Binding`]; `EncryptedFileStore` does so in a file
//! that is of no use without its key. [`default_directory`] says where such
//! files belong, and [`Accounts`] who logged in there last. `ChosenStore` makes the choice of a
//! store a value, and `migrate` moves a token from one to another; [`examine`] and [`held_locks`]
//! tell people what is wrong with a place. Another backend implements
//! [`TokenStore`] and passes `check_contract` (feature `test-util`).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::{Duration, SystemTime};
//! use token_core::{AccessToken, TokenData};
//! use token_store::{Binding, Change, Commit, Committed, FileStore, OpId, Record, TokenStore};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("token.json");
//! let store = FileStore::open(path, Binding::new("https://amp.example/api", "alice")?)?;
//! let loaded = store.load().await?;
//! assert_eq!(loaded.record, None);
//!
//! let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
//! let token = AccessToken::new("0123456789abcdef")?;
//! let data = TokenData::with_lifetime(token, obtained_at, Duration::from_secs(86_400));
//! let change = Change::Put(Record::new(data));
//! let commit = Commit::new(loaded.generation, change, OpId::new(1));
//! match store.commit(commit).await? {
//!     Committed::Stored { generation, .. } => assert_eq!(generation.number(), 1),
//!     Committed::Conflict(other) => println!("somebody was faster: {}", other.generation),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `encrypted` (on by default): `EncryptedFileStore`, `Sealer`, the encrypted form of a record,
//!   `SecretFile`, and their keys; `docs/formats.md` has the layout and the threat model.
//! - `keyring`: `KeyringStore`, which keeps a record in the keyring of the operating system, and
//!   `Keyring`, which keeps the key of encrypted files there.
//! - `cidx-import`: `CidxImport`, which takes a token file of the CIDX client over.
//! - `redis`: `RedisStore`, which hosts share through a server that sees only ciphertext;
//!   `docs/operations.md` says how. `redis-tls`: such a server on another host.
//! - `test-util`: `check_contract`, the contract as a test for any store.
//!
//! # Neighbours
//!
//! `token-core` has the values; `token-manager` decides when to load, lease and commit.

mod accounts;
mod binding;
mod bounded;
#[cfg(feature = "encrypted")]
mod choice;
#[cfg(any(test, feature = "test-util"))]
mod contract;
#[cfg(feature = "encrypted")]
mod envelope;
mod error;
mod examine;
mod file;
#[cfg(feature = "encrypted")]
mod key;
#[cfg(feature = "keyring")]
mod keyring;
mod lease;
mod memory;
#[cfg(any(feature = "encrypted", feature = "redis", feature = "keyring"))]
mod random;
mod recent;
mod record;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "encrypted")]
mod redis_url;
mod shared;
mod store;

pub use accounts::{Accounts, default_directory};
pub use binding::{Binding, InvalidBinding, Origin};
#[cfg(feature = "encrypted")]
pub use choice::{
    ChosenStore, InvalidStore, Migrated, StoreKind, Whereabouts, migrate, rotate_found_key,
};
#[cfg(any(test, feature = "test-util"))]
pub use contract::{check_contract, check_contract_between};
#[cfg(feature = "encrypted")]
pub use envelope::{EnvelopeError, Opened, Randomness, Sealer, key_id_of};
pub use error::{StoreError, StoreErrorKind};
pub use examine::{Finding, HeldLock, examine, held_locks};
#[cfg(feature = "cidx-import")]
pub use file::CidxImport;
pub use file::{Durability, FileStore, FileStoreBuilder, RepairMode};
#[cfg(feature = "encrypted")]
pub use file::{
    EncryptedFileStore, EncryptedFileStoreBuilder, Rewritten, Rotation, SecretFile, key_ids_in,
    rotate_directory,
};
#[cfg(feature = "encrypted")]
pub use key::{
    FoundKey, InvalidKey, InvalidPassphrase, Kdf, KdfOutOfBounds, Key, KeyId, KeyMaterial,
    KeyPlace, KeySet, KeySource, OsKeyring, Passphrase, find_key, read_key_file, rotate_key,
};
#[cfg(feature = "keyring")]
pub use keyring::{Keyring, KeyringOnDemand, KeyringStore};
pub use lease::{FailureNote, Fence, Lease, LeaseAttempt, LeaseFuture, LeaseGuard, NoteClass};
pub use memory::MemoryStore;
pub use record::{Change, Commit, Committed, Generation, LoadNotice, Loaded, OpId, Record};
#[cfg(feature = "redis")]
pub use redis::{RedisStore, RedisStoreBuilder};
#[cfg(feature = "encrypted")]
pub use redis_url::{InvalidRedisStore, RedisUrl};
pub use shared::SharedTokenStore;
pub use store::TokenStore;
