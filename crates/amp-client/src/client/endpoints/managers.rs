//! Managers.

use amp_api::{ChangedPassword, CreateManager, Manager};
use secrecy::SecretString;

use crate::batch::{Batch, BatchError};
use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// All managers.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_managers(&self) -> Result<Vec<Manager>, Error> {
        self.send(&Manager::list()?).await
    }

    /// One manager.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_manager(&self, manager_id: i64) -> Result<Manager, Error> {
        self.send(&Manager::get(manager_id)?).await
    }

    /// The manager that the token belongs to; an issuer may be refused.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_current_manager(&self) -> Result<Manager, Error> {
        self.send(&Manager::current()?).await
    }

    /// Makes a manager account, which is locked at first. The request is sent again only when the
    /// service certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty name or password is refused before anything is sent.
    pub async fn create_manager(&self, manager: &CreateManager) -> Result<Manager, Error> {
        self.send(&manager.call()?).await
    }

    /// Locks a manager; answers with it where the service does.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn lock_manager(&self, manager_id: i64) -> Result<Option<Manager>, Error> {
        self.send(&Manager::lock(manager_id)?).await
    }

    /// Unlocks a manager; answers with it where the service does.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn unlock_manager(&self, manager_id: i64) -> Result<Option<Manager>, Error> {
        self.send(&Manager::unlock(manager_id)?).await
    }

    /// Lets a manager handle an asset; answers with the manager where the service does.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn add_asset_to_manager(
        &self,
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<Option<Manager>, Error> {
        self.send(&Manager::add_asset(manager_id, asset_uuid)?)
            .await
    }

    /// Takes an asset away from a manager, by PUT as all its siblings; answers with the manager where
    /// the service does. Which method the service takes was never seen: see
    /// [`manager_remove_asset`](Self::manager_remove_asset).
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn remove_asset_from_manager(
        &self,
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<Option<Manager>, Error> {
        self.send(&Manager::remove_asset(manager_id, asset_uuid)?)
            .await
    }

    /// Takes an asset away from a manager, by POST as amp-rs does. Which method the service takes was
    /// never seen: see [`remove_asset_from_manager`](Self::remove_asset_from_manager).
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn manager_remove_asset(
        &self,
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<(), Error> {
        self.send(&Manager::remove_asset_by_post(manager_id, asset_uuid)?)
            .await
    }

    /// Takes every asset away from a manager, one request after the other until one fails; answers
    /// with the assets, by the service's own id.
    ///
    /// # Errors
    ///
    /// Which assets were taken away by then, and why it ended (W-A24). Doing it again is harmless.
    pub async fn revoke_manager(&self, manager_id: i64) -> Result<Vec<String>, BatchError<String>> {
        let assets = match self.get_manager(manager_id).await {
            Ok(manager) => manager.assets,
            Err(error) => return Err(Batch::of(0).failed(error)),
        };
        let mut batch = Batch::of(assets.len());
        for asset_uuid in assets {
            match self
                .remove_asset_from_manager(manager_id, &asset_uuid)
                .await
            {
                Ok(_) => drop(batch.finish([asset_uuid])),
                Err(error) => return Err(batch.failed(error)),
            }
        }
        Ok(batch.into_done())
    }

    /// Sets the password of a manager. The token in the answer is the manager's: it is handed to
    /// the caller and kept nowhere. The request is never sent twice, but for one replay after a 401.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty password is refused before anything is sent. Where
    /// [`Error::may_have_happened`] says so, the password may have been changed.
    pub async fn change_manager_password(
        &self,
        manager_id: i64,
        password: impl Into<SecretString>,
    ) -> Result<ChangedPassword, Error> {
        let password = password.into();
        let call = ChangedPassword::of_manager(manager_id, &password)?;
        self.send(&call).await
    }
}
