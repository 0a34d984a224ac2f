//! What only a file that is encrypted can be.

use std::fs;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::contract::{check_contract, check_contract_between, record};
use crate::{Change, Kdf, Key, LoadNotice, OpId, Passphrase, SharedTokenStore, StoreErrorKind};

struct Place {
    directory: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("token.tks");
        Self { directory, path }
    }

    /// Without flushing, which is what makes a store slow.
    fn store(&self, keys: KeySet) -> EncryptedFileStore {
        self.store_of(binding(), keys)
    }

    fn store_of(&self, binding: Binding, keys: KeySet) -> EncryptedFileStore {
        let builder = EncryptedFileStore::builder(&self.path, binding, keys);
        builder.durability(Durability::None).open().unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    /// Puts these bytes in the file's place, as somebody would who is not us.
    fn plant(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
        let file = fs::File::open(&self.path).unwrap();
        crate::file::directory::protect(&file).unwrap();
    }

    fn rejected(&self) -> usize {
        let names = fs::read_dir(self.directory.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".rejected-")).count()
    }
}

fn binding() -> Binding {
    let binding = Binding::new("https://cidx.example", "alice").unwrap();
    binding.with_project("/srv/project").unwrap()
}

fn key(byte: u8) -> Key {
    Key::new(zeroize::Zeroizing::new([byte; 32]))
}

fn keys() -> KeySet {
    KeySet::new(key(7))
}

/// A key that is one step newer.
fn rotated() -> KeySet {
    KeySet::new(key(8)).with_decrypt_only(key(7))
}

fn put(store: &EncryptedFileStore, expected: u64, text: &str, op: u128) {
    let change = Change::Put(record(text));
    let commit = Commit::new(Generation::new(expected), change, OpId::new(op));
    match store.commit_now(commit).unwrap() {
        Committed::Stored { generation, .. } => assert_eq!(generation.number(), expected + 1),
        conflict @ Committed::Conflict(_) => panic!("{conflict:?}"),
    }
}

fn loaded(store: &EncryptedFileStore) -> (Option<crate::Record>, u64) {
    let loaded = store.read_now().unwrap();
    (loaded.record, loaded.generation.number())
}

// C-28
#[tokio::test]
async fn the_encrypted_file_store_keeps_the_contract() {
    let places = Mutex::new(Vec::new());
    check_contract(async || {
        let place = Place::new();
        let store = place.store(keys());
        places.lock().unwrap().push(place);
        store
    })
    .await;
}

#[tokio::test]
async fn a_shared_encrypted_store_with_full_durability_keeps_the_contract() {
    let places = Mutex::new(Vec::new());
    check_contract(async || {
        let place = Place::new();
        let store = EncryptedFileStore::open(&place.path, binding(), keys()).unwrap();
        places.lock().unwrap().push(place);
        SharedTokenStore::new(store)
    })
    .await;
}

// X-30, C-28: while one of them still writes with the older key.
#[tokio::test]
async fn two_handles_in_the_middle_of_a_rotation_keep_the_contract() {
    let places = Mutex::new(Vec::new());
    check_contract_between(async || {
        let place = Place::new();
        let behind = KeySet::new(key(7)).with_decrypt_only(key(8));
        let handles = (
            Arc::new(place.store(rotated())),
            Arc::new(place.store(behind)),
        );
        places.lock().unwrap().push(place);
        handles
    })
    .await;
}

// C-17, C-28
#[test]
fn the_file_tells_nothing_and_the_next_handle_reads_it() {
    let place = Place::new();
    put(&place.store(keys()), 0, "s3cret", 1);
    let bytes = place.bytes();
    let text = String::from_utf8_lossy(&bytes);
    for hidden in ["s3cret", "alice", "cidx.example", "project"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert_eq!(loaded(&place.store(keys())), (Some(record("s3cret")), 1));
}

/// Neither a load nor a commit may touch the file, and both say why.
fn assert_left_alone(place: &Place, store: &EncryptedFileStore, kind: StoreErrorKind) {
    let before = place.bytes();
    let error = store.read_now().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(77));
    let change = Change::Put(record("new"));
    let put = Commit::new(Generation::new(1), change, OpId::new(78));
    for commit in [clear, put] {
        let error = store.commit_now(commit).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let error = store.rewrite_now().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(place.bytes(), before);
    assert_eq!(place.rejected(), 0);
}

// C-10, W-S11
#[test]
fn a_wrong_key_changes_and_removes_nothing() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let other = place.store(KeySet::new(key(9)));
    assert_left_alone(&place, &other, StoreErrorKind::WrongKey);
    assert_eq!(loaded(&place.store(keys())), (Some(record("first")), 1));
}

