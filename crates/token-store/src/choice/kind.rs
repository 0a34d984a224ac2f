//! What keeps a token, as the word or address that somebody writes.

use std::fmt;
use std::str::FromStr;

use crate::{InvalidRedisStore, RedisUrl};

/// What keeps a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever offers the choice must name every store"
)]
pub enum StoreKind {
    /// The process alone.
    Memory,
    /// A plain file.
    File,
    /// An encrypted file.
    Encrypted,
    /// The keyring of the operating system; needs the feature `keyring`.
    Keyring,
    /// The Redis server at this address, which hosts share; needs the feature `redis`.
    Redis(RedisUrl),
}

/// A text that names no store. It does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStore {
    /// It is none of the words, and no address.
    #[error("expected memory, file, encrypted, keyring or redis://...")]
    Unknown,
    /// The address leads to no store.
    #[error(transparent)]
    Redis(InvalidRedisStore),
}

impl StoreKind {
    /// Those that are a word.
    const WORDS: [Self; 4] = [Self::Memory, Self::File, Self::Encrypted, Self::Keyring];

    /// The word that names it: `memory`, `file`, `encrypted`, `keyring`, `redis`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Encrypted => "encrypted",
            Self::Keyring => "keyring",
            Self::Redis(_) => "redis",
        }
    }

    /// Whether what it keeps is of no use without a key.
    pub const fn is_encrypted(&self) -> bool {
        match self {
            Self::Memory | Self::File => false,
            Self::Encrypted | Self::Keyring | Self::Redis(_) => true,
        }
    }

    /// The end of the name of its files.
    pub(super) const fn extension(&self) -> Option<&'static str> {
        match self {
            Self::File => Some("json"),
            Self::Encrypted => Some("tks"),
            Self::Memory | Self::Keyring | Self::Redis(_) => None,
        }
    }
}

/// Reads one of the words, or an address as [`RedisUrl::parse`] does.
impl FromStr for StoreKind {
    type Err = InvalidStore;

    fn from_str(text: &str) -> Result<Self, InvalidStore> {
        if let Some(kind) = Self::WORDS.into_iter().find(|kind| kind.as_str() == text) {
            return Ok(kind);
        }
        match RedisUrl::parse(text) {
            Ok(url) => Ok(Self::Redis(url)),
            Err(InvalidRedisStore::Scheme) if !text.starts_with("redis") => {
                Err(InvalidStore::Unknown)
            }
            Err(error) => Err(InvalidStore::Redis(error)),
        }
    }
}

/// The word; of Redis the address, without user and password.
impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redis(url) => url.fmt(f),
            kind => f.write_str(kind.as_str()),
        }
    }
}
