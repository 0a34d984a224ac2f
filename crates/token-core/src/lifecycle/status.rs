//! Where a life stands, for whoever watches it.

use std::fmt;
use std::time::Duration;

use super::{Epoch, FlightId, Lifecycle, State};
use crate::{Freshness, Now, TokenError};

/// Where the life of a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenState {
    /// No token yet, or none any more.
    Empty,
    /// A token that need not be renewed yet.
    Fresh,
    /// A token that is served and renewed in the background.
    Stale,
    /// A token that is not sent any more.
    Expired,
    /// The service rejected the token.
    Rejected,
    /// The manager was closed.
    Closed,
}

impl TokenState {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for TokenState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a life stands at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Standing {
    /// Its state.
    pub state: TokenState,
    /// The number of the token that was published last.
    pub epoch: Epoch,
    /// The generation of the store that was seen last.
    pub generation: u64,
    /// How long ago the token was asked for, if one is held.
    pub age: Option<Duration>,
    /// How long the token is still sent; zero where none is.
    pub remaining: Duration,
    /// The flight under way.
    pub flight: Option<FlightId>,
    /// The error that is remembered until a flight brings a token.
    pub error: Option<TokenError>,
    /// How long no flight starts by itself because of that error; zero: one may start now.
    pub next_attempt_in: Duration,
}

impl Lifecycle {
    /// Where this life stands. Nothing changes by asking: a jump of the wall clock counts here,
    /// and is taken note of with the next event.
    pub fn standing(&self, now: &Now) -> Standing {
        let held = match &self.state {
            State::Held(held) | State::Rejected(held) => Some(held.judged(now)),
            State::Empty | State::Closed { .. } => None,
        };
        let state = match (&self.state, &held) {
            (State::Held(_), Some(held)) => held.freshness(now).into(),
            (State::Rejected(_), _) => TokenState::Rejected,
            (State::Closed { .. }, _) => TokenState::Closed,
            (State::Empty | State::Held(_), _) => TokenState::Empty,
        };
        let sent = held.as_ref().filter(|_| state != TokenState::Rejected);
        Standing {
            state,
            epoch: self.epoch,
            generation: self.generation,
            age: held.as_ref().map(|held| held.age(now)),
            remaining: sent.map_or(Duration::ZERO, |held| held.left(now)),
            flight: self.flight(),
            error: self.last_error().cloned(),
            next_attempt_in: self.spacing.left(now),
        }
    }
}

impl From<Freshness> for TokenState {
    fn from(freshness: Freshness) -> Self {
        match freshness {
            Freshness::Fresh => Self::Fresh,
            Freshness::Stale => Self::Stale,
            Freshness::Expired => Self::Expired,
        }
    }
}

#[cfg(test)]
mod tests;
