//! Waiting for what the service takes note of in its own time.

use amp_api::{Answer, AssetTransaction, Call, Distribution};

use super::ApiClient;
use crate::error::{Error, ErrorKind};
use crate::polling::Polling;

impl ApiClient {
    /// Waits until the service knows a transaction of an asset, mined. That it is not found, and
    /// failures that pass, are waited out like everything else.
    ///
    /// # Errors
    ///
    /// [`Error::NotYet`] when the time is over, or the failure of the last question; at once, a
    /// failure that time does not mend.
    ///
    /// # Cancel safety
    ///
    /// Nothing is changed by asking.
    pub async fn wait_for_asset_transaction(
        &self,
        asset_uuid: &str,
        txid: &str,
        polling: &Polling,
    ) -> Result<AssetTransaction, Error> {
        let call = AssetTransaction::get(asset_uuid, txid)?;
        self.poll(polling, &call, AssetTransaction::is_mined).await
    }

    /// Waits until the service took note that a distribution was mined, as somebody reported it with
    /// [`confirm_distribution`](Self::confirm_distribution).
    ///
    /// # Errors
    ///
    /// As [`wait_for_asset_transaction`](Self::wait_for_asset_transaction).
    ///
    /// # Cancel safety
    ///
    /// Nothing is changed by asking.
    pub async fn wait_for_distribution(
        &self,
        asset_uuid: &str,
        distribution_uuid: &str,
        polling: &Polling,
    ) -> Result<Distribution, Error> {
        let call = Distribution::get(asset_uuid, distribution_uuid)?;
        self.poll(polling, &call, Distribution::is_confirmed).await
    }

    async fn poll<T: Answer>(
        &self,
        polling: &Polling,
        call: &Call<T>,
        is_there: impl Fn(&T) -> bool,
    ) -> Result<T, Error> {
        let mut last = None;
        let found = polling.until(async || match self.send(call).await {
            Ok(answer) => {
                last = None;
                Ok(is_there(&answer).then_some(answer))
            }
            Err(error) if may_pass(error.kind()) => {
                last = Some(error);
                Ok(None)
            }
            Err(error) => Err(error),
        });
        match found.await {
            Err(Error::NotYet(not_yet)) => Err(last.unwrap_or(Error::NotYet(not_yet))),
            other => other,
        }
    }
}

/// Whether the same question may have another answer later.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::Server | ErrorKind::Network | ErrorKind::RateLimited
    )
}
