//! Our client as its users get it: every layer on, the stack erased.

use amp_api::Asset;
use amp_client::ApiClient;
use anyhow::Result;

use super::{Client, TOKEN};

/// As many requests at once as the largest bench makes; the default is made for one service.
const AT_ONCE: usize = 128;

/// `ApiClient::get_assets`.
#[derive(Clone, Debug)]
pub(super) struct Ours(ApiClient);

impl Ours {
    /// A client of the service at this address.
    pub(super) async fn connect(address: &str) -> Result<Self> {
        let client = ApiClient::builder()
            .base_url(&format!("{address}/api"))
            .mock_token(TOKEN)
            .concurrency_limit(AT_ONCE);
        Ok(Self(client.build().await?))
    }
}

impl Client for Ours {
    async fn another(&self) -> Result<Self> {
        Ok(self.clone())
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        Ok(self.0.get_assets().await?)
    }
}
