//! One token for several runs: the file between them, over real sockets.

use std::path::PathBuf;

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_USERNAME, Sandbox};
use tempfile::TempDir;
use token_store::{Binding, FileStore};

use super::{described, logins, refreshes};

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
