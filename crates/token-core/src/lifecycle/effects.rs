//! What follows from what happened to a life cycle.

use std::fmt;

use super::{Epoch, FlightId, FlightPlan, Goal};
use crate::{BootInstant, TokenData, TokenError};

/// What follows from an event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effects {
    /// The answer to whoever caused the event.
    pub answer: Answer,
    /// A flight to start.
    pub start: Option<FlightPlan>,
    /// What the snapshot becomes.
    pub publish: Publish,
    /// Who is told what.
    pub settled: Option<Settled>,
    /// A token that no store has, to be stored before all ends.
    pub unsaved: Option<Unsaved>,
}

impl Effects {
    pub(super) fn answer(answer: Answer) -> Self {
        Self {
            answer,
            start: None,
            publish: Publish::Keep,
            settled: None,
            unsaved: None,
        }
    }

    pub(super) fn settle(flight: FlightId, result: Result<Live, TokenError>) -> Self {
        let settled = Settled {
            flight,
            result: Some(result),
        };
        Self {
            settled: Some(settled),
            ..Self::answer(Answer::Nothing)
        }
    }

    pub(super) fn ask_again(flight: FlightId) -> Self {
        let settled = Settled {
            flight,
            result: None,
        };
        Self {
            settled: Some(settled),
            ..Self::answer(Answer::Nothing)
        }
    }
}

/// The answer to whoever asked.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the driver must act on every answer"
)]
pub enum Answer {
    /// Nothing to say; for whoever asked without being able to wait, there is no token.
    Nothing,
    /// Take this token.
    Serve(Live),
    /// Wait for this flight.
    Wait {
        /// Which one.
        flight: FlightId,
        /// What it was started for, which may be less than what whoever waits asked for.
        goal: Goal,
        /// Whether its result is for those who came earlier only: ask again after its end.
        ask_again: bool,
    },
    /// There is no token, and why.
    Fail(TokenError),
}

/// What the snapshot becomes.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the driver must act on every case")]
pub enum Publish {
    /// It stays.
    Keep,
    /// This token is served from now on.
    Replace(Live),
    /// Nothing is served from it.
    Withdraw,
}

/// The waiters of a flight hear of its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settled {
    /// Which flight.
    pub flight: FlightId,
    /// What it brought; `None`: nothing, ask again.
    pub result: Option<Result<Live, TokenError>>,
}

/// A token that the store did not take.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unsaved {
    /// The record.
    pub data: TokenData,
    /// The generation of the store that was seen last.
    pub generation: u64,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A login.
    Obtained,
    /// A refresh.
    Refreshed,
    /// The store, where a flight found what somebody else had put.
    Adopted,
    /// The store, read outside a flight.
    Loaded,
    /// The answer to another request, as to a changed password.
    Installed,
}

impl Source {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Obtained => "obtained",
            Self::Refreshed => "refreshed",
            Self::Adopted => "adopted",
            Self::Loaded => "loaded",
            Self::Installed => "installed",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A token with the moments that matter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Live {
    /// Its number in this manager; [`Epoch::ZERO`] for a token that only its own waiters get, so
    /// that its rejection does not hit the published one.
    pub epoch: Epoch,
    /// The record.
    pub data: TokenData,
    /// From here on it is renewed in the background.
    pub refresh_at: BootInstant,
    /// From here on it is not sent any more.
    pub dead_at: BootInstant,
    /// For a loaded record, which is judged by the wall clock: where that clock stood, as a
    /// reading of both. A minted one is judged by the boot clock alone.
    pub judged_at: Option<crate::Now>,
    /// Where it came from.
    pub source: Source,
    /// Whether the store has it; otherwise it lives in this process alone.
    pub saved: bool,
}
