//! Why a store failed.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a store could not do what it was asked. No text holds content of the store.
#[derive(Clone)]
pub struct StoreError(Arc<Inner>);

struct Inner {
    kind: StoreErrorKind,
    reason: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure it was, for whoever must act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The place belongs to somebody else, is open to others, or is not a regular file.
    UnsafePath,
    /// We may not read or write there, or the place is read-only.
    Denied,
    /// No room is left, or no more than a limit allows.
    NoSpace,
    /// The content is larger than a token file can be.
    TooLarge,
    /// A newer version wrote the content; it is left alone.
    UnsupportedVersion,
    /// The record belongs to another service or user; it is left alone.
    Foreign,
    /// No key that is at hand opens the record; it is left alone.
    WrongKey,
    /// A key is missing, unreadable or malformed.
    InvalidKey,
    /// The record was changed by somebody without the key, or by a failing disk.
    Tampered,
    /// The record ends too early.
    Truncated,
    /// A plain record lies where an encrypted one is expected, or the other way round; it is left
    /// alone until somebody migrates it.
    Downgrade,
    /// The record names a derivation of its key from a passphrase that costs too little to be
    /// safe, or more than we spend; it is left alone.
    UnsafeKdf,
    /// What was said about the store cannot be used, such as its address or a certificate.
    InvalidSetting,
    /// There is no keyring of the operating system, or nobody serves it.
    NoKeyring,
    /// The keyring is locked, or does not let us.
    KeyringLocked,
    /// The keyring did not answer in time; what was asked of it may still happen.
    KeyringTimeout,
    /// Somebody else held the write lock for too long.
    LockTimeout,
    /// The file system cannot lock.
    LockUnsupported,
    /// The server is away, does not answer in time, or cannot take changes now.
    Unavailable,
    /// The lease ended before its holder was done; somebody else may have it.
    LeaseLost,
    /// Anything else, mostly a failing disk.
    Io,
}

impl StoreError {
    /// A failure with its reason in words; the reason must not hold content.
    pub fn new(kind: StoreErrorKind, reason: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            reason: reason.into(),
            path: None,
            source: None,
        }))
    }

    /// A failure at a path, with its cause.
    pub fn at(
        kind: StoreErrorKind,
        reason: impl Into<String>,
        path: &Path,
        source: Option<std::io::Error>,
    ) -> Self {
        let source = source.map(|source| Box::new(source) as _);
        Self(Arc::new(Inner {
            kind,
            reason: reason.into(),
            path: Some(path.to_owned()),
            source,
        }))
    }

    /// A failure of the file system, with its kind taken from the system's error.
    pub(crate) fn from_io(reason: impl Into<String>, path: &Path, source: std::io::Error) -> Self {
        Self::at(kind_of(&source), reason, path, Some(source))
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// The path it is about.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }
}

fn kind_of(error: &std::io::Error) -> StoreErrorKind {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreErrorKind::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreErrorKind::NoSpace
        }
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => StoreErrorKind::UnsafePath,
        _ if is_link(error) => StoreErrorKind::UnsafePath,
        _ => StoreErrorKind::Io,
    }
}

/// Whether opening met a symbolic link, which has no stable [`std::io::ErrorKind`].
#[cfg(unix)]
fn is_link(error: &std::io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

#[cfg(not(unix))]
fn is_link(_error: &std::io::Error) -> bool {
    false
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.reason)?;
        match &self.0.path {
            Some(path) => write!(f, ": {}", path.display()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("kind", &self.0.kind)
            .field("reason", &self.0.reason)
            .field("path", &self.0.path)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
