//! Files that earlier versions wrote are read, and today's are the same to the byte.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use token_core::{AccessToken, RefreshToken, TokenData};
use token_store::{Binding, Change, Commit, FileStore, Generation, LoadNotice, OpId, Record};

const AMP_RS: &str = include_str!("golden/amp-rs.json");
const JSON: &str = include_str!("golden/json-1.json");

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

/// A store at a copy of this file.
fn at(directory: &TempDir, content: &str) -> FileStore {
    let path = directory.path().join("token.json");
    plant(&path, content);
    let builder = FileStore::builder(path, binding());
    builder.adopt_unbound(true).open().unwrap()
}

fn plant(path: &Path, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

// W-A04
#[test]
fn a_file_of_amp_rs_is_read() {
    let directory = TempDir::new().unwrap();
    let loaded = at(&directory, AMP_RS).read_now().unwrap();
    let token = record().token.with_refresh_token(None);
    assert_eq!(loaded.record, Some(Record::new(token)));
    assert_eq!(loaded.generation, Generation::ZERO);
    assert_eq!(loaded.notice, Some(LoadNotice::Unbound));
}

//
#[test]
fn a_plain_file_is_read_and_written_to_the_byte() {
    let directory = TempDir::new().unwrap();
    let store = at(&directory, JSON);
    let loaded = store.read_now().unwrap();
    assert_eq!(loaded.record, Some(record()));
    assert_eq!((loaded.generation.number(), loaded.notice), (1, None));

    fs::remove_file(store.path()).unwrap();
    let commit = Commit::new(Generation::ZERO, Change::Put(record()), OpId::new(1));
    store.commit_now(commit).unwrap();
    assert_eq!(fs::read_to_string(store.path()).unwrap(), JSON);
}

/// The encrypted formats.
#[cfg(feature = "encrypted")]
mod envelopes {
    use secrecy::ExposeSecret as _;
    use token_store::{Kdf, Key, KeyMaterial, KeySet, Passphrase, Randomness, Sealer, SecretFile};
    use zeroize::Zeroizing;

    use super::*;

    const BY_KEY: &[u8] = include_bytes!("golden/tks1-key.tks");
    const BY_ARGON2ID: &[u8] = include_bytes!("golden/tks1-argon2id.tks");
    const BY_PBKDF2: &[u8] = include_bytes!("golden/tks1-pbkdf2.tks");

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
        let kdf = Kdf::pbkdf2(600_000).unwrap();
        assert_sealed(&sealer(passphrase().with_kdf(kdf)), BY_PBKDF2);
    }

    // C-16, W-S01: a secret file draws its own randomness, so only what is read is compared.
    #[test]
    fn a_secret_file_is_read() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("password.tks");
        plant(&path, include_bytes!("golden/tks1-secret.tks"));
        let file = SecretFile::open(&path, binding(), KeySet::new(key())).unwrap();
        let secret = file.read().unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "golden-password");
    }
}
