use std::fs;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;
use crate::{EncryptedFileStore, Key};

const PASSWORD: &str = "canary-pass-3f9c";

fn keys(byte: u8) -> KeySet {
    KeySet::new(Key::new(zeroize::Zeroizing::new([byte; 32])))
}

fn binding(user: &str) -> Binding {
    Binding::new("https://cidx.example", user).unwrap()
}

struct Place {
    directory: TempDir,
}

impl Place {
    fn with_password() -> Self {
        let directory = TempDir::new().unwrap();
        let place = Self { directory };
        place.file("alice", 7).write(&PASSWORD.into()).unwrap();
        place
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("password.tks")
    }

    fn file(&self, user: &str, key: u8) -> SecretFile {
        SecretFile::open(self.path(), binding(user), keys(key)).unwrap()
    }

    fn kind(&self, user: &str, key: u8) -> StoreErrorKind {
        self.file(user, key).read().unwrap_err().kind()
    }
}

// C-17, A-74
#[test]
fn a_password_comes_back_as_it_was_written_and_cannot_be_read_in_its_file() {
    let place = Place::with_password();
    let read = place.file("alice", 7).read().unwrap().unwrap();
    assert_eq!(read.expose_secret(), PASSWORD);
    let bytes = fs::read(place.path()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(PASSWORD));

    let file = place.file("alice", 7);
    file.write(&"another".into()).unwrap();
    assert_eq!(file.read().unwrap().unwrap().expose_secret(), "another");
    assert!(!format!("{file:?}").contains("another"));
}

// C-29, W-C03
#[test]
fn it_opens_for_its_own_user_and_key_alone() {
    let place = Place::with_password();
    assert_eq!(place.kind("bob", 7), StoreErrorKind::Foreign);
    assert_eq!(place.kind("alice", 8), StoreErrorKind::WrongKey);
    let read = place.file("alice", 7).read().unwrap();
    assert!(read.is_some(), "who may not read it did not remove it");
}

// W-C02, W-S11: a password that was removed could not be had back.
#[test]
fn one_that_was_changed_is_an_error_and_stays() {
    let place = Place::with_password();
    let mut bytes = fs::read(place.path()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(place.path(), &bytes).unwrap();
    assert_eq!(place.kind("alice", 7), StoreErrorKind::Tampered);
    assert_eq!(fs::read(place.path()).unwrap(), bytes);
}

// C-29: the same format, key, user and service.
#[test]
fn neither_a_token_nor_a_password_opens_in_the_place_of_the_other() {
    let place = Place::with_password();
    let store = EncryptedFileStore::open(place.path(), binding("alice"), keys(7)).unwrap();
    let error = store.read_now().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
}

// C-06, W-C05
#[cfg(unix)]
#[test]
fn one_that_others_can_read_or_that_is_a_link_is_not_used() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = Place::with_password();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(place.kind("alice", 7), StoreErrorKind::UnsafePath);

    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o600)).unwrap();
    let other = place.directory.path().join("other");
    fs::rename(place.path(), &other).unwrap();
    symlink(&other, place.path()).unwrap();
    assert_eq!(place.kind("alice", 7), StoreErrorKind::UnsafePath);
}
