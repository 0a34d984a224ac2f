//! Keys that come from a text that a person can remember.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::{Kdf, Key, KeyId};

/// The longest passphrase, in bytes.
const MAX_BYTES: usize = 4096;

/// How many derived keys are kept: the one in use, and some of files that others wrote.
const KEPT: usize = 4;

/// A passphrase. The key that comes from it is derived once for each salt and then kept, because
/// that takes a good part of a second (W-C04); the text is wiped when this drops.
pub struct Passphrase {
    text: SecretString,
    kdf: Kdf,
    derived: Mutex<Vec<Derived>>,
}

/// A key with where it came from.
#[derive(Clone)]
pub(crate) struct Derived {
    pub(crate) kdf: Kdf,
    pub(crate) salt: [u8; 32],
    pub(crate) key: Key,
    /// Whether it sealed or opened something. Others come from files that anybody could have
    /// written.
    is_proven: bool,
}

/// A text that cannot be a passphrase. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a passphrase has 1 to 4096 bytes")]
pub struct InvalidPassphrase;

impl Passphrase {
    /// A passphrase whose new files cost what [`Kdf::default`] says.
    ///
    /// # Errors
    ///
    /// [`InvalidPassphrase`] when it is empty or longer than 4096 bytes.
    pub fn new(text: impl Into<SecretString>) -> Result<Self, InvalidPassphrase> {
        let text = text.into();
        let length = text.expose_secret().len();
        if length == 0 || length > MAX_BYTES {
            return Err(InvalidPassphrase);
        }
        Ok(Self {
            text,
            kdf: Kdf::default(),
            derived: Mutex::default(),
        })
    }

    /// What new files cost. Files that cost something else are read, and rewritten.
    #[must_use]
    pub fn with_kdf(mut self, kdf: Kdf) -> Self {
        self.kdf = kdf;
        self
    }

    pub(crate) fn kdf(&self) -> Kdf {
        self.kdf
    }

    /// The key for this salt if it has this name, derived unless it is known. Threads that ask
    /// meanwhile wait for it instead of deriving it again.
    pub(crate) fn key_named(&self, id: KeyId, kdf: Kdf, salt: &[u8; 32]) -> Option<Key> {
        let mut known = self.derived();
        let found = known
            .iter()
            .position(|known| known.kdf == kdf && &known.salt == salt);
        let mut derived = match found {
            Some(index) => known.remove(index),
            None => self.derive(kdf, salt),
        };
        derived.is_proven |= derived.key.id() == id;
        let key = derived.key.clone();
        keep(&mut known, derived);
        (key.id() == id).then_some(key)
    }

    /// The key for a new file: the one that was used last, so that processes that share a file
    /// come to share its salt; else one from `salt`.
    pub(crate) fn key_for_sealing(&self, salt: &[u8; 32]) -> Derived {
        let mut known = self.derived();
        let usable = |known: &&Derived| known.is_proven && known.kdf == self.kdf;
        if let Some(last) = known.iter().rev().find(usable) {
            return last.clone();
        }
        let mut derived = self.derive(self.kdf, salt);
        derived.is_proven = true;
        keep(&mut known, derived.clone());
        derived
    }

    fn derive(&self, kdf: Kdf, salt: &[u8; 32]) -> Derived {
        Derived {
            kdf,
            salt: *salt,
            key: kdf.derive(self.text.expose_secret().as_bytes(), salt),
            is_proven: false,
        }
    }

    /// A list of whole entries cannot be half-changed, so a panic elsewhere does not spoil it.
    fn derived(&self) -> MutexGuard<'_, Vec<Derived>> {
        self.derived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the key that was used last; where there are too many, one that proved nothing goes first.
fn keep(known: &mut Vec<Derived>, used: Derived) {
    if known.len() == KEPT {
        let unproven = known.iter().position(|known| !known.is_proven);
        known.remove(unproven.unwrap_or(0));
    }
    known.push(used);
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrase")
            .field("kdf", &self.kdf)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passphrase {
        let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
        Passphrase::new("s3cret phrase".to_owned())
            .unwrap()
            .with_kdf(kdf)
    }

    // W-C04
    #[test]
    fn a_key_is_derived_once_and_the_last_one_that_opened_something_seals() {
        let passphrase = cheap();
        let first = passphrase.key_for_sealing(&[1; 32]);
        let again = passphrase.key_for_sealing(&[2; 32]);
        assert_eq!(again.salt, [1; 32]);
        assert!(std::ptr::eq(first.key.bytes(), again.key.bytes()));

        let other = cheap().key_for_sealing(&[3; 32]).key;
        let kdf = passphrase.kdf();
        let opened = passphrase.key_named(other.id(), kdf, &[3; 32]).unwrap();
        assert_eq!(opened.bytes(), other.bytes());
        assert_eq!(passphrase.key_for_sealing(&[4; 32]).salt, [3; 32]);
        let known = passphrase.key_named(other.id(), kdf, &[3; 32]).unwrap();
        assert!(std::ptr::eq(opened.bytes(), known.bytes()));
    }

    // Whoever plants a file must not choose the salt of ours, nor fill the memory.
    #[test]
    fn salts_that_opened_nothing_seal_nothing_and_are_forgotten_first() {
        let passphrase = cheap();
        let kdf = passphrase.kdf();
        let ours = passphrase.key_for_sealing(&[0; 32]);
        for salt in 1..=KEPT {
            let refused = passphrase.key_named(ours.key.id(), kdf, &[salt as u8; 32]);
            assert!(refused.is_none());
        }
        assert_eq!(passphrase.key_for_sealing(&[9; 32]).salt, [0; 32]);
        assert_eq!(passphrase.derived().len(), KEPT);
    }

    #[test]
    fn a_passphrase_has_1_to_4096_bytes() {
        assert!(Passphrase::new("x").is_ok());
        for text in ["", &"x".repeat(4097)] {
            let refused = Passphrase::new(text.to_owned());
            assert_eq!(refused.err(), Some(InvalidPassphrase));
        }
    }

    //
    #[test]
    fn debug_output_hides_the_passphrase() {
        let shown = format!("{:?}", cheap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
