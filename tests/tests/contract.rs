//! Every store keeps the one contract, alone, shared, and through two handles.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use token_store::{
    Binding, FileStore, MemoryStore, SharedTokenStore, check_contract, check_contract_between,
};

/// Directories for the stores of one test, removed together at its end.
#[derive(Default)]
struct Places(Mutex<Vec<TempDir>>);

impl Places {
    /// Two handles to one new file.
    fn handles(&self) -> (FileStore, FileStore) {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("token.json");
        self.0.lock().unwrap().push(directory);
        (open(&path), open(&path))
    }
}

fn open(path: &std::path::Path) -> FileStore {
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    FileStore::open(path, binding).unwrap()
}

#[tokio::test]
async fn the_memory_store_keeps_the_contract() {
    check_contract(async || MemoryStore::new()).await;
    check_contract(async || SharedTokenStore::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn two_handles_to_one_memory_keep_the_contract() {
    check_contract_between(async || {
        let store = MemoryStore::new();
        (Arc::new(store.clone()), Arc::new(store))
    })
    .await;
}

#[tokio::test]
async fn the_file_store_keeps_the_contract() {
    let places = Places::default();
    check_contract(async || places.handles().0).await;
    check_contract(async || SharedTokenStore::new(places.handles().0)).await;
}

//
#[tokio::test]
async fn two_handles_to_one_file_keep_the_contract() {
    let places = Places::default();
    check_contract_between(async || {
        let (first, second) = places.handles();
        (Arc::new(first), Arc::new(second))
    })
    .await;
}
