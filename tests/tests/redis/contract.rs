//! What every store promises, kept on a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use token_store::{
    Binding, Key, KeySet, RedisStore, SharedTokenStore, check_contract, check_contract_between,
};
use zeroize::Zeroizing;

use crate::server::RedisServer;

pub(crate) fn binding() -> Binding {
    Binding::new("https://amp.example/api", "alice").unwrap()
}

/// A store of its own on the same server.
pub(crate) fn numbered(number: u32) -> Binding {
    binding().with_namespace(&format!("n{number}")).unwrap()
}

pub(crate) fn keys() -> Arc<KeySet> {
    Arc::new(KeySet::new(Key::new(Zeroizing::new([7; 32]))))
}

#[tokio::test]
async fn the_redis_store_keeps_the_contract_between_two_hosts() {
    let server = RedisServer::start();
    let stores = AtomicU32::new(0);
    check_contract_between(async || {
        let binding = numbered(stores.fetch_add(1, Ordering::Relaxed));
        let open = || RedisStore::open(server.url(), binding.clone(), keys()).unwrap();
        (Arc::new(open()), Arc::new(open()))
    })
    .await;
}

#[tokio::test]
async fn one_shared_handle_keeps_the_contract() {
    let server = RedisServer::start();
    let stores = AtomicU32::new(0);
    check_contract(async || {
        let binding = numbered(stores.fetch_add(1, Ordering::Relaxed));
        SharedTokenStore::new(RedisStore::open(server.url(), binding, keys()).unwrap())
    })
    .await;
}
