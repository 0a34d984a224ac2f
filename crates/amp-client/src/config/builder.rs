//! Settings from code, before those of the environment.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use amp_api::BaseUrl;
use token_core::RetryConfig;
use token_store::{InvalidStore, StoreKind};
use zeroize::Zeroizing;

use super::error::Problems;
use super::network::NetworkChoice;
use super::{Config, ConfigError, DEFAULT_BASE_URL, LIVE_HOST};
use crate::environment::{self, Persistence};
use crate::vars::{self, Lookup, Var};

const ALLOW_LIVE: &str = "AMP_ALLOW_LIVE";
const TOKEN_PERSISTENCE: &str = "AMP_TOKEN_PERSISTENCE";
const TOKEN_FILE: &str = "AMP_TOKEN_FILE";
const TOKEN_STORE: &str = "AMP_TOKEN_STORE";
const TRUTH_VALUES: &str = "expected true, 1, yes, on or false, 0, no, off";

/// A [`Config`] in the making. What is set here is used and its variable is not even read.
#[derive(Clone, Default)]
#[must_use]
pub struct ConfigBuilder {
    base_url: Option<String>,
    allow_live: Option<bool>,
    retry: Option<RetryConfig>,
    token_file: Option<PathBuf>,
    store: Option<StoreKind>,
    key_file: Option<PathBuf>,
    persistence: Option<Persistence>,
    network: NetworkChoice,
}

impl ConfigBuilder {
    /// The address of the service; the default is `AMP_API_BASE_URL`, or the test service.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Whether the service may be the one where requests move real money; the default is
    /// `AMP_ALLOW_LIVE`, or no.
    pub fn allow_live(mut self, allow: bool) -> Self {
        self.allow_live = Some(allow);
        self
    }

    /// How token requests are tried; the default is what the variables say.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The file that tokens are kept in, where they are kept; the default is `AMP_TOKEN_FILE`, or
    /// a file of this user.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// What keeps tokens, where they are kept; the default is `AMP_TOKEN_STORE`, or a plain file
    /// unless there is only an encrypted one. The keyring of the operating system needs the feature
    /// `keyring`, and Redis the feature `redis`.
    pub fn store(mut self, store: StoreKind) -> Self {
        self.store = Some(store);
        self
    }

    /// The file with the key of an encrypted token file, or of what is on Redis; the default is what
    /// `token_store::find_key` finds: `TOKEN_STORE_KEY_FILE`, `TOKEN_STORE_KEY`, the keyring of the
    /// operating system (feature `keyring`), or a key of this user, which is made. On Redis only
    /// the variables count, because all hosts need the same key.
    pub fn key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.key_file = Some(path.into());
        self
    }

    /// Whether tokens are kept between runs; the default is what the variables say. A choice made
    /// here holds even where they look like those of a mock.
    pub fn persistence(mut self, persistence: Persistence) -> Self {
        self.persistence = Some(persistence);
        self
    }

    /// A PEM file with certificate authorities that are trusted too; the default is `AMP_CA_FILE`,
    /// or none. It is read when the client is built.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.network.ca_file = Some(path.into());
        self
    }

    /// Whether the authorities that the system trusts are trusted too; the default is no. They are
    /// read when the client is built.
    #[cfg(feature = "native-roots")]
    pub fn native_roots(mut self, trust: bool) -> Self {
        self.network.native_roots = trust;
        self
    }

    /// The proxy for requests over TLS; `None` is no proxy, whatever the variables say. The default
    /// is what `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    #[cfg(feature = "proxy")]
    pub fn proxy(mut self, proxy: impl Into<Option<transport::Proxy>>) -> Self {
        self.network.proxy = Some(proxy.into());
        self
    }

    /// The configuration without any environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong.
    pub fn build(self) -> Result<Config, ConfigError> {
        self.build_with_vars(|_| None)
    }

    /// The configuration; what was not set comes through `lookup`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong.
    pub fn build_with_vars(
        self,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Config, ConfigError> {
        let lookup: Lookup<'_> = &lookup;
        let mut problems = Problems::default();
        credentials_are_unicode(lookup, &mut problems);
        let base_url = self.read_base_url(lookup, &mut problems);
        let retry = match self.retry {
            Some(retry) => Some(retry),
            None => RetryConfig::from_vars(lookup)
                .map_err(|error| problems.extend(error.problems()))
                .ok(),
        };
        let chosen = self.persistence;
        let explicit = truth(lookup, TOKEN_PERSISTENCE, &mut problems);
        let named = || lookup(TOKEN_FILE).filter(|path| !is_blank(path));
        let token_file = self.token_file.or_else(|| named().map(PathBuf::from));
        let store = read_store(self.store, lookup, &mut problems);
        let network = self.network.or_vars(lookup, &mut problems);
        let config = base_url.zip(retry).map(|(base_url, retry)| Config {
            base_url,
            retry,
            token_file,
            store,
            key_file: self.key_file,
            persistence: chosen.unwrap_or_else(|| Persistence::decide(explicit, lookup)),
            network,
        });
        problems.unless_any(config)
    }

    fn read_base_url(&self, lookup: Lookup<'_>, problems: &mut Problems) -> Option<BaseUrl> {
        let from_env = truth(lookup, ALLOW_LIVE, problems);
        let allow_live = self.allow_live.or(from_env).unwrap_or(false);
        let (setting, text) = match &self.base_url {
            Some(text) => ("base URL", text.clone()),
            None => match vars::read(lookup, environment::BASE_URL) {
                Var::Text(text) => (environment::BASE_URL, text),
                Var::Unset => (environment::BASE_URL, DEFAULT_BASE_URL.to_owned()),
                Var::NotUnicode => {
                    problems.add(environment::BASE_URL, "it is not Unicode; expected a URL");
                    return None;
                }
            },
        };
        let base_url = BaseUrl::parse(&text)
            .map_err(|error| {
                problems.add(
                    setting,
                    format_args!("{error}; expected a URL such as {DEFAULT_BASE_URL}"),
                )
            })
            .ok()?;
        if is_live(&base_url) && !allow_live {
            problems.add(
                setting,
                format_args!(
                    "requests to {LIVE_HOST} move real money; set {ALLOW_LIVE}=true to allow them"
                ),
            );
        }
        Some(base_url)
    }
}

