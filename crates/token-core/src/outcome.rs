//! What came of one try, in the words that layers of different crates share.

use std::time::Duration;

use crate::{Stopped, TokenError};

/// What is known about the bytes of a request that brought no complete answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three cases are complete by definition"
)]
pub enum Sent {
    /// Not one byte reached the server.
    No,
    /// The server may have read and processed the request.
    Maybe,
    /// The server began to answer, so it did read the request.
    Yes,
}

/// Why a try brought no complete answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the retry decision must know every kind"
)]
pub enum Failure {
    /// The host's name has no address.
    Resolve,
    /// No connection: refused, unreachable, or not made in time.
    Connect,
    /// TLS failed, as with a certificate that nobody we trust has signed.
    Tls,
    /// The try took longer than it may.
    Timeout,
    /// The connection ended or broke before the answer was complete.
    Interrupted,
    /// The answer was larger than allowed.
    TooLarge,
    /// What came was not HTTP.
    Protocol,
    /// The client refused to send: the request or the configuration is wrong.
    Rejected,
    /// Nothing more is known.
    Other,
}

impl Failure {
    /// Whether the same request may fare better later.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Resolve | Self::Connect | Self::Timeout | Self::Interrupted | Self::Other
        )
    }
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every layer must decide about every outcome"
)]
pub enum Outcome {
    /// The server answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The wait that the answer asked for, counted from its arrival.
        retry_after: Option<Duration>,
    },
    /// No complete answer came.
    Failed {
        /// Whether the server may have seen the request.
        sent: Sent,
        /// What went wrong.
        failure: Failure,
    },
    /// The client itself ended the call; trying again at this level is pointless.
    Stopped,
}

impl Outcome {
    /// Whether the server certainly did not act on the request.
    pub const fn is_unprocessed(&self) -> bool {
        match self {
            Self::Answered { status, .. } => *status == 429,
            Self::Failed { sent, .. } => matches!(sent, Sent::No),
            Self::Stopped => true,
        }
    }
}

/// Tells what an error means to whoever decides about another try. Each crate implements it for
/// its own error, so that no layer has to know another crate's types.
pub trait Classify {
    /// What came of the try that ended with this error.
    fn outcome(&self) -> Outcome;

    /// The verdict of the layer that ended the call, if one did.
    fn stopped(&self) -> Option<Stopped> {
        None
    }
}

/// An unknown error may hide a request that was processed, so it counts as such.
impl Classify for Box<dyn std::error::Error + Send + Sync> {
    fn outcome(&self) -> Outcome {
        if let Some(stopped) = self.downcast_ref::<Stopped>() {
            return stopped.outcome();
        }
        if let Some(error) = self.downcast_ref::<TokenError>() {
            return error.outcome();
        }
        Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Other,
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        self.downcast_ref::<Stopped>().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn only_unsent_and_throttled_requests_are_certainly_unprocessed() {
        let answered = |status| Outcome::Answered {
            status,
            retry_after: None,
        };
        let failed = |sent| Outcome::Failed {
            sent,
            failure: Failure::Interrupted,
        };
        assert!(answered(429).is_unprocessed());
        assert!(failed(Sent::No).is_unprocessed());
        for outcome in [
            answered(503),
            answered(408),
            answered(200),
            failed(Sent::Maybe),
            failed(Sent::Yes),
        ] {
            assert!(!outcome.is_unprocessed(), "{outcome:?}");
        }
    }

    #[test]
    fn a_boxed_unknown_error_counts_as_maybe_sent() {
        let error: Box<dyn std::error::Error + Send + Sync> = "boom".into();
        let expected = Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Other,
        };
        assert_eq!(error.outcome(), expected);
    }
}
