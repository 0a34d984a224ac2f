//! Tells tokens apart in logs without telling anything about them.

use std::fmt;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use token_core::AccessToken;
use zeroize::Zeroizing;

/// A short keyed hash of a token, to see in logs and metrics whether two lines are about the same
/// one.
///
/// The key is random, made once in each process and kept nowhere, so a fingerprint cannot be
/// checked against a guessed or stolen token, and fingerprints of two processes have nothing in
/// common. Four bytes are enough to tell the few tokens of a process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 4]);

impl Fingerprint {
    /// The fingerprint of this token; `None` where the system has no random numbers.
    ///
    /// The hash is cut to an eighth of its length, so knowing it does not help to extend the
    /// message, and the plain keyed form is as good as an HMAC.
    pub(crate) fn of(token: &AccessToken) -> Option<Self> {
        let mut hash = Sha256::new();
        hash.update(key()?);
        hash.update(token.expose_secret());
        let hash = Zeroizing::new(<[u8; 32]>::from(hash.finalize()));
        let mut short = [0; 4];
        short.copy_from_slice(&hash[..4]);
        Some(Self(short))
    }
}

fn key() -> Option<&'static [u8; 32]> {
    static KEY: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let mut key = [0; 32];
        getrandom::fill(&mut key).ok().map(|()| key)
    });
    key.as_ref()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn a_fingerprint_tells_tokens_apart_and_is_no_plain_hash_of_one() {
        let token = |text| AccessToken::new(text).unwrap();
        let print = Fingerprint::of(&token("0123abcd")).unwrap();
        assert_eq!(Fingerprint::of(&token("0123abcd")), Some(print));
        assert_ne!(Fingerprint::of(&token("0123abce")), Some(print));
        assert_eq!(print.to_string().len(), 8);
        let plain = Sha256::digest("0123abcd");
        assert_ne!(
            print.0,
            plain[..4],
            "whoever guesses the token could check it"
        );
    }
}
