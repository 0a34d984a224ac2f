//! Where the tokens of a client come from, put together.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use token_core::AccessToken;
use token_manager::{
    CredentialSource, JsonLogin, JsonProfile, TokenEvents, TokenManager, TokenManagerBuilder,
};
use token_store::{MemoryStore, SharedTokenStore, TokenStore as _};
use transport::Transport;
use url::Url;

use super::TokenStrategy;
use crate::config::{Config, ConfigError};
use crate::error::Error;
use crate::mock_token::MockToken;
use crate::stack::{self, Patience};
use crate::store::{self, Vars};

/// What a store that ends with the process calls itself.
const MEMORY: &str = "memory";

/// The tokens of a client, and what may be told about them.
pub(super) struct Source {
    pub(super) tokens: TokenManager,
    pub(super) strategy: TokenStrategy,
    pub(super) persists: bool,
    pub(super) token_file: Option<PathBuf>,
}

impl Source {
    /// Tokens of a manager that others may share.
    pub(super) fn shared(tokens: TokenManager) -> Self {
        Self::unkept(tokens, TokenStrategy::Live)
    }

    /// One made-up token.
    pub(super) fn mock(token: &SecretString, patience: &Patience) -> Result<Self, Error> {
        let token = AccessToken::new(token.expose_secret())
            .map_err(|error| ConfigError::one("mock token", error))?;
        let clock = Arc::clone(&patience.clock);
        let tokens = TokenManager::builder(MockToken::new(token)).clock(clock);
        Ok(Self::unkept(tokens.build(), TokenStrategy::Mock))
    }

    fn unkept(tokens: TokenManager, strategy: TokenStrategy) -> Self {
        Self {
            tokens,
            strategy,
            persists: false,
            token_file: None,
        }
    }
}

/// What a login needs.
pub(super) struct Login<'a> {
    pub(super) config: &'a Config,
    pub(super) url: &'a Url,
    pub(super) transport: Transport,
    pub(super) patience: &'a Patience,
    pub(super) credentials: Arc<dyn CredentialSource>,
    pub(super) store: Option<SharedTokenStore>,
    pub(super) observers: Vec<Arc<dyn TokenEvents>>,
}

impl Login<'_> {
    /// Tokens of the service itself, kept where somebody asked for it.
    pub(super) async fn source(self, vars: Vars) -> Result<Source, Error> {
        let kept = match self.store {
            None => store::open(self.config, &*self.credentials, vars).await?,
            Some(_) => None,
        };
        let token_file = kept.as_ref().and_then(|kept| kept.path());
        let token_file = token_file.map(ToOwned::to_owned);
        let store = self.store.or_else(|| Some(kept?.store().clone()));
        let store = store.unwrap_or_else(|| SharedTokenStore::new(MemoryStore::new()));
        let persists = store.kind() != MEMORY;

        let clock = Arc::clone(&self.patience.clock);
        let transport = self.transport.with_body_limit(Transport::TOKEN_BODY_LIMIT);
        let service = stack::token(transport, self.patience);
        let login = JsonLogin::new(service, self.url, JsonProfile::amp(), self.credentials);
        let tokens = TokenManager::builder(login.with_clock(clock.clone()));
        let watched = self.observers.into_iter();
        let tokens = watched.fold(tokens, TokenManagerBuilder::events);
        Ok(Source {
            tokens: tokens.clock(clock).store(store).build(),
            strategy: TokenStrategy::Live,
            persists,
            token_file,
        })
    }
}
