//! Choosing a store, and moving from one to another.

use std::ffi::OsString;
use std::fs;

use tempfile::TempDir;

use super::*;
use crate::contract::record;
use crate::{
    Change, Commit, Committed, Generation, InvalidRedisStore, OpId, Record, TokenStore as _,
};

fn place(home: &TempDir) -> Whereabouts {
    Whereabouts {
        binding: Binding::new("https://amp.example", "alice").unwrap(),
        named: None,
        directory: Some(home.path().join("amp")),
        key_file: None,
    }
}

fn env(home: &TempDir) -> impl Fn(&str) -> Option<OsString> + Send + 'static {
    let home = home.path().to_owned();
    move |name| matches!(name, "HOME" | "LOCALAPPDATA").then(|| home.clone().into())
}

async fn open(kind: StoreKind, home: &TempDir, place: &Whereabouts) -> ChosenStore {
    let opened = ChosenStore::open(kind, place.clone(), env(home)).await;
    opened.unwrap().unwrap()
}

async fn put(store: &ChosenStore, expected: u64, record: Record) {
    let change = Change::Put(record);
    let commit = Commit::new(Generation::new(expected), change, OpId::new(77));
    let committed = store.store().commit(commit).await.unwrap();
    assert!(
        matches!(committed, Committed::Stored { .. }),
        "{committed:?}"
    );
}

async fn held(store: &ChosenStore) -> Option<Record> {
    store.store().load().await.unwrap().record
}

#[tokio::test]
async fn each_kind_is_what_it_says_and_an_encrypted_one_tells_where_its_key_is() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    for (kind, extension, encrypted) in [
        (StoreKind::Memory, None, false),
        (StoreKind::File, Some("json"), false),
        (StoreKind::Encrypted, Some("tks"), true),
    ] {
        assert_eq!(kind.as_str().parse(), Ok(kind.clone()));
        let store = open(kind, &home, &place).await;
        let found = store.path().and_then(|path| path.extension()?.to_str());
        assert_eq!((found, store.is_encrypted()), (extension, encrypted));
        let source = store.key_source();
        assert_eq!(
            matches!(source, Some(KeySource::Generated(_))),
            encrypted,
            "{source:?}"
        );
    }
    assert_eq!("disk".parse::<StoreKind>(), Err(InvalidStore::Unknown));
}

#[tokio::test]
async fn who_did_not_choose_gets_the_encrypted_file_where_there_is_only_that() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    assert_eq!(place.file_kind(), StoreKind::File);
    put(
        &open(StoreKind::Encrypted, &home, &place).await,
        0,
        record("a"),
    )
    .await;
    assert_eq!(place.file_kind(), StoreKind::Encrypted);
    put(&open(StoreKind::File, &home, &place).await, 0, record("b")).await;
    assert_eq!(place.file_kind(), StoreKind::File);
}

#[tokio::test]
async fn a_token_moves_to_an_encrypted_file_and_back_and_is_nowhere_else_then() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    put(&plain, 0, record("moved")).await;

    assert_eq!(migrate(&plain, &encrypted).await.unwrap(), Migrated::Moved);
    assert!(!plain.path().unwrap().exists());
    assert_eq!(held(&encrypted).await, Some(record("moved")));
    let bytes = fs::read(encrypted.path().unwrap()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("moved"));

    assert_eq!(migrate(&encrypted, &plain).await.unwrap(), Migrated::Moved);
    assert!(!encrypted.path().unwrap().exists());
    assert_eq!(held(&plain).await, Some(record("moved")));
    let nothing = migrate(&encrypted, &plain).await.unwrap();
    assert_eq!(nothing, Migrated::Nothing);
    assert_eq!(held(&plain).await, Some(record("moved")));
}

#[tokio::test]
async fn a_migration_that_was_killed_between_its_two_writes_is_ended_by_the_next() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    for store in [&plain, &encrypted] {
        put(store, 0, record("both")).await;
    }
    assert_eq!(migrate(&plain, &encrypted).await.unwrap(), Migrated::Moved);
    assert_eq!(held(&plain).await, None);
    let loaded = encrypted.store().load().await.unwrap();
    assert_eq!(loaded.record, Some(record("both")));
    assert_eq!(loaded.generation, Generation::new(1), "not written again");
}

