//! What a client repeats and how patient it is.

use std::time::Duration;

use token_core::{Backoff, Idempotency, RetryConfig};

use crate::RetryBudget;

/// What a client repeats, how often, and how long it is ready to wait.
///
/// ```
/// use retry::{RetryBudget, RetryPolicy};
/// use token_core::RetryConfig;
///
/// let policy = RetryPolicy::new(&RetryConfig::default()).with_budget(RetryBudget::default());
/// ```
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) server_errors: ServerErrors,
    pub(crate) longest_wait: Duration,
    pub(crate) default_retry_after: Duration,
    pub(crate) assumed_class: Idempotency,
    pub(crate) budget: Option<RetryBudget>,
}

impl RetryPolicy {
    /// The attempts and pauses of `config`; everything else has its default.
    pub fn new(config: &RetryConfig) -> Self {
        Self {
            max_attempts: config.max_attempts(),
            backoff: config.backoff(),
            server_errors: ServerErrors::Temporary,
            longest_wait: Duration::from_secs(60),
            default_retry_after: Duration::from_secs(1),
            assumed_class: Idempotency::OnlyIfUnprocessed,
            budget: None,
        }
    }

    /// Draws pauses from zero to the delay instead of from a range above the base delay (X-04).
    #[must_use]
    pub fn with_full_jitter(mut self) -> Self {
        self.backoff = self.backoff.with_full_jitter();
        self
    }

    /// Which answers of the 500 range are repeated; the default is [`ServerErrors::Temporary`].
    #[must_use]
    pub fn with_server_errors(mut self, server_errors: ServerErrors) -> Self {
        self.server_errors = server_errors;
        self
    }

    /// The longest `Retry-After` that is waited for; a longer one ends the call at once. The
    /// default is 60 s (X-22).
    #[must_use]
    pub fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = longest_wait;
        self
    }

    /// The least wait after a 429 that names none; the default is 1 s, the seeds' was 60 s (X-23).
    #[must_use]
    pub fn with_default_retry_after(mut self, default_retry_after: Duration) -> Self {
        self.default_retry_after = default_retry_after;
        self
    }

    /// The class of requests that carry no `CallContext`; the default is
    /// [`Idempotency::OnlyIfUnprocessed`].
    #[must_use]
    pub fn with_assumed_class(mut self, assumed_class: Idempotency) -> Self {
        self.assumed_class = assumed_class;
        self
    }

    /// Bounds the repetitions of all calls together, but those after a 429 that names its time; the
    /// default is no such bound.
    #[must_use]
    pub fn with_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = Some(budget);
        self
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new(&RetryConfig::default())
    }
}

/// Which answers of the 500 range are repeated, for operations that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerErrors {
    /// 502, 503 and 504: another try may meet a server that works (X-24).
    Temporary,
    /// All of them, as the seeds do at the token endpoint (A-58).
    All,
}

impl ServerErrors {
    pub(crate) const fn covers(self, status: u16) -> bool {
        match self {
            Self::Temporary => matches!(status, 502..=504),
            Self::All => matches!(status, 500..=599),
        }
    }
}
