//! The kinds of events.

use std::fmt;
use std::time::Duration;

use token_core::TokenError;
use token_core::lifecycle::{Epoch, FlightId, Goal, Source};
use token_store::StoreErrorKind;

/// What happened in a manager. Durations are measured on the clock that counts suspends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenEvent {
    /// A flight started: one renewal for all who wait, or behind those who are served.
    #[non_exhaustive]
    FlightStarted {
        /// Its number.
        flight: FlightId,
        /// What it is for.
        goal: Goal,
        /// Why it started.
        reason: FlightReason,
    },
    /// The refresh brought no usable token, so the same flight logs in.
    #[non_exhaustive]
    FellBack {
        /// The flight.
        flight: FlightId,
        /// Why the refresh failed; `None` when it brought a token that could not be used.
        error: Option<TokenError>,
    },
    /// A flight brought a token, and it was published.
    #[non_exhaustive]
    Obtained {
        /// The flight.
        flight: FlightId,
        /// The number of the token.
        epoch: Epoch,
        /// The store's number of it, or of what the store had before where it was not saved.
        generation: u64,
        /// Where it came from.
        source: Source,
        /// How long it lives, counted from when it was asked for.
        lifetime: Duration,
        /// How long it will be sent from now on.
        remaining: Duration,
        /// Whether the store has it.
        saved: bool,
        /// How many callers waited for the flight.
        callers: usize,
        /// How long the flight took.
        elapsed: Duration,
    },
    /// A flight ended without a token, and all who waited for it hear the error.
    #[non_exhaustive]
    Failed {
        /// The flight.
        flight: FlightId,
        /// Why; it tells its class and, where it is known, how often the authority was asked.
        error: TokenError,
        /// Whether callers are still served from the token that was to be renewed.
        served: bool,
        /// How many callers waited for the flight.
        callers: usize,
        /// How long the flight took.
        elapsed: Duration,
        /// How long no other flight starts by itself.
        next_attempt_in: Duration,
    },
    /// A flight ended, and what it brought, if anything, was not published.
    #[non_exhaustive]
    FlightDiscarded {
        /// The flight.
        flight: FlightId,
        /// Why.
        why: Discarded,
        /// How many callers waited for the flight.
        callers: usize,
        /// How long the flight took.
        elapsed: Duration,
    },
    /// A stored token was taken over outside a flight.
    #[non_exhaustive]
    Loaded {
        /// The number of the token.
        epoch: Epoch,
        /// How long it lives in all.
        lifetime: Duration,
        /// How long it will be sent from now on.
        remaining: Duration,
    },
    /// A token came as the answer to another request, as to a changed password, and was published.
    #[non_exhaustive]
    Installed {
        /// The number of the token.
        epoch: Epoch,
        /// How long it lives, counted from when it was asked for.
        lifetime: Duration,
        /// How long it will be sent from now on.
        remaining: Duration,
    },
    /// The service rejected the token. Later rejections of the same token are no event, but for
    /// one that was just issued, which is rejected with each request that carries it.
    #[non_exhaustive]
    Rejected {
        /// The number of the token.
        epoch: Epoch,
        /// Whether it was just issued, and never accepted or the second of its kind: then the
        /// rejection is handed to the caller, and no other token is asked for.
        just_issued: bool,
    },
    /// A request was sent again, with another token than the one that was rejected.
    #[non_exhaustive]
    Replayed {
        /// The number of the rejected token.
        rejected: Epoch,
        /// The number of the token that the replay carries.
        with: Epoch,
    },
    /// The wall clock had jumped, and the token, which came from the store, was judged again.
    #[non_exhaustive]
    ClockJumped {
        /// The number of the token.
        epoch: Epoch,
        /// How long it will be sent from now on.
        remaining: Duration,
    },
    /// The store failed; the manager goes on with what it has in memory.
    #[non_exhaustive]
    StoreFailed {
        /// What was asked of the store.
        step: StoreStep,
        /// What kind of failure it was.
        kind: StoreErrorKind,
    },
    /// The token was forgotten on demand.
    #[non_exhaustive]
    Cleared {
        /// Whether the store forgot it too.
        stored: bool,
    },
    /// The manager was closed.
    Closed,
}

impl TokenEvent {
    /// Its name in lower case, such as `flight_started`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FlightStarted { .. } => "flight_started",
            Self::FellBack { .. } => "fell_back",
            Self::Obtained { .. } => "obtained",
            Self::Failed { .. } => "failed",
            Self::FlightDiscarded { .. } => "flight_discarded",
            Self::Loaded { .. } => "loaded",
            Self::Installed { .. } => "installed",
            Self::Rejected { .. } => "rejected",
            Self::Replayed { .. } => "replayed",
            Self::ClockJumped { .. } => "clock_jumped",
            Self::StoreFailed { .. } => "store_failed",
            Self::Cleared { .. } => "cleared",
            Self::Closed => "closed",
        }
    }
}

/// Why a flight started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlightReason {
    /// There was no token.
    Missing,
    /// The token is in its refresh window.
    Stale,
    /// The token is not sent any more.
    Expired,
    /// The token is shorter than a request needs.
    TooShort,
    /// The service rejected the token.
    Rejected,
    /// Somebody asked for a renewal.
    Forced,
}

impl FlightReason {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::TooShort => "too_short",
            Self::Rejected => "rejected",
            Self::Forced => "forced",
        }
    }
}

/// Why nothing of a flight was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Discarded {
    /// The token was cleared, or the manager closed, meanwhile, and those who waited before that get
    /// what the flight brought; or another token was installed, and they get that one.
    Superseded,
    /// It brought the very text that the service rejected meanwhile; who waited asks again.
    Rejected,
    /// Its task is gone, as with its runtime; who waited asks again.
    Lost,
}

impl Discarded {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Lost => "lost",
        }
    }
}

/// What was asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreStep {
    /// The right to renew; the flight goes on alone.
    Lease,
    /// The stored token.
    Load,
    /// A note that a refresh token is about to be spent.
    Mark,
    /// To keep the new token; it lives in this process alone.
    Commit,
    /// To take the right to renew back.
    Release,
    /// To forget the token.
    Clear,
}

impl StoreStep {
    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Load => "load",
            Self::Mark => "mark",
            Self::Commit => "commit",
            Self::Release => "release",
            Self::Clear => "clear",
        }
    }
}

macro_rules! display_by_name {
    ($($kind:ty),*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}

display_by_name!(TokenEvent, FlightReason, Discarded, StoreStep);
