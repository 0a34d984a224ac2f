//! The same calls against a real account, without changing anything there.
//!
//! It runs with `AMP_TESTS=live`, `AMP_USERNAME` and `AMP_PASSWORD`; `cargo xtask test live` says
//! what is missing.

#![cfg(feature = "live")]

use amp_client::ApiClient;
use token_store::MemoryStore;

async fn client() -> ApiClient {
    let lookup = |name: &str| std::env::var_os(name);
    let client = ApiClient::builder()
        .environment(lookup)
        .store(MemoryStore::new());
    client
        .build()
        .await
        .expect("the settings of the environment")
}

#[tokio::test]
async fn the_service_tells_its_version_without_a_token() {
    let info = client()
        .await
        .get_info()
        .await
        .expect("an answer of the service");
    assert!(!info.version.is_empty());
}

//
#[tokio::test]
async fn the_account_logs_in_once_and_lists_its_assets() {
    let client = client().await;
    client.get_assets().await.expect("the list of assets");
    let first = client.get_token().await.expect("the token of the login");
    client.get_assets().await.expect("the list of assets");
    assert_eq!(first, client.get_token().await.expect("the same token"));
}

//
#[tokio::test]
async fn a_token_is_refreshed_and_serves() {
    let client = client().await;
    client.get_token().await.expect("the token of the login");
    client.force_refresh().await.expect("a refreshed token");
    client.get_assets().await.expect("the list of assets");
}
