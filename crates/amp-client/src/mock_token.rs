//! One made-up token for mock services.

use std::time::Duration;

use token_core::flight::Renewal;
use token_core::{AccessToken, Grant, Lifetime, TokenError};
use token_manager::{FlightContext, TokenProvider};

/// Longer than any program runs, so that a mock's token never ends.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Hands out one token, always the same, without any network.
#[derive(Debug)]
pub(crate) struct MockToken(AccessToken);

impl MockToken {
    pub(crate) fn new(token: AccessToken) -> Self {
        Self(token)
    }
}

impl TokenProvider for MockToken {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        Ok(Grant::new(self.0.clone(), Lifetime::Assumed(FOREVER)))
    }

    fn renewal(&self) -> Renewal {
        Renewal::LoginOnly
    }
}
