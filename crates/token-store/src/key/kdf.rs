//! How a key comes from a passphrase, and how much that may cost.

use argon2::{Algorithm, Argon2, Params, Version};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Key, LENGTH};

/// Memory of Argon2id in KiB: at least what OWASP's password storage sheet asks for, and at most
/// what a header that anybody could have written may make us spend.
const MEMORY: std::ops::RangeInclusive<u32> = 19_456..=262_144;
const PASSES: std::ops::RangeInclusive<u16> = 2..=10;
const LANES: std::ops::RangeInclusive<u8> = 1..=4;

/// Rounds of PBKDF2-HMAC-SHA256, by the same two reasons.
const ITERATIONS: std::ops::RangeInclusive<u32> = 600_000..=10_000_000;

/// A derivation of a key from a passphrase, within bounds.
///
/// The default is Argon2id with 64 MiB, three passes and one lane: the second choice of RFC 9106
/// in a single lane, some 0.3 s of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kdf(pub(crate) Cost);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cost {
    Argon2id {
        memory_kib: u32,
        passes: u16,
        lanes: u8,
    },
    Pbkdf2 {
        iterations: u32,
    },
}

/// A derivation that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdfOutOfBounds {
    /// It is too cheap to keep somebody from trying passphrases.
    #[error("the derivation of the key costs too little to be safe")]
    TooWeak,
    /// It asks for more than we spend on a file that anybody could have written.
    #[error("the derivation of the key costs more than is allowed")]
    TooCostly,
}

impl Default for Kdf {
    fn default() -> Self {
        Self(Cost::Argon2id {
            memory_kib: 65_536,
            passes: 3,
            lanes: 1,
        })
    }
}

impl Kdf {
    /// Argon2id (RFC 9106), version 0x13.
    ///
    /// # Errors
    ///
    /// [`KdfOutOfBounds`] outside of 19,456 to 262,144 KiB, 2 to 10 passes, 1 to 4 lanes.
    pub fn argon2id(memory_kib: u32, passes: u16, lanes: u8) -> Result<Self, KdfOutOfBounds> {
        within(&memory_kib, &MEMORY)?;
        within(&passes, &PASSES)?;
        within(&lanes, &LANES)?;
        Ok(Self(Cost::Argon2id {
            memory_kib,
            passes,
            lanes,
        }))
    }

    /// PBKDF2-HMAC-SHA256 (RFC 8018), for where nothing else is allowed.
    ///
    /// # Errors
    ///
    /// [`KdfOutOfBounds`] outside of 600,000 to 10,000,000 iterations.
    pub fn pbkdf2(iterations: u32) -> Result<Self, KdfOutOfBounds> {
        within(&iterations, &ITERATIONS)?;
        Ok(Self(Cost::Pbkdf2 { iterations }))
    }

    /// Derives a key: slow on purpose.
    pub(super) fn derive(&self, passphrase: &[u8], salt: &[u8; 32]) -> Key {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        match self.0 {
            Cost::Argon2id {
                memory_kib,
                passes,
                lanes,
            } => {
                let (passes, lanes) = (u32::from(passes), u32::from(lanes));
                let params = Params::new(memory_kib, passes, lanes, Some(LENGTH))
                    .expect("our bounds lie within those of Argon2");
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(passphrase, salt, &mut *bytes)
                    .expect("a passphrase is shorter than 4 GiB, salt and key have their lengths");
            }
            Cost::Pbkdf2 { iterations } => {
                pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, salt, iterations, &mut *bytes);
            }
        }
        Key::new(bytes)
    }
}

fn within<T: PartialOrd>(
    value: &T,
    bounds: &std::ops::RangeInclusive<T>,
) -> Result<(), KdfOutOfBounds> {
    if value < bounds.start() {
        return Err(KdfOutOfBounds::TooWeak);
    }
    if value > bounds.end() {
        return Err(KdfOutOfBounds::TooCostly);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // C-51, W-C04
    #[test]
    fn what_costs_too_little_or_too_much_is_refused() {
        use KdfOutOfBounds::{TooCostly, TooWeak};
        for (memory, passes, lanes, refused) in [
            (19_456, 2, 1, None),
            (262_144, 10, 4, None),
            (19_455, 2, 1, Some(TooWeak)),
            (19_456, 1, 1, Some(TooWeak)),
            (19_456, 2, 0, Some(TooWeak)),
            (262_145, 2, 1, Some(TooCostly)),
            (u32::MAX, 2, 1, Some(TooCostly)),
            (19_456, 11, 1, Some(TooCostly)),
            (19_456, 2, 5, Some(TooCostly)),
        ] {
            let answer = Kdf::argon2id(memory, passes, lanes).err();
            assert_eq!(answer, refused, "{memory} {passes} {lanes}");
        }
        assert_eq!(Kdf::pbkdf2(599_999), Err(TooWeak));
        assert!(Kdf::pbkdf2(600_000).is_ok());
        assert_eq!(Kdf::pbkdf2(10_000_001), Err(TooCostly));
    }

    // Computed with Python: argon2.low_level.hash_secret_raw and hashlib.pbkdf2_hmac.
    #[test]
    fn keys_are_those_that_other_implementations_derive() {
        let salt: [u8; 32] = std::array::from_fn(|index| index as u8);
        for (kdf, expected) in [
            (
                Kdf::argon2id(19_456, 2, 1).unwrap(),
                "092d6e91987840e63e2fac5e187ac5d29b489f05597971fd6554555a1a20ce2a",
            ),
            (
                Kdf::default(),
                "6ed12d7d594a6ae56c7ad1725982ae0d41317bd2b239dd1e0916d913d4da0757",
            ),
            (
                Kdf::pbkdf2(600_000).unwrap(),
                "613a4c3411394e24fffe6c51994307724572e574bcd98ea8cf457c64899bfbfe",
            ),
        ] {
            let key = kdf.derive(b"correct horse battery staple", &salt);
            let shown = data_encoding::HEXLOWER.encode(key.bytes());
            assert_eq!(shown, expected, "{kdf:?}");
        }
    }
}
