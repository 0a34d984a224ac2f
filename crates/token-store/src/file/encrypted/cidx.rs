//! The token file of the CIDX client, read once.
//!
//! A salt of 32 bytes, an initialisation vector of 16, then AES-256-CBC with PKCS#7 padding, under
//! PBKDF2-HMAC-SHA256 with 100,000 rounds over `user:path:server` (C-51, C-52). Nothing in that is
//! secret, and nothing is authenticated: whoever can write the file can put a token into it, as in
//! a plain one. Inside is JSON whose `password` is JSON again (C-53).

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use time::OffsetDateTime;
use token_core::{AccessToken, TokenData};
use zeroize::Zeroizing;

use crate::Record;

const SALT: usize = 32;
const VECTOR: usize = 16;
const BLOCK: usize = 16;
const ROUNDS: u32 = 100_000;

/// What the CIDX client made the key of a project's token file of; none of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CidxImport {
    user: String,
    repo_path: String,
    server_url: String,
}

#[derive(Deserialize)]
struct Outer {
    username: String,
    password: SecretString,
    server_url: String,
}

#[derive(Deserialize)]
struct Inner {
    token: AccessToken,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl CidxImport {
    /// The file of this user, project path and server, each spelt as the CIDX client was given it.
    pub fn new(user: &str, repo_path: &str, server_url: &str) -> Self {
        Self {
            user: user.to_owned(),
            repo_path: repo_path.to_owned(),
            server_url: server_url.to_owned(),
        }
    }

    /// The record in this file, if it is one of the CIDX client for this user, path and server.
    /// Takes some 20 ms for whatever could be one.
    pub(super) fn read(&self, file: &[u8]) -> Option<Record> {
        let (salt, rest) = file.split_first_chunk::<SALT>()?;
        let (vector, text) = rest.split_first_chunk::<VECTOR>()?;
        if text.is_empty() || !text.len().is_multiple_of(BLOCK) {
            return None;
        }
        let key = self.key(salt);
        let mut text = Zeroizing::new(text.to_vec());
        let plain = Decryptor::<Aes256>::new((&*key).into(), vector.into())
            .decrypt_padded::<Pkcs7>(&mut text)
            .ok()?;
        let outer: Outer = serde_json::from_slice(plain).ok()?;
        if outer.username != self.user || outer.server_url != self.server_url {
            return None;
        }
        let inner: Inner = serde_json::from_str(outer.password.expose_secret()).ok()?;
        let (obtained_at, expires_at) = (inner.created_at.into(), inner.expires_at.into());
        Some(Record::new(TokenData::new(
            inner.token,
            obtained_at,
            expires_at,
        )))
    }

    fn key(&self, salt: &[u8; SALT]) -> Zeroizing<[u8; 32]> {
        let public = format!("{}:{}:{}", self.user, self.repo_path, self.server_url);
        let mut key = Zeroizing::new([0; 32]);
        pbkdf2::pbkdf2_hmac::<Sha256>(public.as_bytes(), salt, ROUNDS, &mut *key);
        key
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const GOLDEN: &[u8] = include_bytes!("../../../tests/golden/cidx.token");

    fn import() -> CidxImport {
        CidxImport::new("alice", "/srv/project", "https://cidx.example")
    }

    // C-51, C-52, C-53
    #[test]
    fn a_file_of_the_cidx_client_is_read() {
        let record = import().read(GOLDEN).unwrap();
        assert_eq!(record.token.token().expose_secret(), "golden-token");
        assert_eq!(record.token.refresh_token(), None);
        let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        assert_eq!(record.token.obtained_at(), obtained_at);
        assert_eq!(record.token.lifetime(), Duration::from_millis(3_600_250));
    }

    // C-29, W-C02
    #[test]
    fn what_is_of_another_project_or_damaged_is_not_read() {
        for other in [
            CidxImport::new("bob", "/srv/project", "https://cidx.example"),
            CidxImport::new("alice", "/srv/other", "https://cidx.example"),
            CidxImport::new("alice", "/srv/project", "https://cidx.example/"),
        ] {
            assert_eq!(other.read(GOLDEN), None, "{other:?}");
        }
        for length in [0, 31, 48, 63, GOLDEN.len() - 1, GOLDEN.len() - BLOCK] {
            assert_eq!(import().read(&GOLDEN[..length]), None, "{length}");
        }
        for at in [0, SALT, SALT + VECTOR, GOLDEN.len() - 1] {
            let mut damaged = GOLDEN.to_vec();
            damaged[at] ^= 1;
            assert_eq!(import().read(&damaged), None, "{at}");
        }
    }

    // W-C03: the parts of upstream's key run into each other, so the names inside count, too.
    #[test]
    fn a_key_that_fits_another_user_by_accident_is_not_enough() {
        let shifted = CidxImport::new("alice:/srv/project", "https", "//cidx.example");
        assert_eq!(*shifted.key(&[1; SALT]), *import().key(&[1; SALT]));
        assert_eq!(shifted.read(GOLDEN), None);
    }
}
