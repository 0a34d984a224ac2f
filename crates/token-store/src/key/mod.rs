//! Keys: what an encrypted record is opened and sealed with.

mod file;
mod kdf;
mod passphrase;
mod search;
mod set;

use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use self::file::read_key_file;
pub(crate) use self::kdf::Cost;
pub use self::kdf::{Kdf, KdfOutOfBounds};
pub use self::passphrase::{InvalidPassphrase, Passphrase};
#[cfg(feature = "redis")]
pub(crate) use self::search::given_key;
pub use self::search::{FoundKey, KeySource, OsKeyring, find_key, rotate_key};
pub use self::set::{KeyMaterial, KeySet};
use crate::StoreError;

/// The length of a key in bytes.
const LENGTH: usize = 32;

/// Separates the name of a key from everything else that is derived from it.
const ID_INFO: &[u8] = b"tks1 key id";

/// A secret of 32 bytes. A clone is a reference count, and the bytes are wiped when the last clone
/// drops; `Debug` shows its [`KeyId`].
#[derive(Clone)]
pub struct Key {
    bytes: Arc<Zeroizing<[u8; LENGTH]>>,
    id: KeyId,
    place: KeyPlace,
}

/// Names a key without telling anything about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 16]);

/// Where a key is kept; an envelope notes it, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyPlace {
    /// A file, the environment, or the program itself.
    #[default]
    Program,
    /// The keyring of the operating system.
    OsKeyring,
}

/// A text that is no key. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 32 bytes in base64: 44 characters, such as `openssl rand -base64 32` prints")]
pub struct InvalidKey;

impl Key {
    /// The key of these bytes, which must come from a random generator: a password is a
    /// [`Passphrase`].
    pub fn new(bytes: Zeroizing<[u8; LENGTH]>) -> Self {
        let id = KeyId(derived_id(&bytes));
        Self {
            bytes: Arc::new(bytes),
            id,
            place: KeyPlace::Program,
        }
    }

    /// A new key from the system's generator.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Io`](crate::StoreErrorKind::Io) when the system gives no randomness.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        crate::random::fill(&mut *bytes)?;
        Ok(Self::new(bytes))
    }

    /// Reads a key from base64; blanks and line ends around it do not matter.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] for anything but 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim().as_bytes();
        // The decoder asks for the room that the length of the text promises.
        let mut decoded = Zeroizing::new([0; LENGTH + 1]);
        if data_encoding::BASE64.decode_len(text.len()) != Ok(decoded.len()) {
            return Err(InvalidKey);
        }
        let length = data_encoding::BASE64
            .decode_mut(text, &mut *decoded)
            .map_err(|_| InvalidKey)?;
        let mut bytes = Zeroizing::new([0; LENGTH]);
        if length != bytes.len() {
            return Err(InvalidKey);
        }
        bytes.copy_from_slice(&decoded[..LENGTH]);
        Ok(Self::new(bytes))
    }

    /// The key as [`from_base64`](Self::from_base64) reads it, for the one place where it is kept.
    pub fn to_base64(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(44));
        data_encoding::BASE64.encode_append(&self.bytes[..], &mut text);
        text
    }

    /// Notes where the key is kept. Default: [`KeyPlace::Program`].
    #[must_use]
    pub fn kept_in(mut self, place: KeyPlace) -> Self {
        self.place = place;
        self
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Where it is kept.
    pub fn place(&self) -> KeyPlace {
        self.place
    }

    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl KeyId {
    pub(crate) const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

fn derived_id(key: &[u8; LENGTH]) -> [u8; 16] {
    let mut id = [0; 16];
    Hkdf::<Sha256>::from_prk(key)
        .expect("a key is as long as the hash")
        .expand(ID_INFO, &mut id)
        .expect("16 bytes are less than 255 hashes");
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn key(byte: u8) -> Key {
        Key::new(Zeroizing::new([byte; LENGTH]))
    }

    // W-C03: computed with Python's hmac: HMAC-SHA256(key, b"tks1 key id\x01")[:16].
    #[test]
    fn the_name_of_a_key_is_what_another_implementation_derives() {
        let id = key(7).id().to_string();
        assert_eq!(id, "e6d8db2b05e3aa85adef452b9c7ce1e6");
    }

    #[test]
    fn a_key_comes_back_from_its_text() {
        let text = key(7).to_base64();
        assert_eq!(text.len(), 44);
        let again = Key::from_base64(&format!(" {}\r\n", *text)).unwrap();
        assert_eq!(again.bytes(), key(7).bytes());
    }

    #[test]
    fn what_is_not_32_bytes_in_base64_is_no_key() {
        let short = data_encoding::BASE64.encode(&[7; 31]);
        let long = data_encoding::BASE64.encode(&[7; 33]);
        let unpadded = data_encoding::BASE64_NOPAD.encode(&[7; 32]);
        let sloppy = key(7).to_base64().replace("c=", "d=");
        for text in ["", "secret", &short, &long, &unpadded, &sloppy] {
            assert_eq!(Key::from_base64(text).unwrap_err(), InvalidKey, "{text}");
        }
    }

    //
    #[test]
    fn debug_output_shows_the_name_and_no_byte_of_a_key() {
        let shown = format!("{:?} {:?}", key(7), InvalidKey);
        assert!(shown.contains(&key(7).id().to_string()), "{shown}");
        assert!(
            !shown.contains("7, 7") && !shown.contains("0707"),
            "{shown}"
        );
        assert!(!shown.contains(key(7).to_base64().as_str()), "{shown}");
    }
}
