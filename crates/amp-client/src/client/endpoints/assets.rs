//! Assets.

mod parts;
mod supply;

use amp_api::{
    Activity, Asset, AssetTransaction, HistoryFilter, IssueAsset, IssuedAsset, Memo, Registration,
};

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

    /// Sets the issuer's own authorisation service, the one thing of an asset that can be changed.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty text is refused before anything is sent.
    pub async fn edit_asset(
        &self,
        asset_uuid: &str,
        issuer_authorization_endpoint: &str,
    ) -> Result<Asset, Error> {
        let call = Asset::edit(asset_uuid, issuer_authorization_endpoint)?;
        self.send(&call).await
    }

    /// Makes the service forget an asset; on the chain it stays. This cannot be undone.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn delete_asset(&self, asset_uuid: &str) -> Result<(), Error> {
        self.send(&Asset::delete(asset_uuid)?).await
    }

    /// Publishes an asset in the registry. That it is there already is a success, too.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn register_asset(&self, asset_uuid: &str) -> Result<Registration, Error> {
        match self.send(&Registration::call(asset_uuid)?).await {
            Ok(asset) => Ok(Registration::Registered(Box::new(asset))),
            Err(Error::Api(refusal)) => {
                Registration::of_refusal(&refusal.body).ok_or(Error::Api(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Hands the control of transfers to the service. Where it has it already, which a lost answer
    /// can be the reason of, the asset is read instead.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn register_asset_authorized(&self, asset_uuid: &str) -> Result<Asset, Error> {
        match self.send(&Asset::register_authorized(asset_uuid)?).await {
            Err(Error::Api(refusal)) if Asset::is_already_authorized(&refusal.body) => {
                self.get_asset(asset_uuid).await
            }
            answer => answer,
        }
    }

    /// What happened with an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, or a filter that cannot be meant, is refused before
    /// anything is sent.
    pub async fn get_asset_activities(
        &self,
        asset_uuid: &str,
        filter: &HistoryFilter,
    ) -> Result<Vec<Activity>, Error> {
        self.send(&Activity::list(asset_uuid, filter)?).await
    }

    /// The transactions of an asset; in the service's order the first is the issuance.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, or a filter that cannot be meant, is refused before
    /// anything is sent.
    pub async fn get_asset_transactions(
        &self,
        asset_uuid: &str,
        filter: &HistoryFilter,
    ) -> Result<Vec<AssetTransaction>, Error> {
        self.send(&AssetTransaction::list(asset_uuid, filter)?)
            .await
    }

    /// One transaction of an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_transaction(
        &self,
        asset_uuid: &str,
        txid: &str,
    ) -> Result<AssetTransaction, Error> {
        self.send(&AssetTransaction::get(asset_uuid, txid)?).await
    }

    /// The note of an asset; the service may refuse where there is none.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_memo(&self, asset_uuid: &str) -> Result<String, Error> {
        Ok(self.send(&Memo::get(asset_uuid)?).await?.into())
    }

    /// Sets the note of an asset, whatever characters are in it. Setting it twice is setting it once,
    /// so it is repeated and bounded in time like every such call (W-A25).
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn set_asset_memo(&self, asset_uuid: &str, memo: &str) -> Result<(), Error> {
        self.send(&Memo::set(asset_uuid, memo)?).await
    }
}
