//! The verdict of a layer that ended a call itself.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::{Classify, Failure, Ledger, Outcome, Sent};

/// Why a layer ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// The call's total time was over.
    Deadline(Duration),
    /// The service asked for a longer wait than the call can afford.
    RateLimited,
    /// The service asked for a pause while the request waited for its turn; nothing was sent. The
    /// retry layer takes it back to the gate.
    Paused,
    /// The service keeps failing, so it was not asked.
    CircuitOpen,
    /// All connections stayed busy for too long.
    Saturated,
    /// One try took longer than it may; the server may have processed it.
    AttemptTimeout(Duration),
}

/// A call that a layer ended itself, without or before a further send.
///
/// The request of the call may still have been sent earlier: [`ledger`](Self::ledger) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    reason: StopReason,
    retry_at: Option<SystemTime>,
    retry_after: Option<Duration>,
    ledger: Ledger,
}

impl Stopped {
    /// A verdict with what the call did until then.
    pub const fn new(reason: StopReason, ledger: Ledger) -> Self {
        Self {
            reason,
            retry_at: None,
            retry_after: None,
            ledger,
        }
    }

    /// Adds the earliest moment at which another call makes sense, and its distance.
    #[must_use]
    pub const fn with_retry_at(mut self, at: SystemTime, after: Duration) -> Self {
        self.retry_at = Some(at);
        self.retry_after = Some(after);
        self
    }

    /// Why the call ended.
    pub const fn reason(&self) -> StopReason {
        self.reason
    }

    /// The earliest moment at which another call makes sense, if the service named one.
    pub const fn retry_at(&self) -> Option<SystemTime> {
        self.retry_at
    }

    /// How long that was from the moment of the verdict.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What the call did before it ended.
    pub const fn ledger(&self) -> Ledger {
        self.ledger
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            StopReason::Deadline(limit) | StopReason::AttemptTimeout(limit) => {
                write!(f, "Request timeout after {} seconds", limit.as_secs_f64())
            }
            StopReason::RateLimited | StopReason::Paused => {
                let wait = self.retry_after.unwrap_or_default();
                write!(
                    f,
                    "Rate limited: retry after {} seconds",
                    whole_seconds(wait)
                )
            }
            StopReason::CircuitOpen => f.write_str("The service keeps failing; it was not asked"),
            StopReason::Saturated => f.write_str("All connections stayed busy for too long"),
        }
    }
}

impl std::error::Error for Stopped {}

impl Classify for Stopped {
    /// A try that took too long may fare better when it is repeated; all other verdicts end the
    /// call.
    fn outcome(&self) -> Outcome {
        match self.reason {
            StopReason::AttemptTimeout(_) => Outcome::Failed {
                sent: Sent::Maybe,
                failure: Failure::Timeout,
            },
            StopReason::Deadline(_)
            | StopReason::RateLimited
            | StopReason::Paused
            | StopReason::CircuitOpen
            | StopReason::Saturated => Outcome::Stopped,
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        Some(*self)
    }
}

/// Whole seconds that are never too early: 1.2 s are 2.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn a_try_that_took_too_long_counts_as_maybe_sent_and_a_call_that_did_is_over() {
        let attempt = StopReason::AttemptTimeout(Duration::from_secs(10));
        let attempt = Stopped::new(attempt, Ledger::default());
        assert_eq!(attempt.to_string(), "Request timeout after 10 seconds");
        let expected = Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Timeout,
        };
        assert_eq!(attempt.outcome(), expected);
        let boxed: Box<dyn std::error::Error + Send + Sync> = attempt.into();
        assert_eq!(boxed.outcome(), expected);

        let call = StopReason::Deadline(Duration::from_millis(1500));
        let call = Stopped::new(call, Ledger::default());
        assert_eq!(call.to_string(), "Request timeout after 1.5 seconds");
        assert_eq!(call.outcome(), Outcome::Stopped);
    }
}
