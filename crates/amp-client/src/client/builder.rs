//! How a client is made.

use std::ffi::OsString;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use amp_api::BaseUrl;
use retry::{CallObserver, CircuitBreaker};
use secrecy::SecretString;
use token_core::{Clock, RetryConfig};
use token_manager::{
    AuthorizeLayer, CredentialSource, Origins, SystemClock, TokenEvents, TokenManager,
};
use token_store::{SharedTokenStore, TokenStore};
use transport::Transport;
use url::Url;

use super::source::{Login, Source};
use super::{ApiClient, Inner};
use crate::config::{Config, ConfigBuilder, ConfigError};
use crate::credentials::env_credentials;
use crate::environment::{Environment, Persistence};
use crate::error::Error;
use crate::stack::{self, Patience};
use crate::store::Vars;

/// How long one try of an API call may take: issuing an asset is slow on the server.
const ATTEMPT: Duration = Duration::from_secs(60);

/// How long an API call may take altogether.
const TOTAL: Duration = Duration::from_secs(120);

/// How many requests may be under way at once: as many as the pool keeps connections for (C-45).
const AT_ONCE: usize = 10;

/// Tries that fail in a row until the service is left alone: more than one call makes, so that one
/// call which meets a broken operation does not end the others.
const FAILURES: NonZeroU32 = NonZeroU32::new(10).expect("10 is not 0");

/// For how long it is left alone: the longest pause between two tries.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// Describes an [`ApiClient`]. What is set here comes before what the environment says.
#[must_use]
pub struct ApiClientBuilder {
    settings: ConfigBuilder,
    vars: Vars,
    tokens: Tokens,
    credentials: Option<Arc<dyn CredentialSource>>,
    store: Option<SharedTokenStore>,
    observers: Vec<Arc<dyn TokenEvents>>,
    transport: Option<Transport>,
    clock: Arc<dyn Clock>,
    attempt: Duration,
    total: Duration,
    at_once: usize,
    breaker: CircuitBreaker,
    call_observer: Option<Arc<dyn CallObserver>>,
}

/// Where the tokens come from.
enum Tokens {
    Login,
    Manager(TokenManager),
    Mock(SecretString),
}

impl Default for ApiClientBuilder {
    fn default() -> Self {
        Self {
            settings: Config::builder(),
            vars: Arc::new(|_| None),
            tokens: Tokens::Login,
            credentials: None,
            store: None,
            observers: Vec::new(),
            transport: None,
            clock: Arc::new(SystemClock::default()),
            attempt: ATTEMPT,
            total: TOTAL,
            at_once: AT_ONCE,
            breaker: CircuitBreaker::new(FAILURES, LEFT_ALONE),
            call_observer: None,
        }
    }
}

