//! A token that the authority hands out as the answer to another request.

use secrecy::SecretString;
use token_core::{Grant, Now, TokenError};
use token_store::{Change, Record};

use super::TokenManager;
use super::overwrite::overwrite;
use crate::TokenProvider as _;
use crate::driver::Installed;
use crate::events::StoreStep;
use crate::runtime;

impl TokenManager {
    /// Takes over the token that came with a changed password: from now on it is served and stored,
    /// and the one before counts as dead. `asked` is the moment before the change was asked for,
    /// from which the life of the token is counted.
    ///
    /// The source of the credentials is [told](crate::CredentialSource::password_changed) of the
    /// password, so that the next login uses it where the source can keep it. Whatever the
    /// old password made fail is forgotten. A flight under way brings nothing any more: who waits
    /// for it gets this token. A store that cannot take it leaves it in memory, with a warning, and
    /// is asked again with the next renewal and at the close.
    ///
    /// # Errors
    ///
    /// [`TokenError::Closed`] after the close, and [`TokenError::Validation`] for a token that is
    /// at its end or was rejected before. The source is told even so.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the token is installed; a future that is dropped may leave it unstored, as a
    /// store does that cannot take it.
    pub async fn install(
        &self,
        grant: Grant,
        asked: &Now,
        password: &SecretString,
    ) -> Result<(), TokenError> {
        let installed = self.shared.install(grant.into_minted(asked, None));
        self.tell_source(password.clone()).await;
        self.store(&installed?).await;
        Ok(())
    }

    /// A source may write a file, which has no place on a runtime.
    async fn tell_source(&self, password: SecretString) {
        let provider = self.shared.provider().clone();
        let tell = move || provider.password_changed(&password);
        if runtime::is_here() {
            // A source that panics has told so, and must not take the new token with it.
            let _ = tokio::task::spawn_blocking(tell).await;
        } else {
            tell();
        }
    }

    async fn store(&self, installed: &Installed) {
        let shared = &self.shared;
        let put = Change::Put(Record::new(installed.data.clone()));
        match overwrite(shared.store(), put, || shared.is_current(installed)).await {
            Ok(Some(generation)) => shared.stored(installed, generation.number()),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the token could not be stored; it is kept in memory");
                shared.store_failed(StoreStep::Commit, &error);
            }
        }
    }
}
