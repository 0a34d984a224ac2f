//! Distributions.

use amp_api::{ConfirmDistribution, Distribution, DistributionInstructions};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// The distributions of an asset. One that was created but not reported may be missing; look at
    /// the assignments that name a distribution instead.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_distributions(
        &self,
        asset_uuid: &str,
    ) -> Result<Vec<Distribution>, Error> {
        self.send(&Distribution::list(asset_uuid)?).await
    }

    /// One distribution.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_distribution(
        &self,
        asset_uuid: &str,
        distribution_uuid: &str,
    ) -> Result<Distribution, Error> {
        self.send(&Distribution::get(asset_uuid, distribution_uuid)?)
            .await
    }

    /// Starts a distribution of all assignments that are ready, and tells what a node has to do. The
    /// request is sent again only when the service certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer. Where [`Error::may_have_happened`] says so, look at the assignments
    /// before you ask again: those that name a distribution are part of one.
    pub async fn create_distribution(
        &self,
        asset_uuid: &str,
    ) -> Result<DistributionInstructions, Error> {
        self.send(&DistributionInstructions::create(asset_uuid)?)
            .await
    }

    /// Reports a mined distribution, after two confirmations; answers with it where the service does.
    /// Reporting it again with the same transaction is harmless.
    ///
    /// # Errors
    ///
    /// Why there is no answer; what cannot be a report is refused before anything is sent.
    pub async fn confirm_distribution(
        &self,
        asset_uuid: &str,
        distribution_uuid: &str,
        report: &ConfirmDistribution,
    ) -> Result<Option<Distribution>, Error> {
        self.send(&report.call(asset_uuid, distribution_uuid)?)
            .await
    }

    /// Takes back a distribution that was not sent to the chain.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn cancel_distribution(
        &self,
        asset_uuid: &str,
        distribution_uuid: &str,
    ) -> Result<(), Error> {
        self.send(&Distribution::cancel(asset_uuid, distribution_uuid)?)
            .await
    }
}
