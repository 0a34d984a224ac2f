//! Owners, outputs and addresses of an asset.

use amp_api::{
    AssetBalance, AssetSummary, LostOutputs, Outpoint, Ownership, TreasuryAddresses,
    UpdateBlinders, Utxo,
};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// Who owns how much of an asset, at a block height or, with `None`, at the last block.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_ownerships(
        &self,
        asset_uuid: &str,
        height: Option<i64>,
    ) -> Result<Vec<Ownership>, Error> {
        self.send(&Ownership::list(asset_uuid, height)?).await
    }

    /// The same with the height in the path, as amp-rs asked. That form is hardly proven: prefer
    /// [`get_asset_ownerships`](Self::get_asset_ownerships).
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_ownerships_at_path(
        &self,
        asset_uuid: &str,
        height: i64,
    ) -> Result<Vec<Ownership>, Error> {
        self.send(&Ownership::list_at_path(asset_uuid, height)?)
            .await
    }

    /// The confirmed balance of an asset, and what the service lost track of.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_balance(&self, asset_uuid: &str) -> Result<AssetBalance, Error> {
        self.send(&AssetBalance::get(asset_uuid)?).await
    }

    /// The outputs of an asset that the service lost track of.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_lost_outputs(&self, asset_uuid: &str) -> Result<LostOutputs, Error> {
        self.send(&LostOutputs::get(asset_uuid)?).await
    }

    /// The supply of an asset in figures.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_summary(&self, asset_uuid: &str) -> Result<AssetSummary, Error> {
        self.send(&AssetSummary::get(asset_uuid)?).await
    }

    /// The outputs that hold an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_utxos(&self, asset_uuid: &str) -> Result<Vec<Utxo>, Error> {
        self.send(&Utxo::list(asset_uuid)?).await
    }

    /// Forbids to spend these outputs; answers with those that it concerned.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id or list is refused before anything is sent.
    pub async fn blacklist_asset_utxos(
        &self,
        asset_uuid: &str,
        outputs: &[Outpoint],
    ) -> Result<Vec<Utxo>, Error> {
        self.send(&Utxo::blacklist(asset_uuid, outputs)?).await
    }

    /// Allows to spend these outputs again; answers with those that it concerned.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id or list is refused before anything is sent.
    pub async fn whitelist_asset_utxos(
        &self,
        asset_uuid: &str,
        outputs: &[Outpoint],
    ) -> Result<Vec<Utxo>, Error> {
        self.send(&Utxo::whitelist(asset_uuid, outputs)?).await
    }

    /// The addresses of an asset's treasury.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_treasury_addresses(
        &self,
        asset_uuid: &str,
    ) -> Result<Vec<String>, Error> {
        let call = TreasuryAddresses::list(asset_uuid)?;
        Ok(self.send(&call).await?.into())
    }

    /// Adds addresses to an asset's treasury. Whether they are addresses of this network is for the
    /// service to judge (W-A36).
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, list or address is refused before anything is sent
    ///
    pub async fn add_asset_treasury_addresses(
        &self,
        asset_uuid: &str,
        addresses: &[String],
    ) -> Result<(), Error> {
        self.send(&TreasuryAddresses::add(asset_uuid, addresses)?)
            .await
    }

    /// Removes addresses from an asset's treasury.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, list or address is refused before anything is sent
    ///
    pub async fn delete_asset_treasury_addresses(
        &self,
        asset_uuid: &str,
        addresses: &[String],
    ) -> Result<(), Error> {
        self.send(&TreasuryAddresses::delete(asset_uuid, addresses)?)
            .await
    }

    /// Tells the service the blinding factors of an output that it lacks.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty text is refused before anything is sent.
    pub async fn update_asset_blinders(
        &self,
        asset_uuid: &str,
        blinders: &UpdateBlinders,
    ) -> Result<(), Error> {
        self.send(&blinders.call(asset_uuid)?).await
    }
}
