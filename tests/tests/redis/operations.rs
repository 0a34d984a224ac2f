//! The settings of docs/operations.md, as they stand there.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use token_store::{RedisStore, StoreErrorKind, TokenStore, check_contract};

use crate::contract::{binding, keys, numbered};
use crate::page::server_of_the_page;

#[tokio::test]
async fn the_server_of_the_page_is_enough_and_lets_nobody_else_in() {
    let (server, place) = server_of_the_page();
    let authority = fs::read(server.folder().join("ca.pem")).unwrap();
    let url = format!("rediss://amp:change-me@{place}/0");
    let stores = AtomicU32::new(0);
    check_contract(async || {
        let binding = numbered(stores.fetch_add(1, Ordering::Relaxed));
        let builder = RedisStore::builder(url.as_str(), binding, keys());
        builder.authorities(authority.clone()).open().unwrap()
    })
    .await;

    let nobody = format!("rediss://amp:wrong@{place}/0");
    let builder = RedisStore::builder(nobody, binding(), keys());
    let stranger = builder.authorities(authority).open().unwrap();
    let refused = stranger.load().await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Denied, "{refused}");
    assert!(!format!("{refused:?}").contains("wrong@"), "{refused:?}");
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_is_not_spoken_to() {
    let (_server, place) = server_of_the_page();
    let url = format!("rediss://amp:change-me@{place}");
    let store = RedisStore::open(url, binding(), keys()).unwrap();
    let refused = store.load().await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Unavailable, "{refused}");
    // And without TLS nobody answers there.
    let plain = format!("redis://amp:change-me@{place}");
    let store = RedisStore::open(plain, binding(), keys()).unwrap();
    store.load().await.unwrap_err();
}
