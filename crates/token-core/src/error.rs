//! Why there is no token, and what can be done about it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::stopped::whole_seconds;
use crate::{Classify, Outcome, Sent};

/// Why there is no token. Waiters share it, so it is cheap to clone.
///
/// The texts of the first seven are the seed's. No text holds a credential, a token or a
/// body of the token endpoint.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The authority did not renew the token, and no login followed.
    #[error("Token refresh failed: {}", .0.reason())]
    RefreshFailed(#[source] TokenFailure),
    /// The authority did not hand out a token.
    #[error("Token obtain failed after {} attempts: {}", .0.attempts(), .0.reason())]
    ObtainFailed(#[source] TokenFailure),
    /// The authority asks for a longer wait than the call can afford.
    #[error("Rate limited: retry after {} seconds", .0.seconds())]
    RateLimited(RateLimited),
    /// No answer in time.
    #[error("Request timeout after {} seconds", .0.as_secs_f64())]
    Timeout(Duration),
    /// The answer of the authority could not be read.
    #[error("Serialization error: {}", .0.reason())]
    Serialization(#[source] TokenFailure),
    /// The store failed.
    #[error("Token storage error: {}", .0.reason())]
    Storage(#[source] TokenFailure),
    /// The token that came cannot be used.
    #[error("Token validation error: {}", .0.reason())]
    Validation(#[source] TokenFailure),
    /// Credentials or settings are missing or wrong; the text names them.
    #[error("Configuration error: {}", .0.reason())]
    Configuration(#[source] TokenFailure),
    /// The manager was closed.
    #[error("The token manager is closed")]
    Closed,
}

impl TokenError {
    /// What the caller can do about it: wait, ask a person, or give up.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::RefreshFailed(failure)
            | Self::ObtainFailed(failure)
            | Self::Serialization(failure)
            | Self::Storage(failure)
            | Self::Validation(failure)
            | Self::Configuration(failure) => failure.class(),
            Self::RateLimited(limit) => ErrorClass::Throttled(limit.wait()),
            Self::Timeout(_) => ErrorClass::Transient,
            Self::Closed => ErrorClass::Terminal,
        }
    }

    /// How often the authority was asked, where the error knows; 0 where it does not.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::RefreshFailed(failure)
            | Self::ObtainFailed(failure)
            | Self::Serialization(failure)
            | Self::Storage(failure)
            | Self::Validation(failure)
            | Self::Configuration(failure) => failure.attempts(),
            Self::RateLimited(_) | Self::Timeout(_) | Self::Closed => 0,
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.class(),
            ErrorClass::Transient | ErrorClass::Throttled(_)
        )
    }

    /// The same error for somebody who hears of it later: a limit counts from now.
    #[must_use]
    pub(crate) fn with_wait_left(&self, left: Duration) -> Self {
        match self.clone() {
            Self::RateLimited(_) => Self::RateLimited(RateLimited::new(left)),
            Self::ObtainFailed(failure) => Self::ObtainFailed(failure.with_wait_left(left)),
            Self::RefreshFailed(failure) => Self::RefreshFailed(failure.with_wait_left(left)),
            other => other,
        }
    }

    /// Whether the request that failed may have reached the authority.
    pub fn sent(&self) -> Sent {
        match self {
            Self::RefreshFailed(failure)
            | Self::ObtainFailed(failure)
            | Self::Serialization(failure)
            | Self::Storage(failure)
            | Self::Validation(failure) => failure.sent(),
            Self::RateLimited(_) => Sent::Yes,
            Self::Timeout(_) => Sent::Maybe,
            Self::Configuration(_) | Self::Closed => Sent::No,
        }
    }

    /// The wait that the authority asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.class() {
            ErrorClass::Throttled(wait) => Some(wait),
            ErrorClass::Transient | ErrorClass::Refused | ErrorClass::Terminal => None,
        }
    }
}

impl Classify for TokenError {
    /// A flight has its own retries, so a caller's retry layer must not add to them.
    fn outcome(&self) -> Outcome {
        Outcome::Stopped
    }
}

