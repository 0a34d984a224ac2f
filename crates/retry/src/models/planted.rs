//! Bugs on purpose: a model that does not find its bug proves nothing.
//!
//! Each takes the place of a step of the gate or the breaker, in the model check alone and where it
//! is planted.

#[path = "../../../../tests/models/plant.rs"]
mod plant;

pub(crate) use plant::{is_planted, plant};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Whether the turn is free is asked under the lock, and it is taken under it a second time.
    AskThenTake,
    /// A request that is dropped keeps its turn.
    KeepTurn,
    /// A verdict counts whatever happened since its request was let through.
    CountStale,
    /// Who has to wait takes a place in the queue when the lock was given back already.
    QueueLate,
    /// Who passed the gate is sent, whatever happened since.
    LookOnce,
}
