//! The keys that are in use at one time: one that seals, and older ones that still open.

use super::{Kdf, Key, KeyId, Passphrase};
use crate::key::passphrase::Derived;

/// What a record can be sealed with.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an envelope names one of the two")]
pub enum KeyMaterial {
    /// A key as it is.
    Key(Key),
    /// A text that a key is derived from.
    Passphrase(Passphrase),
}

/// The key that seals, and those that only open: for as long as a file may carry one of them.
#[derive(Debug)]
pub struct KeySet {
    active: KeyMaterial,
    decrypt_only: Vec<KeyMaterial>,
}

/// A key that opens an envelope.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) key: Key,
    /// Whether the same key, at the same cost, would seal it today.
    pub(crate) is_current: bool,
}

impl KeySet {
    /// A set with this key alone.
    pub fn new(active: impl Into<KeyMaterial>) -> Self {
        Self {
            active: active.into(),
            decrypt_only: Vec::new(),
        }
    }

    /// Adds a key that opens and never seals; what it opens is soon sealed with the active one.
    #[must_use]
    pub fn with_decrypt_only(mut self, key: impl Into<KeyMaterial>) -> Self {
        self.decrypt_only.push(key.into());
        self
    }

    /// The key that seals, and, where it comes from a passphrase, how. `salt` is used where none
    /// is in use yet.
    pub(crate) fn sealing(&self, salt: &[u8; 32]) -> (Key, Option<(Kdf, [u8; 32])>) {
        match &self.active {
            KeyMaterial::Key(key) => (key.clone(), None),
            KeyMaterial::Passphrase(passphrase) => {
                let Derived { kdf, salt, key, .. } = passphrase.key_for_sealing(salt);
                (key, Some((kdf, salt)))
            }
        }
    }

    /// The key of this name, derived where the envelope says how; slow then.
    pub(crate) fn find(&self, id: KeyId, derivation: Option<(Kdf, &[u8; 32])>) -> Option<Found> {
        let opening = |material: &KeyMaterial| match (material, derivation) {
            (KeyMaterial::Key(key), None) => (key.id() == id).then(|| (key.clone(), true)),
            (KeyMaterial::Passphrase(passphrase), Some((kdf, salt))) => {
                let key = passphrase.key_named(id, kdf, salt)?;
                Some((key, kdf == passphrase.kdf()))
            }
            _ => None,
        };
        if let Some((key, is_current)) = opening(&self.active) {
            return Some(Found { key, is_current });
        }
        let (key, _) = self.decrypt_only.iter().find_map(opening)?;
        Some(Found {
            key,
            is_current: false,
        })
    }
}

impl From<Key> for KeyMaterial {
    fn from(key: Key) -> Self {
        Self::Key(key)
    }
}

impl From<Passphrase> for KeyMaterial {
    fn from(passphrase: Passphrase) -> Self {
        Self::Passphrase(passphrase)
    }
}
