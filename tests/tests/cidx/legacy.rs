//! The token file as the CIDX client itself wrote it: PBKDF2 over public values, AES-256-CBC, and
//! JSON in JSON.

use std::time::{Duration, SystemTime};

use aes::Aes256;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use sha2::Sha256;
use token_core::TokenData;

const SALT: [u8; 32] = [0x5A; 32];
const VECTOR: [u8; 16] = [0xA5; 16];

/// Writes a token as that client would have for this user, project path and server.
pub(super) fn token_file(token: &TokenData, user: &str, path: &str, server: &str) -> Vec<u8> {
    let inner = serde_json::json!({
        "token": token.token().expose_secret(),
        "expires_at": iso(token.expires_at()),
        "created_at": iso(token.obtained_at()),
        "version": "1.0",
    });
    let outer = serde_json::json!({
        "username": user,
        "password": inner.to_string(),
        "server_url": server,
        "created_at": 1_800_000_000.25,
    });
    let mut key = [0; 32];
    let public = format!("{user}:{path}:{server}");
    pbkdf2::pbkdf2_hmac::<Sha256>(public.as_bytes(), &SALT, 100_000, &mut key);
    let text = outer.to_string().into_bytes();
    let mut buffer = text.clone();
    buffer.resize(text.len() + 16, 0);
    let sealed = Encryptor::<Aes256>::new(&key.into(), &VECTOR.into())
        .encrypt_padded::<Pkcs7>(&mut buffer, text.len())
        .unwrap();
    [&SALT[..], &VECTOR, sealed].concat()
}

/// As Python's `isoformat` of a time in UTC.
fn iso(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let whole = SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs());
    let stored = TokenData::new(token_core::AccessToken::new("x").unwrap(), whole, whole);
    let stored = serde_json::to_value(stored.to_stored()).unwrap();
    stored["expires_at"]
        .as_str()
        .unwrap()
        .replace('Z', "+00:00")
}
