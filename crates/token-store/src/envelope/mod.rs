//! The encrypted form of a record: `TKS1`, version 1.
//!
//! Pure: the time and the randomness are arguments. `docs/formats.md` has the layout and what it
//! protects against.

mod error;
mod header;
mod schedule;
mod text;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use self::error::EnvelopeError;
use self::header::{Header, Kek, LENGTH, TAG};
use self::schedule::MessageKey;
use crate::{Binding, Generation, KeyId, KeySet, Record, StoreError};

/// Seals the records of one binding, and opens them. A clone shares the keys.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use token_core::{AccessToken, TokenData};
/// use token_store::{Binding, Generation, Key, KeySet, Randomness, Record, Sealer};
/// use zeroize::Zeroizing;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let binding = Binding::new("https://amp.example/api", "alice")?;
/// # let key = Key::new(Zeroizing::new([7; 32]));
/// let sealer = Sealer::new(KeySet::new(key), &binding);
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let token = AccessToken::new("0123456789abcdef")?;
/// let record = Record::new(TokenData::with_lifetime(token, now, Duration::from_secs(86_400)));
/// let sealed = sealer.seal(&record, Generation::new(1), now, Randomness::from_system()?)?;
/// assert_eq!(sealer.open(&sealed)?.record, record);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<KeySet>,
    binding: [u8; 32],
}

/// The random bytes of one envelope. They are used up by it.
pub struct Randomness {
    msg_salt: [u8; 32],
    nonce: [u8; 24],
    kdf_salt: [u8; 32],
}

/// What was in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The record.
    pub record: Record,
    /// Its generation.
    pub generation: Generation,
    /// Whether it should be sealed anew: its key only opens, or was derived at another cost.
    pub is_outdated: bool,
}

impl Randomness {
    /// Draws from the system's generator.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Io`](crate::StoreErrorKind::Io) when the system gives none.
    pub fn from_system() -> Result<Self, StoreError> {
        let mut bytes = [0; 88];
        crate::random::fill(&mut bytes)?;
        Ok(Self::of(bytes))
    }

    /// Takes these bytes, for tests with a known outcome. An envelope that shares them with
    /// another, under the same key and binding, tells what both have in common.
    pub fn of(bytes: [u8; 88]) -> Self {
        let mut randomness = Self {
            msg_salt: [0; 32],
            nonce: [0; 24],
            kdf_salt: [0; 32],
        };
        randomness.msg_salt.copy_from_slice(&bytes[..32]);
        randomness.nonce.copy_from_slice(&bytes[32..56]);
        randomness.kdf_salt.copy_from_slice(&bytes[56..]);
        randomness
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Randomness").finish_non_exhaustive()
    }
}

impl Sealer {
    /// Seals and opens with these keys, for this binding alone.
    pub fn new(keys: impl Into<Arc<KeySet>>, binding: &Binding) -> Self {
        Self {
            keys: keys.into(),
            binding: binding.digest(),
        }
    }

    /// Seals and opens a secret of this binding that is no token.
    pub(crate) fn of_secrets(keys: Arc<KeySet>, binding: &Binding) -> Self {
        Self {
            keys,
            binding: binding.digest_for("secret"),
        }
    }

    /// Seals a secret; there are no generations of it.
    pub(crate) fn seal_secret(
        &self,
        secret: &SecretString,
        now: SystemTime,
        randomness: Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let text = text::of_secret(secret.expose_secret())?;
        self.seal_text(text, Generation::new(1), now, randomness)
    }

    /// Opens a secret in the buffer of its envelope.
    pub(crate) fn open_secret(&self, envelope: &mut [u8]) -> Result<SecretString, EnvelopeError> {
        let (plaintext, _, _) = self.open_text(envelope)?;
        text::secret_in(plaintext)
    }

    /// Seals a record. The first time with a passphrase takes a good part of a second.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError::TooLarge`] when it does not fit into 65,536 bytes, and
    /// [`EnvelopeError::NotARecord`] for generation 0, which nothing that is stored has.
    pub fn seal(
        &self,
        record: &Record,
        generation: Generation,
        now: SystemTime,
        randomness: Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        if generation == Generation::ZERO {
            return Err(EnvelopeError::NotARecord);
        }
        let text = text::of_record(&record.token)?;
        self.seal_text(text, generation, now, randomness)
    }

