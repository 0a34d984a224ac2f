//! Many callers that need a token at once.

use std::time::{Duration, SystemTime};

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use futures_util::future::join_all;
use integration_tests::expired_token;
use integration_tests::rig::{report, size};
use integration_tests::stores::{Kind, Store};
use tempfile::TempDir;
use token_manager::{Credentials, FixedCredentials};
use token_store::{Change, Commit, Durability, Generation, OpId};

use crate::processes::{Process, run};

const TASKS: usize = 10_000;

// W-A19, C-28, C-32, A-44: one login for all processes that share a store.
#[tokio::test(flavor = "multi_thread")]
async fn processes_that_meet_an_expired_encrypted_token_log_in_once() {
    let processes = size(64, 512);
    call(Kind::Encrypted, true, processes).await;
    report(format_args!(
        "{processes} processes, expired encrypted token: 1 login, 0 errors"
    ));
}

// W-A19, C-28, C-32
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_processes_on_an_empty_plain_file_log_in_once() {
    call(Kind::Plain, false, 64).await;
}

// W-A19, C-32, A-44
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_tasks_that_meet_an_expired_encrypted_token_log_in_once() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let directory = TempDir::new().unwrap();
    let Store::Encrypted(store) = open(Kind::Encrypted, &directory) else {
        unreachable!("it is encrypted")
    };
    expire(&Store::Encrypted(store.clone()));
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    let client = ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(credentials))
        .store(store)
        .build()
        .await
        .unwrap();
    let tasks = (0..TASKS).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.get_token().await.map(drop) })
    });
    let failed = join_all(tasks).await.into_iter();
    let failed = failed.filter(|done| !matches!(done, Ok(Ok(()))));
    assert_eq!(failed.count(), 0);
    assert_eq!(sandbox.count("POST", "/user/obtain_token"), 1);
    assert_eq!(sandbox.count("GET", "/user/refresh-token"), 0);
    report(format_args!(
        "{TASKS} tasks, expired encrypted token: 1 login, 0 errors"
    ));
}

/// Starts processes that each make a call, and counts what arrives.
async fn call(kind: Kind, expired: bool, processes: usize) {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let directory = TempDir::new().unwrap();
    if expired {
        expire(&open(kind, &directory));
    }
    let base_url = sandbox.base_url().to_owned();
    let path = directory.path().join("token");
    let complaints = tokio::task::spawn_blocking(move || {
        let (kind, path) = (kind.name(), path.to_str().unwrap());
        let program = env!("CARGO_BIN_EXE_first_call");
        let one = || Process::start(program, &[&base_url, &kind, path]);
        run((0..processes).map(|_| one()).collect())
    });
    assert_eq!(complaints.await.unwrap(), [""; 0]);
    assert_eq!(sandbox.count("POST", "/user/obtain_token"), 1);
    assert_eq!(sandbox.count("GET", "/user/refresh-token"), 0);
    assert_eq!(sandbox.count("GET", "/assets"), processes);
}

fn open(kind: Kind, directory: &TempDir) -> Store {
    let path = directory.path().join("token");
    kind.open(&path, Durability::None, Duration::ZERO).unwrap()
}

/// Stores a token that ended long ago.
fn expire(store: &Store) {
    let ended = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let change = Change::Put(expired_token(ended));
    let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
    store.commit_now(commit).unwrap();
}