/// Of an address that cannot be used it shows why, and not the text: a password may be in it.
impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("base_url", &self.base_url.as_deref().map(BaseUrl::parse))
            .field("allow_live", &self.allow_live)
            .field("retry", &self.retry)
            .field("token_file", &self.token_file)
            .field("store", &self.store)
            .field("key_file", &self.key_file)
            .field("persistence", &self.persistence)
            .field("network", &self.network)
            .finish()
    }
}

fn is_live(base_url: &BaseUrl) -> bool {
    base_url.host().trim_end_matches('.') == LIVE_HOST
}

fn truth(lookup: Lookup<'_>, name: &str, problems: &mut Problems) -> Option<bool> {
    let value = match vars::read(lookup, name) {
        Var::Unset => return None,
        Var::Text(text) => vars::boolean(&text),
        Var::NotUnicode => None,
    };
    if value.is_none() {
        problems.add(name, TRUTH_VALUES);
    }
    value
}

fn read_store(
    chosen: Option<StoreKind>,
    lookup: Lookup<'_>,
    problems: &mut Problems,
) -> Option<StoreKind> {
    let setting = if chosen.is_some() {
        "store"
    } else {
        TOKEN_STORE
    };
    let store = match chosen {
        Some(chosen) => Some(chosen),
        None => store_kind(lookup, problems),
    };
    if !cfg!(feature = "redis") && matches!(store, Some(StoreKind::Redis(_))) {
        problems.add(
            setting,
            "this program is built without Redis (feature redis)",
        );
    }
    store
}

fn store_kind(lookup: Lookup<'_>, problems: &mut Problems) -> Option<StoreKind> {
    let kind = match vars::read(lookup, TOKEN_STORE) {
        Var::Unset => return None,
        // An address may have a password.
        Var::Text(text) => Zeroizing::new(text).trim().parse(),
        Var::NotUnicode => Err(InvalidStore::Unknown),
    };
    kind.map_err(|error| problems.add(TOKEN_STORE, error)).ok()
}

/// W-A32: a user name that is no text would otherwise be taken for a missing one.
fn credentials_are_unicode(lookup: Lookup<'_>, problems: &mut Problems) {
    for name in [environment::USERNAME, environment::PASSWORD] {
        let value = lookup(name).map(|value| Zeroizing::new(value.into_encoded_bytes()));
        if value.is_some_and(|value| std::str::from_utf8(&value).is_err()) {
            problems.add(name, "it is not Unicode; expected a text");
        }
    }
}

pub(super) fn is_blank(path: &OsString) -> bool {
    path.to_str().is_some_and(|text| text.trim().is_empty())
}
