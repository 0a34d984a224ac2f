//! What happens to a life cycle.

use std::fmt;
use std::time::Duration;

use super::Verdict;
use crate::{Minted, TokenData};

/// The number of a published token in its manager: one higher with each publish, from any source.
/// Requests are stamped with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// Nothing was published yet; also the number of a token that never is.
    pub const ZERO: Self = Self(0);

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a flight in its manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(u64);

impl FlightId {
    pub(super) const FIRST: Self = Self(1);

    /// Its number: the flights of a manager are counted from 1.
    pub const fn number(self) -> u64 {
        self.0
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for FlightId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the machine must know every event")]
pub enum Event {
    /// Somebody needs a token that stays valid for at least this long.
    Get {
        /// How long the token must stay sendable.
        validity: Duration,
        /// Whether whoever asks can start a flight; outside a runtime it cannot.
        may_start: bool,
    },
    /// Somebody asks for a renewal whatever the age of the token.
    Force(Goal),
    /// The service rejected a request that carried the token of this epoch.
    Reject {
        /// The epoch that was stamped on the request.
        epoch: Epoch,
        /// Whether the service had accepted the same token before.
        accepted: bool,
    },
    /// A flight ended.
    FlightEnded {
        /// Which one.
        id: FlightId,
        /// With what.
        verdict: Verdict,
        /// A random number in `0.0..1.0`: the jitter of the new token, or of the next try.
        draw: f64,
    },
    /// The task of a flight is gone without a verdict.
    FlightLost(FlightId),
    /// The store was read outside a flight.
    Observed {
        /// What it holds.
        data: TokenData,
        /// Its generation.
        generation: u64,
        /// [`Lifecycle::clears`](super::Lifecycle::clears) from before the store was read.
        clears: u64,
        /// A random number in `0.0..1.0`: the jitter of the token.
        draw: f64,
    },
    /// The authority handed out a token outside of any flight, and the one that is held counts as
    /// dead.
    Installed {
        /// The token.
        minted: Minted,
        /// A random number in `0.0..1.0`: the jitter of the token.
        draw: f64,
    },
    /// The store took the token of this epoch outside a flight.
    Stored {
        /// The number of the token.
        epoch: Epoch,
        /// The store's generation of it.
        generation: u64,
    },
    /// Other credentials may fare better than those an error is remembered for.
    CredentialsChanged,
    /// The token is to be forgotten.
    Clear {
        /// Whether the store is known to be empty too. Until it is, what lies there must not come
        /// back.
        store_emptied: bool,
    },
    /// No further flight. What no store has yet is handed over, as often as it is asked for.
    Close,
    /// What the close handed over is stored, or will never be.
    Flushed,
}

/// What a flight is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a flight must know every goal")]
pub enum Goal {
    /// A usable token, by whatever way is cheapest.
    Renew,
    /// A refreshed token, whatever its age; a login where it cannot be refreshed.
    Refresh,
    /// A token from a login.
    Login,
}

impl Goal {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Refresh => "refresh",
            Self::Login => "login",
        }
    }
}
