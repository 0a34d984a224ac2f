//! The token methods of the client.

use std::path::Path;

use token_core::{AccessToken, TokenInfo};
use token_manager::{TokenManager, TokenStatus};

use super::ApiClient;
use crate::error::Error;

/// Where the tokens of a client come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenStrategy {
    /// The service hands them out.
    Live,
    /// One made-up token, given in code.
    Mock,
}

impl TokenStrategy {
    /// The strategy in one word: `live` or `mock`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Mock => "mock",
        }
    }
}

impl ApiClient {
    /// The current token; waits only where there is no usable one.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] tells why there is none.
    pub async fn get_token(&self) -> Result<AccessToken, Error> {
        Ok(self.inner.tokens.get_token().await?)
    }

    /// Logs in, whatever is held. Of a mock it is the same token again.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] tells why there is no new one; the held one stays.
    pub async fn obtain_token(&self) -> Result<AccessToken, Error> {
        match self.strategy() {
            TokenStrategy::Live => Ok(self.inner.tokens.obtain_token().await?),
            TokenStrategy::Mock => self.get_token().await,
        }
    }

    /// Where the token stands, the flight under way and the last error. Asks neither the network
    /// nor the store.
    pub fn token_status(&self) -> TokenStatus {
        self.inner.tokens.status()
    }

    /// Renews the held token, whatever its age, and logs in where that fails. Of a
    /// mock it is the same token again.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] tells why there is no new one; the held one stays.
    pub async fn refresh_token(&self) -> Result<AccessToken, Error> {
        match self.strategy() {
            TokenStrategy::Live => Ok(self.inner.tokens.refresh_token().await?),
            TokenStrategy::Mock => self.get_token().await,
        }
    }

    /// The same as [`refresh_token`](Self::refresh_token), under the seed's other name.
    ///
    /// # Errors
    ///
    /// As `refresh_token`.
    pub async fn force_refresh(&self) -> Result<AccessToken, Error> {
        self.refresh_token().await
    }

    /// What may be told about the held token; never asks the network. Of a mock there is
    /// nothing to tell.
    pub async fn get_token_info(&self) -> Option<TokenInfo> {
        match self.strategy() {
            TokenStrategy::Live => self.inner.tokens.get_token_info().await,
            TokenStrategy::Mock => None,
        }
    }

    /// Forgets the token, here and where it is kept. Of a mock nothing is forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] when the store could not be cleared.
    pub async fn clear_token(&self) -> Result<(), Error> {
        match self.strategy() {
            TokenStrategy::Live => Ok(self.inner.tokens.clear_token().await?),
            TokenStrategy::Mock => Ok(()),
        }
    }

    /// Where the tokens come from.
    pub fn strategy(&self) -> TokenStrategy {
        self.inner.strategy
    }

    /// Whether this client keeps tokens beyond this process. Of a manager that was brought
    /// along it does not know.
    pub fn persists_tokens(&self) -> bool {
        self.inner.persists
    }

    /// The file that tokens are kept in, where the client opened one itself.
    pub fn token_file(&self) -> Option<&Path> {
        self.inner.token_file.as_deref()
    }

    /// The manager, for whoever shares it with other parts of a program.
    pub fn token_manager(&self) -> &TokenManager {
        &self.inner.tokens
    }
}
