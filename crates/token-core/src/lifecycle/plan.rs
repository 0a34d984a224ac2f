//! A flight that a life cycle wants, and how it ended.

use super::{FlightId, Goal, Source};
use crate::{BootInstant, Minted, TokenData, TokenError};

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
    /// [`Lifecycle::clears`](super::Lifecycle::clears) at its start: once that has changed it must
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
