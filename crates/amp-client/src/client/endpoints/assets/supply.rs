//! Issuing more of an asset, and burning some.

use amp_api::{
    BurnInstructions, ConfirmBurn, ConfirmReissue, ConfirmedReissue, Reissuance,
    ReissueInstructions,
};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// The reissuances of an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_reissuances(&self, asset_uuid: &str) -> Result<Vec<Reissuance>, Error> {
        self.send(&Reissuance::list(asset_uuid)?).await
    }

    /// What a node has to do to issue so many units more. The request is sent again only when the
    /// service certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, or an amount that cannot exist, is refused before
    /// anything is sent.
    pub async fn reissue_request(
        &self,
        asset_uuid: &str,
        amount_to_reissue: i64,
    ) -> Result<ReissueInstructions, Error> {
        let call = ReissueInstructions::request(asset_uuid, amount_to_reissue)?;
        self.send(&call).await
    }

    /// Reports a mined reissuance, after two confirmations. Reporting it again is harmless.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn reissue_confirm(
        &self,
        asset_uuid: &str,
        report: &ConfirmReissue,
    ) -> Result<ConfirmedReissue, Error> {
        self.send(&report.call(asset_uuid)?).await
    }

    /// What a node has to do to burn so many units. The request is sent again only when the service
    /// certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id, or an amount that cannot exist, is refused before
    /// anything is sent.
    pub async fn burn_request(
        &self,
        asset_uuid: &str,
        amount: i64,
    ) -> Result<BurnInstructions, Error> {
        self.send(&BurnInstructions::request(asset_uuid, amount)?)
            .await
    }

    /// Reports a mined burning. Reporting it again is harmless.
    ///
    /// # Errors
    ///
    /// Why there is no answer; what cannot be a report is refused before anything is sent.
    pub async fn burn_confirm(&self, asset_uuid: &str, report: &ConfirmBurn) -> Result<(), Error> {
        self.send(&report.call(asset_uuid)?).await
    }
}
