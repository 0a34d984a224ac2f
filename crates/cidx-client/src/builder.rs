//! How a client is made.

use std::sync::Arc;
use std::time::Duration;

use token_core::{Clock, RefreshPolicy};
use token_manager::{AuthorizeLayer, CredentialSource, JsonLogin, Origins};
use token_manager::{JsonProfile, SystemClock, TokenManager};
use token_store::{MemoryStore, SharedTokenStore, TokenStore};
use transport::Transport;
use url::Url;

use crate::{CidxClient, CidxError, stack};

/// The time for a refresh and a login together. Who waits for another process's flight waits 5 s
/// longer: the 30 s of the seed.
const FLIGHT_BUDGET: Duration = Duration::from_secs(25);

/// Describes a [`CidxClient`].
#[derive(Debug)]
#[must_use]
pub struct CidxClientBuilder {
    server: Result<Url, CidxError>,
    credentials: Arc<dyn CredentialSource>,
    store: SharedTokenStore,
    transport: Option<Transport>,
    clock: Arc<dyn Clock>,
}

impl CidxClientBuilder {
    pub(crate) fn new(base_url: &str, credentials: impl CredentialSource) -> Self {
        Self {
            server: server(base_url),
            credentials: Arc::new(credentials),
            store: SharedTokenStore::new(MemoryStore::new()),
            transport: None,
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// Keeps tokens in this store; the default is this process alone.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = SharedTokenStore::new(store);
        self
    }

    /// Sends through this transport; the default is one over TLS with its own connections.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Reads the time from this clock; the default is the machine's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The client. A stored token is taken over where there is one; the network is not used.
    ///
    /// # Errors
    ///
    /// [`CidxError::Settings`] when the address is no URL of a host and a path alone, or when there
    /// is no cryptography.
    pub async fn build(self) -> Result<CidxClient, CidxError> {
        let (url, profile, clock) = (self.server?, JsonProfile::cidx(), self.clock);
        let own = || {
            Transport::builder()
                .with_user_agent("CIDX-Client/1.0")
                .build()
        };
        let transport = self
            .transport
            .map_or_else(own, Ok)
            .map_err(CidxError::settings)?;
        let stacks = stack::token(&transport, &profile, &clock);
        let login = JsonLogin::new(stacks.login, &url, profile, self.credentials)
            .with_refresh_service(stacks.refresh)
            .with_clock(Arc::clone(&clock));
        let tokens = TokenManager::builder(login)
            .refresh_policy(RefreshPolicy::cidx())
            .flight_budget(FLIGHT_BUDGET)
            // A refused login is not repeated until the credentials change.
            .refusal_hold(Duration::MAX)
            .store(self.store)
            .clock(Arc::clone(&clock))
            .build();
        tokens.load().await;
        let authorize = AuthorizeLayer::new(tokens.clone(), Origins::of(&url));
        Ok(CidxClient {
            base_url: url.as_str().trim_end_matches('/').into(),
            stack: stack::api(transport, authorize, &clock),
            tokens,
        })
    }
}

/// An address is kept only when nothing in it can be a secret, since it is shown.
fn server(address: &str) -> Result<Url, CidxError> {
    let url = Url::parse(address).map_err(CidxError::settings)?;
    if url.as_str() == url.origin().ascii_serialization() + url.path() {
        return Ok(url);
    }
    let reason = "the address is not one of a host and a path alone";
    Err(CidxError::Settings(reason.to_owned()))
}