#[tokio::test]
async fn a_token_that_ends_later_is_never_overwritten_by_a_migration() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    let old = record("old").token;
    let day = std::time::Duration::from_secs(86_400);
    let token = token_core::AccessToken::new("later").unwrap();
    let later = token_core::TokenData::with_lifetime(token, old.obtained_at() + day, day);
    put(&plain, 0, record("old")).await;
    put(&encrypted, 0, Record::new(later.clone())).await;
    let migrated = migrate(&plain, &encrypted).await.unwrap();
    assert_eq!(migrated, Migrated::Superseded);
    assert_eq!(held(&encrypted).await, Some(Record::new(later)));
    assert_eq!(held(&plain).await, None);
}

#[tokio::test]
async fn a_new_place_that_cannot_be_written_leaves_the_old_one_as_it_was() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    put(&plain, 0, record("kept")).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    fs::create_dir(encrypted.path().unwrap()).unwrap();
    let error = migrate(&plain, &encrypted).await.unwrap_err();
    assert!(!format!("{error:?}").contains("kept"), "{error:?}");
    assert_eq!(held(&plain).await, Some(record("kept")));
}

#[tokio::test]
async fn nobody_migrates_while_the_token_is_renewed() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    put(&plain, 0, record("kept")).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    let ttl = std::time::Duration::from_secs(60);
    let crate::LeaseAttempt::Acquired(lease) = plain.store().try_lease(ttl).await else {
        panic!("held");
    };
    let error = migrate(&plain, &encrypted).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::LockTimeout, "{error}");
    drop(lease);
    assert_eq!(migrate(&plain, &encrypted).await.unwrap(), Migrated::Moved);
}

// Copied to where it is already and then removed, it would be nowhere.
#[cfg(unix)]
#[tokio::test]
async fn one_place_under_two_names_is_noticed_and_keeps_its_token() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    put(&plain, 0, record("kept")).await;
    let link = home.path().join("link");
    std::os::unix::fs::symlink(home.path().join("amp"), &link).unwrap();
    let renamed = Whereabouts {
        directory: Some(link),
        ..place
    };
    let again = open(StoreKind::File, &home, &renamed).await;
    let migrated = migrate(&plain, &again).await;
    assert!(migrated.is_err(), "{migrated:?}");
    assert_eq!(held(&plain).await, Some(record("kept")));
}

// A refresh token that may be spent must not look fresh in its new place.
#[tokio::test]
async fn a_token_whose_renewal_was_interrupted_is_not_moved() {
    let home = TempDir::new().unwrap();
    let place = place(&home);
    let plain = open(StoreKind::File, &home, &place).await;
    put(&plain, 0, record("kept")).await;
    let ttl = std::time::Duration::from_secs(60);
    let crate::LeaseAttempt::Acquired(mut lease) = plain.store().try_lease(ttl).await else {
        panic!("held");
    };
    lease.mark_sent(Generation::new(1)).await.unwrap();
    drop(lease);
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    assert!(migrate(&plain, &encrypted).await.is_err());
    assert_eq!(held(&encrypted).await, None);
}

//
#[tokio::test]
async fn a_file_that_was_named_changes_its_form_in_its_place() {
    let home = TempDir::new().unwrap();
    let mut place = place(&home);
    let path = home.path().join("token.json");
    place.named = Some(path.clone());
    let plain = open(StoreKind::File, &home, &place).await;
    let encrypted = open(StoreKind::Encrypted, &home, &place).await;
    put(&plain, 0, record("stays")).await;
    assert_eq!(migrate(&plain, &encrypted).await.unwrap(), Migrated::Moved);
    let bytes = fs::read(&path).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("stays"));
    let loaded = encrypted.store().load().await.unwrap();
    assert_eq!(loaded.record, Some(record("stays")));
    assert_eq!(loaded.generation, Generation::new(1));

    // Again, as after a kill behind the rename.
    assert_eq!(migrate(&plain, &encrypted).await.unwrap(), Migrated::Moved);
    assert_eq!(migrate(&encrypted, &plain).await.unwrap(), Migrated::Moved);
    assert_eq!(held(&plain).await, Some(record("stays")));
    let names = fs::read_dir(home.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    let rejected = names
        .iter()
        .any(|name| name.to_string_lossy().contains("rejected"));
    assert!(!rejected, "{names:?}");
}

#[tokio::test]
async fn stores_of_different_users_do_not_exchange_tokens() {
    let home = TempDir::new().unwrap();
    let alice = open(StoreKind::File, &home, &place(&home)).await;
    let bob = Whereabouts {
        binding: Binding::new("https://amp.example", "bob").unwrap(),
        ..place(&home)
    };
    let bob = open(StoreKind::Encrypted, &home, &bob).await;
    let error = migrate(&alice, &bob).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
}