    /// Seals the text behind the room for its header.
    fn seal_text(
        &self,
        mut envelope: Zeroizing<Vec<u8>>,
        generation: Generation,
        now: SystemTime,
        randomness: Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let (kek, derivation) = self.keys.sealing(&randomness.kdf_salt);
        let keys = MessageKey::derive(&kek, &randomness.msg_salt, &self.binding);
        let mut header = Header {
            body_len: envelope.len() + TAG - LENGTH,
            kek: match derivation {
                Some((kdf, salt)) => Kek::Derived(kdf, salt),
                None => Kek::Kept(kek.place()),
            },
            key_id: kek.id(),
            generation,
            written_at: millis(now),
            msg_salt: randomness.msg_salt,
            nonce: randomness.nonce,
            commitment: [0; 32],
        };
        header.commitment.copy_from_slice(keys.commitment());
        let tag = self.encrypt(&keys, &header, &mut envelope);
        burn_stack();
        envelope.extend_from_slice(&tag?);
        Ok(std::mem::take(&mut *envelope))
    }

    /// Opens an envelope. With a passphrase that has not met its salt yet, this takes a good part
    /// of a second.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`] for whatever is not an envelope of ours, whole and unchanged.
    pub fn open(&self, envelope: &[u8]) -> Result<Opened, EnvelopeError> {
        self.open_in_place(&mut Zeroizing::new(envelope.to_vec()))
    }

    /// Opens an envelope in its own buffer, which then holds the token in clear.
    pub(crate) fn open_in_place(&self, envelope: &mut [u8]) -> Result<Opened, EnvelopeError> {
        let (plaintext, header, is_outdated) = self.open_text(envelope)?;
        Ok(Opened {
            record: Record::new(text::record_in(plaintext)?),
            generation: header.generation,
            is_outdated,
        })
    }

    /// The text in an envelope, its header, and whether it should be sealed anew.
    fn open_text<'a>(
        &self,
        envelope: &'a mut [u8],
    ) -> Result<(&'a [u8], Header, bool), EnvelopeError> {
        let header = Header::decode(envelope)?;
        let derivation = match &header.kek {
            Kek::Kept(_) => None,
            Kek::Derived(kdf, salt) => Some((*kdf, salt)),
        };
        let found = self.keys.find(header.key_id, derivation);
        let found = found.ok_or(EnvelopeError::WrongKey)?;
        let keys = MessageKey::derive(&found.key, &header.msg_salt, &self.binding);
        if !bool::from(keys.commitment().ct_eq(&header.commitment)) {
            return Err(EnvelopeError::Foreign);
        }
        let plaintext = self.decrypt(&keys, &header, envelope);
        burn_stack();
        Ok((plaintext?, header, !found.is_current))
    }

    /// Never inlined, as [`decrypt`](Self::decrypt).
    #[inline(never)]
    fn encrypt(
        &self,
        keys: &MessageKey,
        header: &Header,
        envelope: &mut [u8],
    ) -> Result<Tag, EnvelopeError> {
        let full = EnvelopeError::TooLarge;
        let (head, text) = envelope.split_first_chunk_mut::<LENGTH>().ok_or(full)?;
        *head = header.encode();
        cipher(keys)
            .encrypt_inout_detached(
                &XNonce::from(header.nonce),
                &self.authenticated(head),
                text.into(),
            )
            .map_err(|_| full)
    }

    /// Never inlined, so that what it leaves on the stack lies where [`burn_stack`] writes.
    #[inline(never)]
    fn decrypt<'a>(
        &self,
        keys: &MessageKey,
        header: &Header,
        envelope: &'a mut [u8],
    ) -> Result<&'a [u8], EnvelopeError> {
        let broken = EnvelopeError::Tampered;
        let (head, body) = envelope.split_first_chunk_mut::<LENGTH>().ok_or(broken)?;
        let (text, tag) = body.split_last_chunk_mut::<TAG>().ok_or(broken)?;
        cipher(keys)
            .decrypt_inout_detached(
                &XNonce::from(header.nonce),
                &self.authenticated(head),
                (&mut *text).into(),
                &Tag::from(*tag),
            )
            .map_err(|_| broken)?;
        Ok(text)
    }

    /// What the tag is about besides the content: the header, and the binding once more.
    fn authenticated(&self, header: &[u8; LENGTH]) -> [u8; LENGTH + 32] {
        let mut data = [0; LENGTH + 32];
        data[..LENGTH].copy_from_slice(header);
        data[LENGTH..].copy_from_slice(&self.binding);
        data
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// The name of the key that an envelope says it was sealed with; nothing is authentic about it.
///
/// # Errors
///
/// As [`Sealer::open`], as far as the header alone tells.
pub fn key_id_of(envelope: &[u8]) -> Result<KeyId, EnvelopeError> {
    Header::decode(envelope).map(|header| header.key_id)
}

/// Overwrites the stack below the caller, where the cipher leaves a block of plaintext behind: some
/// kilobytes deep without optimisation. `tests/wiped.rs` looks for it.
#[inline(never)]
fn burn_stack() {
    let below = [0_u8; 16_384];
    zeroize::optimization_barrier(&below);
}

fn cipher(keys: &MessageKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new_from_slice(keys.cipher()).expect("the key has 32 bytes")
}

fn millis(now: SystemTime) -> i64 {
    let since = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
