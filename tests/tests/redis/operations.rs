//! The settings of docs/operations.md, as they stand there.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use token_store::{RedisStore, StoreErrorKind, TokenStore, check_contract};

use crate::contract::{binding, keys, numbered};
use crate::server::RedisServer;

const PAGE: &str = include_str!("../../../docs/operations.md");

/// The block of the page that starts with this line.
fn block(start: &str) -> &'static str {
    let from = PAGE.find(start).unwrap() + start.len();
    PAGE[from..].split("```").next().unwrap()
}

/// A server as the page says, on a free port, and its URL without user.
fn server_of_the_page() -> (RedisServer, String) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = block("```text\n# redis.conf\n").replace("6379", &port.to_string());
    let server = RedisServer::prepared(|folder| {
        let script = ["-e", "-c", block("```sh\n")];
        let mut openssl = Command::new("sh");
        let made = openssl
            .args(script)
            .current_dir(folder)
            .stderr(Stdio::null());
        assert!(made.status().unwrap().success());
        fs::write(folder.join("redis.conf"), &settings).unwrap();
    });
    (server, format!("localhost:{port}"))
}

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
