//! The account itself.

use amp_api::ChangedPassword;
use secrecy::SecretString;
use token_core::{Grant, Lifetime};
use token_manager::JsonProfile;

use crate::client::{ApiClient, TokenStrategy};
use crate::error::Error;

impl ApiClient {
    /// Changes the password of the account that this client logs in with, and takes over the token
    /// that comes with it: the old one counts as dead, in the store, too. The source of the
    /// credentials is told; where it is the environment, a warning says that `AMP_PASSWORD` holds
    /// the old password now. The request is never sent twice, but for one replay after a 401.
    ///
    /// A client with a mock token keeps it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty password is refused before anything is sent. Where
    /// [`Error::may_have_happened`] says so, the password may have been changed.
    ///
    /// # Cancel safety
    ///
    /// A request that was sent may take effect although the future was dropped; the next login then
    /// fails with the old password.
    pub async fn user_change_password(
        &self,
        password: impl Into<SecretString>,
    ) -> Result<ChangedPassword, Error> {
        let password = password.into();
        let call = ChangedPassword::of_caller(&password)?;
        let asked = self.inner.clock.now();
        let changed = self.send(&call).await?;
        if self.strategy() == TokenStrategy::Live {
            // The service states no lifetime, here as at a login.
            let lifetime = Lifetime::Assumed(JsonProfile::amp().assumed_lifetime());
            let grant = Grant::new(changed.token.clone(), lifetime);
            let installed = self.inner.tokens.install(grant, &asked, &password).await;
            if let Err(error) = installed {
                tracing::warn!(%error, "the password was changed; its token is not taken over");
            }
        }
        Ok(changed)
    }
}
