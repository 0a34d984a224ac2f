//! Assets.

use amp_api::{Asset, IssueAsset, IssuedAsset};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// All assets of the issuer or manager.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_assets(&self) -> Result<Vec<Asset>, Error> {
        self.send(&Asset::list()?).await
    }

    /// One asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset(&self, asset_uuid: &str) -> Result<Asset, Error> {
        self.send(&Asset::get(asset_uuid)?).await
    }

    /// Issues an asset: this spends money. The request is sent again only when the service
    /// certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer. Where [`Error::may_have_happened`] says so, list the assets before
    /// you issue again.
    pub async fn issue_asset(&self, asset: &IssueAsset) -> Result<IssuedAsset, Error> {
        self.send(&asset.call()?).await
    }

    /// Locks an asset. Locking twice is locking once.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn lock_asset(&self, asset_uuid: &str) -> Result<Asset, Error> {
        self.send(&Asset::lock(asset_uuid)?).await
    }

    /// Unlocks an asset. Unlocking twice is unlocking once.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn unlock_asset(&self, asset_uuid: &str) -> Result<Asset, Error> {
        self.send(&Asset::unlock(asset_uuid)?).await
    }
}