impl ApiClientBuilder {
    /// Takes settings, credentials and the default place for tokens from these variables where
    /// nothing else is set; the default is no variables at all.
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        self.vars = Arc::new(lookup);
        self
    }

    /// Replaces all settings from code.
    pub fn settings(mut self, settings: ConfigBuilder) -> Self {
        self.settings = settings;
        self
    }

    /// The address of the service; the default is `AMP_API_BASE_URL`, or the test service.
    pub fn base_url(mut self, url: &str) -> Self {
        self.settings = self.settings.base_url(url);
        self
    }

    /// Whether the service may be the one where requests move real money; the default is
    /// `AMP_ALLOW_LIVE`, or no.
    pub fn allow_live(mut self, allow: bool) -> Self {
        self.settings = self.settings.allow_live(allow);
        self
    }

    /// How requests are tried; the default is what the variables say.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.settings = self.settings.retry(retry);
        self
    }

    /// Asks this source at every login; the default is `AMP_USERNAME` and `AMP_PASSWORD`.
    pub fn credentials(mut self, source: impl CredentialSource) -> Self {
        self.credentials = Some(Arc::new(source));
        self
    }

    /// Keeps tokens in this store; the default is a file where the environment asks for one (see
    /// [`Persistence`](crate::Persistence)), and this process alone otherwise.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(SharedTokenStore::new(store));
        self
    }

    /// Tells this observer what happens to the token, beside those added before; the default is
    /// nobody.
    pub fn token_events(mut self, observer: impl TokenEvents) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Takes tokens from this manager instead of logging in. Credentials, store and observers are
    /// its own.
    pub fn token_manager(mut self, tokens: TokenManager) -> Self {
        self.tokens = Tokens::Manager(tokens);
        self
    }

    /// Sends this made-up token instead of logging in; for mock services only.
    pub fn mock_token(mut self, token: impl Into<SecretString>) -> Self {
        self.tokens = Tokens::Mock(token.into());
        self
    }

    /// Sends through this transport, and leaves CA file and proxy to it; the default is one over TLS
    /// with its own connections.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Reads the time from this clock; the default is the machine's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long one try of an API call may take; the default is 60 s.
    pub fn attempt_timeout(mut self, attempt: Duration) -> Self {
        self.attempt = attempt;
        self
    }

    /// How long an API call may take altogether; the default is 120 s.
    pub fn total_timeout(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// How many requests to the API may be under way at once; the default is 10. A call that waits
    /// for its turn, sleeps before its next try or renews a token does not count, and waits no
    /// longer than it may take.
    pub fn concurrency_limit(mut self, at_once: usize) -> Self {
        self.at_once = at_once;
        self
    }

    /// Leaves the API alone by this breaker's rules; the default is 30 s after 10 tries in a row
    /// that failed. Logins and refreshes have their own limits.
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.breaker = breaker;
        self
    }

    /// Tells this observer how each try and each call ended, and when a call, or a login or refresh,
    /// waits for its next try; the default is nobody.
    pub fn call_observer(mut self, observer: impl CallObserver) -> Self {
        self.call_observer = Some(Arc::new(observer));
        self
    }

    /// Removes the token from the file that a client of this description would use, whatever is
    /// said about keeping tokens; where there is none, nothing happens. It is for cleaning up after
    /// tests, so in an environment that is live it does nothing.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and [`Error::Token`] when the file could not be changed.
    pub async fn remove_token_file(mut self) -> Result<(), Error> {
        if Environment::from_vars(&*self.vars) == Environment::Live {
            return Ok(());
        }
        self.settings = self.settings.persistence(Persistence::Wanted);
        self.build().await?.clear_token().await
    }

    /// The client. A stored token is taken over where there is one; the network is not used.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] with everything that is wrong with the settings; [`Error::Token`] when a
    /// token file was asked for that cannot be used at all.
    pub async fn build(self) -> Result<ApiClient, Error> {
        let vars = Arc::clone(&self.vars);
        let config = self.settings.clone().build_with_vars(|name| vars(name))?;
        let url = url_of(config.base_url())?;
        let transport = match self.transport.clone() {
            Some(transport) => transport,
            None => config
                .network()
                .transport(self.attempt.max(config.retry().timeout()))?,
        };
        let patience = Patience {
            retry: config.retry().clone(),
            attempt: self.attempt,
            total: self.total,
            at_once: self.at_once,
            breaker: self.breaker,
            observer: self.call_observer,
            clock: Arc::clone(&self.clock),
        };
        let source = match self.tokens {
            Tokens::Manager(tokens) => Source::shared(tokens),
            Tokens::Mock(token) => Source::mock(&token, &patience)?,
            Tokens::Login => {
                let from_env = env_credentials(move |name: &str| vars(name));
                let login = Login {
                    config: &config,
                    url: &url,
                    transport: transport.clone(),
                    patience: &patience,
                    credentials: self.credentials.unwrap_or_else(|| Arc::new(from_env)),
                    store: self.store,
                    observers: self.observers,
                };
                login.source(Arc::clone(&self.vars)).await?
            }
        };
        source.tokens.load().await;
        let authorize = AuthorizeLayer::new(source.tokens.clone(), Origins::of(&url));
        Ok(ApiClient {
            inner: Arc::new(Inner {
                base_url: config.base_url().clone(),
                stack: stack::api(transport, authorize, &patience),
                tokens: source.tokens,
                strategy: source.strategy,
                persists: source.persists,
                token_file: source.token_file,
                clock: patience.clock,
            }),
        })
    }
}

fn url_of(base_url: &BaseUrl) -> Result<Url, ConfigError> {
    Url::parse(&base_url.to_string()).map_err(|error| ConfigError::one("base URL", error))
}

impl fmt::Debug for ApiClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClientBuilder")
            .field("settings", &self.settings)
            .field("credentials", &self.credentials)
            .field("store", &self.store)
            .field("attempt", &self.attempt)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
