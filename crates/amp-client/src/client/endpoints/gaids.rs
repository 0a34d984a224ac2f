//! GAIDs.

use amp_api::{GaidAddress, GaidBalanceEntry, GaidValidation, RegisteredUser};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// Whether the service knows a GAID.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn validate_gaid(&self, gaid: &str) -> Result<GaidValidation, Error> {
        self.send(&GaidValidation::get(gaid)?).await
    }

    /// An address of a GAID; each call may answer another one.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn get_gaid_address(&self, gaid: &str) -> Result<GaidAddress, Error> {
        self.send(&GaidAddress::get(gaid)?).await
    }

    /// The user that a GAID belongs to.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn get_gaid_registered_user(&self, gaid: &str) -> Result<RegisteredUser, Error> {
        self.send(&RegisteredUser::of_gaid(gaid)?).await
    }

    /// All balances of a GAID, those of zero included.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn get_gaid_balance(&self, gaid: &str) -> Result<Vec<GaidBalanceEntry>, Error> {
        self.send(&GaidBalanceEntry::list(gaid)?).await
    }

    /// How much of one asset a GAID holds.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID or id is refused before anything is sent.
    pub async fn get_gaid_asset_balance(
        &self,
        gaid: &str,
        asset_uuid: &str,
    ) -> Result<GaidBalanceEntry, Error> {
        self.send(&GaidBalanceEntry::get(gaid, asset_uuid)?).await
    }
}
