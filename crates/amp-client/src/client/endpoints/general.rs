//! The service itself.

use amp_api::{Changelog, Info};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// The version of the service; no token is needed.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_info(&self) -> Result<Info, Error> {
        self.send(&Info::get()?).await
    }

    /// What changed in the service, by version.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_changelog(&self) -> Result<Changelog, Error> {
        self.send(&Changelog::get()?).await
    }
}
