//! Stores that processes share through one file.
//!
//! [`Inner`](inner::Inner) has the protocol, once: directory, locks, lease, reading, committing,
//! setting aside. A [`Codec`](codec::Codec) makes the file plain or encrypted, and the stores are
//! names for the two.

pub(crate) mod codec;
mod commit;
#[cfg(feature = "encrypted")]
pub(crate) mod convert;
mod defect;
#[cfg_attr(unix, path = "directory_unix.rs")]
#[cfg_attr(not(unix), path = "directory_portable.rs")]
pub(crate) mod directory;
#[cfg(feature = "encrypted")]
mod encrypted;
pub(crate) mod facts;
pub(crate) mod format;
pub(crate) mod handle;
mod inner;
pub(crate) mod lease;
pub(crate) mod lock;
pub(crate) mod lock_record;
mod marks;
mod options;
mod plain;
mod read;
#[cfg(feature = "encrypted")]
mod secret;
mod set_aside;
pub(crate) mod time;
pub(crate) mod turnstile;
pub(crate) mod write;

#[cfg(feature = "cidx-import")]
pub use self::encrypted::CidxImport;
#[cfg(feature = "encrypted")]
pub use self::encrypted::{
    EncryptedFileStore, EncryptedFileStoreBuilder, Rotation, key_ids_in, rotate_directory,
};
#[cfg(feature = "encrypted")]
pub use self::inner::Rewritten;
pub use self::options::{Durability, RepairMode};
pub use self::plain::{FileStore, FileStoreBuilder};
#[cfg(feature = "encrypted")]
pub use self::secret::SecretFile;
#[cfg(feature = "redis")]
pub(crate) use self::{handle::blocking, time::wall_clock};

#[cfg(test)]
mod tests;
