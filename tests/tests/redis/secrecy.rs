//! What a server, and whoever reads its files, learns.

use std::fs;
use std::sync::Arc;

use integration_tests::stored_token;
use token_store::{
    Binding, Change, Commit, Generation, Key, KeySet, OpId, RedisStore, StoreErrorKind, TokenStore,
};
use zeroize::Zeroizing;

use crate::contract::{binding, keys};
use crate::server::RedisServer;

async fn store_one(store: &RedisStore) {
    let change = Change::Put(stored_token(Generation::new(1)));
    let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
    store.commit(commit).await.unwrap();
}

// C-17
#[tokio::test]
async fn the_server_writes_neither_token_nor_user_nor_service() {
    let server = RedisServer::start();
    store_one(&RedisStore::open(server.url(), binding(), keys()).unwrap()).await;
    let mut written = Vec::new();
    for entry in fs::read_dir(server.log_folder()).unwrap() {
        written.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(written.windows(5).any(|five| five == b"\x89TKST"));
    for text in ["generation-1", "alice", "amp.example"] {
        let found = written
            .windows(text.len())
            .any(|part| part == text.as_bytes());
        assert!(!found, "{text}");
    }
}

// C-10, W-C08: and another key overwrites nothing.
#[tokio::test]
async fn a_value_under_another_key_is_left_alone() {
    let server = RedisServer::start();
    let ours = RedisStore::open(server.url(), binding(), keys()).unwrap();
    store_one(&ours).await;
    let other = KeySet::new(key(8));
    let stranger = RedisStore::open(server.url(), binding(), Arc::new(other)).unwrap();
    assert_eq!(
        stranger.load().await.unwrap_err().kind(),
        StoreErrorKind::WrongKey
    );
    let commit = Commit::new(Generation::ZERO, Change::Clear, OpId::new(2));
    assert_eq!(
        stranger.commit(commit).await.unwrap_err().kind(),
        StoreErrorKind::WrongKey
    );
    assert_eq!(ours.load().await.unwrap().generation, Generation::new(1));
}

fn key(byte: u8) -> Key {
    Key::new(Zeroizing::new([byte; 32]))
}

async fn store_next(store: &RedisStore) {
    let expected = store.load().await.unwrap().generation;
    let change = Change::Put(stored_token(expected.next()));
    let commit = Commit::new(expected, change, OpId::random());
    store.commit(commit).await.unwrap();
}

// The three steps of docs/operations.md.
#[tokio::test]
async fn a_fleet_changes_its_key_without_losing_its_token() {
    let server = RedisServer::start();
    let host = |keys: KeySet| RedisStore::open(server.url(), binding(), keys).unwrap();
    let opens = async |store: &RedisStore| store.load().await.map(|loaded| loaded.generation);
    let (old, new) = (|| key(1), || key(2));

    store_next(&host(KeySet::new(old()))).await;
    let first = host(KeySet::new(old()).with_decrypt_only(new()));
    let second = host(KeySet::new(new()).with_decrypt_only(old()));
    assert_eq!(opens(&first).await.unwrap(), Generation::new(1));
    store_next(&second).await;
    assert_eq!(opens(&first).await.unwrap(), Generation::new(2));
    assert_eq!(
        opens(&host(KeySet::new(new()))).await.unwrap(),
        Generation::new(2)
    );
    let late = opens(&host(KeySet::new(old()))).await.unwrap_err();
    assert_eq!(late.kind(), StoreErrorKind::WrongKey);
}

// W-A03
#[tokio::test]
async fn users_on_one_server_do_not_meet() {
    let server = RedisServer::start();
    store_one(&RedisStore::open(server.url(), binding(), keys()).unwrap()).await;
    let bob = Binding::new("https://amp.example/api", "bob").unwrap();
    let store = RedisStore::open(server.url(), bob, keys()).unwrap();
    assert_eq!(store.load().await.unwrap().record, None);
}

//
#[tokio::test]
async fn no_output_has_the_password_of_the_url() {
    let url = "unix:///nowhere/at/all.sock?user=alice&pass=hunter2";
    let builder = RedisStore::builder(url, binding(), keys());
    let mut shown = format!("{builder:?}");
    let store = builder.open().unwrap();
    let error = store.load().await.unwrap_err();
    shown.push_str(&format!("{store:?} {error:?} {error}"));
    assert!(!shown.contains("hunter2"), "{shown}");
}
