//! What happens to a life cycle, and what follows from it.

use std::fmt;
use std::time::Duration;

use crate::{BootInstant, Minted, TokenData, TokenError};

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
    /// Other credentials may fare better than those an error is remembered for.
    CredentialsChanged,
    /// The token is to be forgotten.
    Clear {
        /// Whether the store is known to be empty too. Until it is, what lies there must not come
        /// back.
        store_emptied: bool,
    },
    /// No further flight.
    Close,
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
}

impl Source {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Obtained => "obtained",
            Self::Refreshed => "refreshed",
            Self::Adopted => "adopted",
            Self::Loaded => "loaded",
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

/// A flight to start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FlightPlan {
    /// Its name.
    pub id: FlightId,
    /// What it is for.
    pub goal: Goal,
    /// The token that it renews.
    pub basis: Option<Basis>,
    /// The generation of the store that this manager saw last.
    pub generation: u64,
    /// [`Lifecycle::clears`](super::Lifecycle::clears) at its start: after another clear it must
    /// not store what it brings.
    pub clears: u64,
    /// What the store holds was cleared, but could not be removed: it counts as absent.
    pub discard: bool,
}

/// The token that a flight renews.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Basis {
    /// The record.
    pub data: TokenData,
    /// Whether the service rejected it, so that its text must not come back.
    pub rejected: bool,
    /// From here on it is not sent any more.
    pub dead_at: BootInstant,
    /// The end of its life, which a renewal must move.
    pub ends_at: BootInstant,
    /// Until here it may be used to refresh itself.
    pub refreshable_until: BootInstant,
    /// Whether its refresh token may be spent.
    pub spent: bool,
    /// Whether the store has it.
    pub saved: bool,
}

/// How a flight ended.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the machine must know every verdict"
)]
pub enum Verdict {
    /// With a new token.
    Minted {
        /// The token.
        minted: Minted,
        /// The store's generation of it.
        generation: u64,
        /// Whether the store has it; otherwise it lives in this process alone.
        saved: bool,
        /// How it came.
        source: Source,
    },
    /// With a token that somebody else had stored.
    Adopted {
        /// The token.
        data: TokenData,
        /// The store's generation of it.
        generation: u64,
    },
    /// With a new token after the store was cleared: only its own waiters get it, and the one that
    /// was held is served no more.
    Superseded {
        /// The token.
        minted: Minted,
        /// How it came.
        source: Source,
    },
    /// Without a token.
    Failed {
        /// Why.
        error: TokenError,
        /// Whether the refresh token of its basis may be spent.
        spent: bool,
    },
}