// C-29, W-A03, W-C03
#[test]
fn the_token_of_another_project_user_or_service_is_neither_read_nor_replaced() {
    let place = Place::new();
    put(&place.store(keys()), 0, "alices", 1);
    let of = |url, user| Binding::new(url, user).unwrap();
    for other in [
        of("https://cidx.example", "alice"),
        of("https://cidx.example", "alice")
            .with_project("/srv/other")
            .unwrap(),
        of("https://cidx.example", "bob")
            .with_project("/srv/project")
            .unwrap(),
        of("https://live.example", "alice")
            .with_project("/srv/project")
            .unwrap(),
    ] {
        let store = place.store_of(other, keys());
        assert_left_alone(&place, &store, StoreErrorKind::Foreign);
    }
}

// C-29, C-63: a project's file has one name for whoever works on it.
#[test]
fn where_one_user_follows_another_the_file_of_the_first_is_set_aside_and_never_one_under_another_key()
 {
    let place = Place::new();
    put(&place.store(keys()), 0, "alice's", 1);
    let bob = Binding::new("https://cidx.example", "bob").unwrap();
    let open = |keys: KeySet| {
        let builder = EncryptedFileStore::builder(&place.path, bob.clone(), keys);
        builder.set_foreign_aside(true).open().unwrap()
    };
    assert_left_alone(&place, &open(KeySet::new(key(9))), StoreErrorKind::WrongKey);

    let store = open(keys());
    let found = store.read_now().unwrap();
    assert_eq!(found.record, None);
    let set_aside = matches!(found.notice, Some(LoadNotice::SetAside { .. }));
    assert!(set_aside, "{:?}", found.notice);
    put(&store, found.generation.number(), "bob's", 2);
    assert_eq!(loaded(&store).0, Some(record("bob's")));
    assert_eq!(place.rejected(), 1);
}

//
#[test]
fn a_plain_file_is_not_taken_for_an_encrypted_one_or_the_other_way_round() {
    let place = Place::new();
    let plain = crate::FileStore::open(&place.path, binding()).unwrap();
    let change = Change::Put(record("plain"));
    let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
    plain.commit_now(commit).unwrap();
    assert_left_alone(&place, &place.store(keys()), StoreErrorKind::Downgrade);

    let place = Place::new();
    put(&place.store(keys()), 0, "sealed", 1);
    let before = place.bytes();
    let plain = crate::FileStore::open(&place.path, binding()).unwrap();
    assert_eq!(
        plain.read_now().unwrap_err().kind(),
        StoreErrorKind::Downgrade
    );
    let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(2));
    assert_eq!(
        plain.commit_now(clear).unwrap_err().kind(),
        StoreErrorKind::Downgrade
    );
    assert_eq!(place.bytes(), before);
}

#[test]
fn the_file_of_a_newer_version_or_of_another_algorithm_is_left_alone() {
    for (at, byte) in [(8, 2), (9, 2), (10, 2), (11, 4)] {
        let place = Place::new();
        put(&place.store(keys()), 0, "first", 1);
        let mut newer = place.bytes();
        newer[at] = byte;
        place.plant(&newer);
        let kind = StoreErrorKind::UnsupportedVersion;
        assert_left_alone(&place, &place.store(keys()), kind);
    }
}

// C-10, C-11, C-58, W-C02, W-C08, W-S11
#[test]
fn a_file_that_was_changed_or_cut_is_set_aside_and_the_next_store_goes_on() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let whole = place.bytes();
    let mut changed = whole.clone();
    changed[200] ^= 1;
    for (damaged, word) in [
        (&changed[..], "changed"),
        (&whole[..100], "too early"),
        (&whole[..300], "too early"),
        (&b""[..], "empty"),
        (&[b'x'; 500][..], "no encrypted record"),
        (&[0x89; 65_537][..], "larger"),
    ] {
        let place = Place::new();
        place.plant(damaged);
        let store = place.store(keys());
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.record, None);
        let notice = loaded.notice.unwrap();
        assert!(notice.to_string().contains(word), "{notice}");
        let LoadNotice::SetAside { renamed_to, .. } = notice else {
            panic!("{notice:?}");
        };
        let kept = fs::read(place.directory.path().join(renamed_to)).unwrap();
        assert_eq!(kept, damaged);
        put(&store, 0, "new", 1);
    }
}

