//! Tells credentials apart without keeping them.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Credentials;

/// Memory in KiB and passes of the slow hash: what OWASP's password storage sheet asks for.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;

/// What a note tells about credentials: a random salt and a slow hash, half each.
pub(crate) type CredentialTag = [u8; 16];

/// A digest of the credentials that a login would use, so that a remembered refusal ends when
/// they change. It stays in the process, is wiped when dropped, and is compared in constant time.
#[derive(Clone)]
pub struct CredentialDigest(Zeroizing<[u8; 32]>);

impl CredentialDigest {
    /// The digest of these parts, in this order; where one part ends and the next begins counts.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        Self(Zeroizing::new(hash.finalize().into()))
    }

    /// A new note about these credentials for other processes. It lies in a file, so it is salted
    /// and slow to try passwords against: some 20 ms, to be spent off the runtime.
    pub(crate) fn tag(&self, salt: [u8; 8]) -> Option<CredentialTag> {
        let params = Params::new(MEMORY, PASSES, 1, Some(8)).ok()?;
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut tag = [0; 16];
        let (front, back) = tag.split_at_mut(8);
        front.copy_from_slice(&salt);
        hash.hash_password_into(&*self.0, &salt, back).ok()?;
        Some(tag)
    }

    /// Whether a note is about these credentials; as slow as [`tag`](Self::tag).
    pub(crate) fn is_meant_by(&self, tag: &CredentialTag) -> bool {
        let mut salt = [0; 8];
        salt.copy_from_slice(&tag[..8]);
        self.tag(salt).is_some_and(|own| own.ct_eq(tag).into())
    }
}

impl From<&Credentials> for CredentialDigest {
    fn from(credentials: &Credentials) -> Self {
        use secrecy::ExposeSecret;

        let password = credentials.password.expose_secret().as_bytes();
        Self::of([credentials.username.as_bytes(), password])
    }
}

impl PartialEq for CredentialDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for CredentialDigest {}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialDigest([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(parts: [&str; 2]) -> CredentialDigest {
        CredentialDigest::of(parts.map(str::as_bytes))
    }

    // changed credentials are known as such, wherever they changed.
    #[test]
    fn any_change_of_the_credentials_changes_the_digest() {
        assert_eq!(digest(["ab", "c"]), digest(["ab", "c"]));
        for other in [["a", "bc"], ["abc", ""], ["ab", "d"], ["AB", "c"]] {
            assert_ne!(digest(["ab", "c"]), digest(other));
        }
        let credentials = Credentials::new("ab", "c");
        assert_eq!(CredentialDigest::from(&credentials), digest(["ab", "c"]));
    }

    // W-C18: the hash has a part of the password in its buffer.
    #[test]
    fn nothing_of_the_credentials_stays_in_memory() {
        fn assert_wiped<T: zeroize::ZeroizeOnDrop>() {}
        assert_wiped::<Sha256>();
        assert_wiped::<Zeroizing<[u8; 32]>>();
    }

    // a note in a file tells neither the credentials nor, by being equal, that two refusals
    // were for the same ones.
    #[test]
    fn a_note_is_recognised_and_salted() {
        let refused = digest(["issuer", "wrong"]);
        let note = refused.tag([1; 8]).unwrap();
        assert!(refused.is_meant_by(&note));
        assert!(!digest(["issuer", "right"]).is_meant_by(&note));
        assert_ne!(refused.tag([2; 8]).unwrap()[8..], note[8..]);
        assert_eq!(format!("{refused:?}"), "CredentialDigest([redacted])");
    }
}