/// What can be done about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever reacts must react to every class"
)]
pub enum ErrorClass {
    /// May work later.
    Transient,
    /// Told to wait this long, counted from the error's making.
    Throttled(Duration),
    /// The authority does not accept the credentials: a person has to act.
    Refused,
    /// Will not work without a change.
    Terminal,
}

impl ErrorClass {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Throttled(_) => "throttled",
            Self::Refused => "refused",
            Self::Terminal => "terminal",
        }
    }
}

/// The details of a failure: a reason in words, its class, and its cause.
#[derive(Clone)]
pub struct TokenFailure {
    attempts: u32,
    reason: Cow<'static, str>,
    class: ErrorClass,
    sent: Sent,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl TokenFailure {
    /// A failure with its reason, which must not hold a secret, and its class.
    pub fn new(class: ErrorClass, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            attempts: 0,
            reason: reason.into(),
            class,
            sent: Sent::Maybe,
            source: None,
        }
    }

    /// Adds how often the authority was asked.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Adds whether the request reached the authority; unless told, it may have.
    #[must_use]
    pub fn with_sent(mut self, sent: Sent) -> Self {
        self.sent = sent;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    fn with_wait_left(mut self, left: Duration) -> Self {
        if let ErrorClass::Throttled(wait) = &mut self.class {
            *wait = left;
        }
        self
    }

    /// How often the authority was asked; the first time counts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The reason in words.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What can be done about it.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// Whether the request may have reached the authority.
    pub fn sent(&self) -> Sent {
        self.sent
    }
}

impl fmt::Debug for TokenFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFailure")
            .field("attempts", &self.attempts)
            .field("reason", &self.reason)
            .field("class", &self.class)
            .field("sent", &self.sent)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TokenFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for TokenFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// How long the authority asked to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimited {
    wait: Duration,
}

impl RateLimited {
    /// A limit that ends after `wait`.
    pub const fn new(wait: Duration) -> Self {
        Self { wait }
    }

    /// The wait, counted from the error's making.
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// The wait in whole seconds, rounded up.
    pub fn seconds(&self) -> u64 {
        whole_seconds(self.wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> TokenFailure {
        TokenFailure::new(ErrorClass::Transient, "X").with_attempts(3)
    }

    //
    #[test]
    fn the_texts_are_those_of_the_seed() {
        let limit = RateLimited::new(Duration::from_millis(11_200));
        let cases = [
            (
                TokenError::RefreshFailed(failure()),
                "Token refresh failed: X",
            ),
            (
                TokenError::ObtainFailed(failure()),
                "Token obtain failed after 3 attempts: X",
            ),
            (
                TokenError::RateLimited(limit),
                "Rate limited: retry after 12 seconds",
            ),
            (
                TokenError::Timeout(Duration::from_secs(10)),
                "Request timeout after 10 seconds",
            ),
            (
                TokenError::Serialization(failure()),
                "Serialization error: X",
            ),
            (TokenError::Storage(failure()), "Token storage error: X"),
            (
                TokenError::Validation(failure()),
                "Token validation error: X",
            ),
        ];
        for (error, text) in cases {
            assert_eq!(error.to_string(), text);
        }
    }

    // with the class taken from the source, ObtainFailed after a 503 is transient too.
    #[test]
    fn the_class_comes_from_the_source_and_only_limits_carry_a_wait() {
        let refused = TokenFailure::new(ErrorClass::Refused, "X");
        assert!(TokenError::ObtainFailed(failure()).is_transient());
        assert!(!TokenError::ObtainFailed(refused).is_transient());
        assert!(TokenError::Timeout(Duration::from_secs(1)).is_transient());
        assert!(!TokenError::Closed.is_transient());
        let limit = TokenError::RateLimited(RateLimited::new(Duration::from_secs(7)));
        assert_eq!(limit.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!((limit.class().name(), limit.attempts()), ("throttled", 0));
        assert_eq!(TokenError::RefreshFailed(failure()).attempts(), 3);
        assert_eq!(TokenError::RefreshFailed(failure()).retry_after(), None);
    }
}
