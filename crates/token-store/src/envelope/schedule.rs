//! The keys of one envelope.
//!
//! Each envelope has a key of its own, from a salt of its own, so that a nonce can never meet the
//! same key twice. The binding goes into it, so that an envelope opens for nobody else. The
//! commitment tells a wrong key or binding from changed content, and keeps one ciphertext from
//! opening under two keys, which XChaCha20-Poly1305 alone does not.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Key;

/// Separates these keys from everything else that is derived from the same secret.
const INFO: &[u8] = b"token-store/1 envelope\0";

/// The key of one envelope, and what commits to it.
pub(super) struct MessageKey(Zeroizing<[u8; 64]>);

impl MessageKey {
    /// Derives with HKDF-SHA256 (RFC 5869).
    pub(super) fn derive(kek: &Key, msg_salt: &[u8; 32], binding: &[u8; 32]) -> Self {
        let mut output = Zeroizing::new([0; 64]);
        Hkdf::<Sha256>::new(Some(msg_salt), kek.bytes())
            .expand_multi_info(&[INFO, binding], &mut *output)
            .expect("64 bytes are less than 255 hashes");
        Self(output)
    }

    pub(super) fn cipher(&self) -> &[u8] {
        &self.0[..32]
    }

    pub(super) fn commitment(&self) -> &[u8] {
        &self.0[32..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-C03: computed with Python's hmac, see tests/golden/README.md.
    #[test]
    fn the_keys_are_what_another_implementation_derives() {
        let kek = Key::new(Zeroizing::new(std::array::from_fn(|index| index as u8)));
        let keys = MessageKey::derive(&kek, &[0xA5; 32], &[0x5A; 32]);
        let hex = |bytes| data_encoding::HEXLOWER.encode(bytes);
        assert_eq!(
            hex(keys.cipher()),
            "b7b116b23aee20822212977dab6760f283430a50a32d94c2f6ed1107c5714c39"
        );
        assert_eq!(
            hex(keys.commitment()),
            "b41c6c3352a7dd9b632aa252b380389a5d14ae68378896b35d6052fe44422eea"
        );
    }
}