// C-15: load never panics, and never answers with what was not stored.
#[test]
fn no_flipped_bit_of_the_file_is_served() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let whole = place.bytes();
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        place.plant(&damaged);
        let answer = place.store(keys()).read_now();
        let is_served = answer.is_ok_and(|loaded| loaded.record.is_some());
        assert!(!is_served, "bit {bit}");
    }
}

#[test]
fn an_older_file_that_was_put_back_is_set_aside() {
    let place = Place::new();
    let store = place.store(keys());
    put(&store, 0, "first", 1);
    let older = place.bytes();
    put(&store, 1, "second", 2);
    place.plant(&older);
    let loaded = store.read_now().unwrap();
    assert_eq!((loaded.record, loaded.generation.number()), (None, 2));
    let notice = loaded.notice.unwrap().to_string();
    assert!(notice.contains("older than what was there"), "{notice}");
    put(&store, 2, "third", 3);
}

// A-34, C-64: a logout is a step, too.
#[test]
fn a_file_that_was_put_back_after_a_clear_is_set_aside() {
    let place = Place::new();
    let store = place.store(keys());
    put(&store, 0, "first", 1);
    let stolen = place.bytes();
    let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(2));
    store.commit_now(clear).unwrap();
    place.plant(&stolen);
    assert_eq!(loaded(&store), (None, 2));
    assert_eq!(place.rejected(), 1);
}

// Somebody removed the whole directory, and another process started anew.
#[test]
fn a_count_that_began_again_does_not_stop_the_store() {
    let place = Place::new();
    let store = place.store(keys());
    for (expected, text) in ["first", "second", "third"].into_iter().enumerate() {
        put(&store, expected as u64, text, expected as u128);
    }
    fs::remove_file(&place.path).unwrap();
    fs::remove_file(place.directory.path().join("token.tks.lock")).unwrap();
    assert_eq!(loaded(&store), (None, 3));
    put(&place.store(keys()), 0, "anew", 9);
    assert_eq!(loaded(&store), (None, 3));
    put(&store, 3, "fourth", 10);
    assert_eq!(loaded(&store), (Some(record("fourth")), 4));
}

#[test]
fn a_file_under_an_older_key_is_written_anew_when_it_is_read_and_keeps_its_generation() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let store = place.store(rotated());
    assert_eq!(loaded(&store), (Some(record("first")), 1));
    assert_eq!(crate::key_id_of(&place.bytes()), Ok(key(8).id()));
    assert_eq!(
        loaded(&place.store(KeySet::new(key(8)))),
        (Some(record("first")), 1)
    );
    put(&store, 1, "second", 2);
}

#[test]
fn two_handles_with_unequal_active_keys_do_not_write_the_file_anew_for_ever() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let behind = place.store(KeySet::new(key(7)).with_decrypt_only(key(8)));
    let ahead = place.store(rotated());
    let mut writes = 0;
    let mut before = place.bytes();
    for store in [&ahead, &behind].into_iter().cycle().take(20) {
        assert_eq!(loaded(store), (Some(record("first")), 1));
        let now = place.bytes();
        writes += usize::from(now != before);
        before = now;
    }
    assert_eq!(writes, 2);
    put(&behind, 1, "second", 2);
    assert_eq!(loaded(&ahead), (Some(record("second")), 2));
    assert_eq!(crate::key_id_of(&place.bytes()), Ok(key(8).id()));
}

