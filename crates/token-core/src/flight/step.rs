//! The steps of a flight, and what they bring.

use std::time::Duration;

use crate::lifecycle::Verdict;
use crate::{ErrorClass, Grant, Now, TokenData, TokenError};

/// What a flight wants done next.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the driver must know every step")]
pub enum Step {
    /// Ask once for the lease.
    Lease,
    /// Somebody else has the lease: wait for a change of the store, or until the lease is tried
    /// again.
    Wait {
        /// The longest wait; a driver may draw a shorter one.
        pause: Duration,
        /// Whether a change of the store ends the wait.
        watch: bool,
    },
    /// Read the store.
    Load,
    /// Renew this token.
    Refresh {
        /// What to renew.
        token: TokenData,
        /// How long it may take.
        within: Duration,
        /// Note in the lease that the refresh token of this generation may be spent.
        mark: Option<u64>,
    },
    /// Log in.
    Login {
        /// How long it may take.
        within: Duration,
    },
    /// Store this token.
    Commit {
        /// The token.
        data: TokenData,
        /// The generation it is based on.
        expected: u64,
    },
    /// Give the lease back.
    Release {
        /// The class of the failure to note for others, if the flight failed.
        failure: Option<ErrorClass>,
        /// The refresh token that the store holds may be spent: the mark of it stays.
        spent: bool,
    },
    /// The flight is over.
    Done(Verdict),
}

/// What the last step brought.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the machine must know every input")]
pub enum Input {
    /// Nothing yet.
    Start,
    /// The store's answer about the lease.
    Lease(LeaseAnswer),
    /// The wait is over.
    Waited {
        /// The store may have changed.
        changed: bool,
    },
    /// What is stored; `None` when the store cannot be read.
    Loaded(Option<Stored>),
    /// The authority's answer to a refresh.
    Refreshed {
        /// The grant, or why there is none.
        result: Result<Grant, TokenError>,
        /// Just before the request was sent.
        asked: Now,
    },
    /// The authority's answer to a login.
    LoggedIn {
        /// The grant, or why there is none.
        result: Result<Grant, TokenError>,
        /// Just before the request was sent.
        asked: Now,
    },
    /// The store's answer to a commit.
    Committed(CommitAnswer),
    /// The lease was given back.
    Released,
}

/// The store's answer about the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "held and unavailable are different on purpose"
)]
pub enum LeaseAnswer {
    /// It is ours.
    Acquired {
        /// The generation whose refresh token an earlier holder may have spent before it died.
        sent: Option<u64>,
        /// An earlier holder failed, and asks others to wait.
        failed: Option<FailedElsewhere>,
    },
    /// Somebody else has it.
    Held {
        /// It failed, and asks others to wait.
        failed: Option<FailedElsewhere>,
    },
    /// The store cannot give leases now: go on alone.
    Unavailable,
}

/// A failure that somebody else noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the two parts are complete by definition"
)]
pub struct FailedElsewhere {
    /// What kind of failure it was.
    pub class: ErrorClass,
    /// How long to wait before another try.
    pub wait: Duration,
}

/// What a store holds.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the two parts are complete by definition"
)]
pub struct Stored {
    /// The token, if any.
    pub data: Option<TokenData>,
    /// Its generation.
    pub generation: u64,
}

/// The store's answer to a commit.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the machine must know every answer"
)]
pub enum CommitAnswer {
    /// It is stored.
    Stored {
        /// Under this generation.
        generation: u64,
    },
    /// Somebody else changed the store first.
    Conflict(Stored),
    /// The store failed.
    Failed,
}
