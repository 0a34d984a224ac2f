//! The settings of a client, from the environment and from code.

mod builder;
mod error;
mod network;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use amp_api::BaseUrl;
use token_core::RetryConfig;
use token_store::StoreKind;

use crate::Persistence;
use network::Network;

pub use builder::ConfigBuilder;
pub use error::ConfigError;

/// The service that is used unless another one is named: the test service.
pub const DEFAULT_BASE_URL: &str = "https://amp-test.blockstream.com/api";

/// The host where requests move real money; it is used only after an explicit yes.
pub const LIVE_HOST: &str = "amp.blockstream.com";

/// The settings of a client. Credentials are not among them: they are asked for at every login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    base_url: BaseUrl,
    retry: RetryConfig,
    token_file: Option<PathBuf>,
    store: Option<StoreKind>,
    key_file: Option<PathBuf>,
    persistence: Persistence,
    network: Network,
}

impl Config {
    /// Reads the settings through `lookup`; an unset or blank variable keeps its default.
    ///
    /// | Variable | Default | Accepted |
    /// |---|---|---|
    /// | `AMP_API_BASE_URL` | [`DEFAULT_BASE_URL`] | an `https` URL, or `http` on this machine |
    /// | `AMP_ALLOW_LIVE` | `false` | a truth value; `true` is needed for [`LIVE_HOST`] |
    /// | `AMP_TOKEN_PERSISTENCE` | see [`Persistence`] | a truth value |
    /// | `AMP_TOKEN_FILE` | a file of this user | a path |
    /// | `AMP_TOKEN_STORE` | a plain file, or the encrypted one that is there | `memory`, `file`, `encrypted`, `keyring`, or an address as `redis://…`; a secret if a password is in it |
    /// | `AMP_CA_FILE` | none | a PEM file of certificate authorities to trust too |
    /// | `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | no proxy | see `transport::Proxy`; feature `proxy` |
    /// | `API_RETRY_MAX_ATTEMPTS` and its like | see [`RetryConfig::from_vars`] | whole numbers |
    ///
    /// A truth value is `true`, `1`, `yes`, `on` or `false`, `0`, `no`, `off`, in any case.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names every variable that is wrong, with what it accepts, not only the
    /// first. No value is repeated.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        Self::builder().build_with_vars(lookup)
    }

    /// Starts a configuration in which settings from code come before the environment.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The address of the service.
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// How token requests are tried; its number of attempts and pauses hold for API calls too.
    pub fn retry(&self) -> &RetryConfig {
        &self.retry
    }

    /// The token file that was named.
    pub fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref()
    }

    /// What keeps tokens, where that was chosen.
    pub fn store(&self) -> Option<&StoreKind> {
        self.store.as_ref()
    }

    /// The file with the key of an encrypted token file or of what is on Redis, where code named one.
    pub fn key_file(&self) -> Option<&Path> {
        self.key_file.as_deref()
    }

    /// Whether tokens may be kept between runs.
    pub fn persistence(&self) -> Persistence {
        self.persistence
    }

    /// The way to the service.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }
}

#[cfg(test)]
mod tests;
