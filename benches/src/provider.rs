//! A token endpoint that only takes its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use token_core::flight::Renewal;
use token_core::{AccessToken, Grant, Lifetime, TokenData, TokenError};
use token_manager::{FlightContext, TokenProvider};

/// Hands out tokens of 40 hexadecimal digits, as AMP does, each after the same latency, and counts
/// them. A clone is the same provider.
#[derive(Clone, Debug)]
pub struct SlowProvider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    latency: Duration,
    lifetime: Duration,
    requests: AtomicU64,
}

impl SlowProvider {
    /// Answers after `latency` with tokens that live for `lifetime`.
    pub fn new(latency: Duration, lifetime: Duration) -> Self {
        Self(Arc::new(Inner {
            latency,
            lifetime,
            requests: AtomicU64::new(0),
        }))
    }

    /// How many tokens were asked for.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::SeqCst)
    }

    /// The text of the next token, after the latency.
    pub async fn next_text(&self) -> String {
        let number = self.0.requests.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(self.0.latency).await;
        format!("{number:040x}")
    }

    async fn grant(&self) -> Grant {
        let token = AccessToken::new(self.next_text().await).expect("digits make a token");
        Grant::new(token, Lifetime::Stated(self.0.lifetime))
    }
}

impl TokenProvider for SlowProvider {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        Ok(self.grant().await)
    }

    async fn refresh(&self, _: &TokenData, _: &FlightContext) -> Result<Grant, TokenError> {
        Ok(self.grant().await)
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}
