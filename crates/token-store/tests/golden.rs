//! Files that earlier versions wrote are read, and today's are the same to the byte.
#![cfg(feature = "encrypted")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::time::{Duration, SystemTime};

use token_core::{AccessToken, RefreshToken, TokenData};
use token_store::{
    Binding, Generation, Key, KeyMaterial, KeySet, Passphrase, Randomness, Record, Sealer,
};
use zeroize::Zeroizing;

const BY_KEY: &[u8] = include_bytes!("golden/tks1-key.tks");
const BY_ARGON2ID: &[u8] = include_bytes!("golden/tks1-argon2id.tks");
const BY_PBKDF2: &[u8] = include_bytes!("golden/tks1-pbkdf2.tks");

fn binding() -> Binding {
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    binding.with_project("/srv/project").unwrap()
}

fn record() -> Record {
    let token = AccessToken::new("golden-token").unwrap();
    let refresh = RefreshToken::new("refresh-golden-token").unwrap();
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::new(1_800_000_000, 123_456_789);
    let data = TokenData::with_lifetime(token, obtained_at, Duration::from_secs(86_400));
    Record::new(data.with_refresh_token(Some(refresh)))
}

fn written_at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123)
}

/// The random bytes of the golden files: 0x40 and on, 0x80 and on, 0xC0 and on.
fn randomness() -> Randomness {
    let fields = (0x40..0x60).chain(0x80..0x98).chain(0xC0..0xE0);
    let bytes: Vec<u8> = fields.collect();
    Randomness::of(bytes.try_into().unwrap())
}

fn sealer(key: impl Into<KeyMaterial>) -> Sealer {
    Sealer::new(KeySet::new(key), &binding())
}

fn key() -> Key {
    Key::new(Zeroizing::new(std::array::from_fn(|index| index as u8)))
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").unwrap()
}

fn assert_sealed(sealer: &Sealer, golden: &[u8]) {
    let opened = sealer.open(golden).unwrap();
    assert_eq!(opened.record, record());
    assert_eq!(opened.generation, Generation::new(7));
    let written = sealer.seal(&record(), opened.generation, written_at(), randomness());
    assert_eq!(written.unwrap(), golden);
}

// C-16, W-S01
#[test]
fn an_envelope_under_a_key_is_read_and_written_to_the_byte() {
    assert_sealed(&sealer(key()), BY_KEY);
}

// C-16, W-S01
#[test]
fn an_envelope_under_a_passphrase_is_read_and_written_to_the_byte() {
    assert_sealed(&sealer(passphrase()), BY_ARGON2ID);
}

// C-16, W-S01
#[test]
fn an_envelope_under_a_passphrase_by_pbkdf2_is_read_and_written_to_the_byte() {
    let kdf = token_store::Kdf::pbkdf2(600_000).unwrap();
    assert_sealed(&sealer(passphrase().with_kdf(kdf)), BY_PBKDF2);
}
