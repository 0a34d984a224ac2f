//! One token for many callers, clients and runs.

use std::path::PathBuf;
use std::time::Duration;

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_USERNAME, Sandbox};
use futures_util::future::join_all;
use tempfile::TempDir;
use token_store::{Binding, FileStore};

use super::{described, in_memory, logins, refreshes};

const CALLERS: usize = 200;

/// A service on real sockets, and a directory for the token file of its clients.
struct Desk {
    sandbox: Sandbox,
    directory: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let directory = TempDir::new().unwrap();
        Self { sandbox, directory }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("token.json")
    }

    /// A client that has called once, as after the start of a program.
    async fn client(&self) -> ApiClient {
        let binding = Binding::new(self.sandbox.base_url(), DEFAULT_USERNAME).unwrap();
        let store = FileStore::open(self.path(), binding).unwrap();
        let client = described(&self.sandbox).store(store).build().await.unwrap();
        client.get_assets().await.unwrap();
        client
    }

    fn requests(&self) -> (usize, usize) {
        (logins(&self.sandbox), refreshes(&self.sandbox))
    }
}

// W-A18, C-49
#[tokio::test(start_paused = true)]
async fn two_hundred_first_callers_cause_one_login() {
    let (sandbox, client) = in_memory().await;
    let calls = join_all((0..CALLERS).map(|_| client.get_assets())).await;
    for call in calls {
        call.unwrap();
    }
    assert_eq!(logins(&sandbox), 1);
    assert_eq!(sandbox.count("GET", "/assets"), CALLERS);
}

// C-46, W-A12, W-C09: each call is sent at most twice.
#[tokio::test(start_paused = true)]
async fn two_hundred_calls_with_a_revoked_token_cause_one_login_and_no_error() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    sandbox.revoke_tokens();
    for call in join_all((0..CALLERS).map(|_| client.get_assets())).await {
        call.unwrap();
    }
    assert_eq!(logins(&sandbox), 2);
    assert_eq!(
        refreshes(&sandbox),
        0,
        "a rejected token cannot renew itself"
    );
    assert!(sandbox.count("GET", "/assets") <= 1 + 2 * CALLERS);
}

//
#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_is_refreshed_behind_the_call() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_400 - 301)).await;
    client.get_assets().await.unwrap();
    assert_eq!(refreshes(&sandbox), 0);

    tokio::time::advance(Duration::from_secs(2)).await;
    sandbox.inject("GET /user/refresh-token=latency:5s".parse().unwrap());
    let started = tokio::time::Instant::now();
    client.get_assets().await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "the call waited for the refresh"
    );
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!((logins(&sandbox), refreshes(&sandbox)), (1, 1));
}

//
#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_by_a_login() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_401)).await;
    client.get_assets().await.unwrap();
    assert_eq!((logins(&sandbox), refreshes(&sandbox)), (2, 0));
}

// C-28
#[tokio::test]
async fn a_restart_from_disk_needs_no_login() {
    let desk = Desk::open().await;
    desk.client().await.close().await;
    desk.client().await;
    assert_eq!(desk.requests(), (1, 0));
}

// W-C06: another process's renewal is seen before anybody logs in again.
#[tokio::test]
async fn after_a_401_the_token_that_another_client_stored_is_taken_over() {
    let desk = Desk::open().await;
    let (first, second) = (desk.client().await, desk.client().await);
    desk.sandbox.revoke_tokens();
    first.get_assets().await.unwrap();
    second.get_assets().await.unwrap();
    assert_eq!(desk.requests(), (2, 0));
}

//
#[tokio::test]
async fn a_cleared_token_is_gone_from_the_file_too() {
    let desk = Desk::open().await;
    let client = desk.client().await;
    client.clear_token().await.unwrap();
    assert!(!desk.path().exists());
    assert!(client.get_token_info().await.is_none());
    client.get_assets().await.unwrap();
    assert_eq!(desk.requests(), (2, 0));
}