#[cfg(not(feature = "keyring"))]
#[test]
fn a_program_without_the_keyring_says_so() {
    let home = TempDir::new().unwrap();
    let opened = ChosenStore::open_now(StoreKind::Keyring, place(&home), env(&home));
    assert_eq!(opened.unwrap_err().kind(), StoreErrorKind::NoKeyring);
}

fn redis(text: &str) -> StoreKind {
    text.parse().unwrap()
}

// what is shown of an address leads to the same store and has no login.
#[test]
fn an_address_names_the_store_on_redis_and_is_shown_without_its_login() {
    let kind = redis("rediss://alice:hunter2@redis.example/2");
    assert_eq!(kind.as_str(), "redis");
    assert!(kind.is_encrypted());
    assert_eq!(kind.to_string(), "rediss://redis.example:6379/2");
    assert_ne!(redis(&kind.to_string()), kind);
    let shown = format!("{kind:?}");
    assert!(
        !shown.contains("alice") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn an_address_that_leads_nowhere_is_told_from_an_unknown_word_and_not_repeated() {
    for (text, expected) in [
        ("redis", InvalidStore::Redis(InvalidRedisStore::Scheme)),
        (
            "redis://:hunter2@redis.example",
            InvalidStore::Redis(InvalidRedisStore::PlainText),
        ),
        (
            "rediss://redis.example/hunter2",
            InvalidStore::Redis(InvalidRedisStore::Part),
        ),
        ("https://:hunter2@redis.example", InvalidStore::Unknown),
        ("hunter2", InvalidStore::Unknown),
    ] {
        let error = text.parse::<StoreKind>().unwrap_err();
        assert_eq!(error, expected, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

// A key that is made here would keep every other host from the token.
#[cfg(feature = "redis")]
#[test]
fn what_hosts_share_is_never_under_a_key_that_was_made_here() {
    let home = TempDir::new().unwrap();
    let kind = redis("redis://localhost:1");
    let error = ChosenStore::open_now(kind, place(&home), env(&home)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::InvalidKey, "{error}");
    assert!(
        error.to_string().contains("TOKEN_STORE_KEY_FILE"),
        "{error}"
    );
    assert!(fs::read_dir(home.path()).unwrap().next().is_none());
}

#[cfg(feature = "redis")]
#[test]
fn a_given_key_is_enough_for_a_store_on_redis_and_no_server_is_asked_yet() {
    let home = TempDir::new().unwrap();
    let key = crate::Key::generate().unwrap().to_base64().to_string();
    let given = move |name: &str| (name == "TOKEN_STORE_KEY").then(|| key.clone().into());
    let kind = redis("redis://mallory:hunter2@localhost:1/5");
    let store = ChosenStore::open_now(kind, place(&home), given)
        .unwrap()
        .unwrap();
    assert_eq!(store.server().unwrap().to_string(), "redis://localhost:1/5");
    assert_eq!((store.path(), store.is_encrypted()), (None, true));
    assert_eq!(store.key_source(), Some(&KeySource::Environment));
    let shown = format!("{store:?}");
    assert!(
        !shown.contains("mallory") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[cfg(feature = "redis-tls")]
#[test]
fn a_file_of_certificates_that_cannot_be_used_is_named() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("ca.pem");
    let open = || {
        let (key, path) = (crate::Key::generate().unwrap().to_base64(), path.clone());
        let given = move |name: &str| match name {
            "TOKEN_STORE_KEY" => Some(key.as_str().into()),
            "TOKEN_STORE_CA_FILE" => Some(path.clone().into()),
            _ => None,
        };
        ChosenStore::open_now(redis("rediss://redis.example"), place(&home), given)
    };
    let missing = open().unwrap_err();
    assert_eq!(missing.kind(), StoreErrorKind::InvalidSetting, "{missing}");
    assert!(
        missing.to_string().contains("TOKEN_STORE_CA_FILE"),
        "{missing}"
    );
    fs::write(&path, "no certificate").unwrap();
    let unreadable = open().unwrap_err();
    assert_eq!(
        unreadable.kind(),
        StoreErrorKind::InvalidSetting,
        "{unreadable}"
    );
}

#[cfg(not(feature = "redis"))]
#[test]
fn a_program_without_redis_says_so() {
    let home = TempDir::new().unwrap();
    let key = crate::Key::generate().unwrap().to_base64().to_string();
    let given = move |name: &str| (name == "TOKEN_STORE_KEY").then(|| key.clone().into());
    let opened = ChosenStore::open_now(redis("redis://localhost"), place(&home), given);
    let error = opened.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::InvalidSetting);
    assert!(error.to_string().contains("built without"), "{error}");
}