// C-07: a reader waits for nobody.
#[test]
fn a_reader_with_a_newer_key_does_not_wait_for_a_writer() {
    let place = Place::new();
    put(&place.store(keys()), 0, "first", 1);
    let before = place.bytes();
    let directory = crate::file::directory::Directory::open(place.directory.path());
    let directory = directory.unwrap().unwrap();
    let held = crate::file::lock::LockFile::try_acquire(&directory, "token.tks.lock").unwrap();
    assert!(held.is_some());
    let store = place.store(rotated());
    assert_eq!(loaded(&store), (Some(record("first")), 1));
    assert_eq!(place.bytes(), before);
    drop(held);
    assert_eq!(store.rewrite_now().unwrap(), Rewritten::Anew);
    assert_eq!(store.rewrite_now().unwrap(), Rewritten::Current);
}

// W-C04
#[test]
fn processes_with_one_passphrase_come_to_share_its_derived_key() {
    let cheap = || {
        let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
        let phrase = Passphrase::new("correct horse").unwrap().with_kdf(kdf);
        KeySet::new(phrase)
    };
    let place = Place::new();
    let (first, second) = (place.store(cheap()), place.store(cheap()));
    put(&first, 0, "first", 1);
    let salt = place.bytes()[64..96].to_vec();
    put(&second, 1, "second", 2);
    assert_eq!(place.bytes()[64..96], salt);
    assert_eq!(loaded(&first), (Some(record("second")), 2));
}

// a store keeps its directory open, and must not stay in one that was moved away.
#[cfg(unix)]
#[test]
fn a_directory_that_was_exchanged_is_noticed() {
    let root = TempDir::new().unwrap();
    let open = |name: &str| {
        let path = root.path().join(name).join("token.tks");
        let builder = EncryptedFileStore::builder(path, binding(), keys());
        builder.durability(Durability::None).open().unwrap()
    };
    let store = open("here");
    put(&store, 0, "first", 1);
    put(&open("there"), 0, "other", 2);
    assert_eq!(loaded(&store), (Some(record("first")), 1));
    let at = |name| root.path().join(name);
    fs::rename(at("here"), at("away")).unwrap();
    fs::rename(at("there"), at("here")).unwrap();
    assert_eq!(loaded(&store), (Some(record("other")), 1));
    fs::rename(at("here"), at("gone")).unwrap();
    assert_eq!(loaded(&store).0, None);
}

//
#[test]
fn debug_output_hides_token_and_key() {
    let place = Place::new();
    let store = place.store(keys());
    put(&store, 0, "s3cret", 1);
    store.read_now().unwrap();
    let shown = format!("{store:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("7, 7"),
        "{shown}"
    );
}

#[cfg(feature = "cidx-import")]
mod import {
    use super::*;

    const GOLDEN: &[u8] = include_bytes!("../../../tests/golden/cidx.token");

    fn store(place: &Place) -> EncryptedFileStore {
        let import = CidxImport::new("alice", "/srv/project", "https://cidx.example");
        let builder = EncryptedFileStore::builder(&place.path, binding(), keys());
        builder.import_cidx(import).open().unwrap()
    }

    // C-51..C-53, W-C02, W-C04
    #[test]
    fn a_file_of_the_cidx_client_is_read_once_and_then_it_is_ours() {
        let place = Place::new();
        place.plant(GOLDEN);
        let store = store(&place);
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.notice, Some(LoadNotice::Imported));
        assert_eq!(loaded.generation.number(), 1);
        let token = loaded.record.unwrap().token;
        assert_eq!(token.token().expose_secret(), "golden-token");
        assert_eq!(crate::key_id_of(&place.bytes()), Ok(key(7).id()));

        let again = place.store(keys()).read_now().unwrap();
        assert_eq!(again.record.unwrap().token, token);
        assert_eq!(again.notice, None);
        put(&store, 1, "next", 1);
    }

    // It is not authentic, so it does not get past what is.
    #[test]
    fn a_file_of_the_cidx_client_does_not_replace_one_of_ours_that_was_seen() {
        let place = Place::new();
        let store = store(&place);
        put(&store, 0, "ours", 1);
        place.plant(GOLDEN);
        assert_eq!(loaded(&store), (None, 1));
        assert_eq!(place.rejected(), 1);
    }

    #[test]
    fn without_being_asked_for_it_such_a_file_is_set_aside() {
        let place = Place::new();
        place.plant(GOLDEN);
        assert_eq!(loaded(&place.store(keys())), (None, 0));
        assert_eq!(place.rejected(), 1);
    }
}
