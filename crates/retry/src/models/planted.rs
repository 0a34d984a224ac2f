//! Bugs on purpose: a model that does not find its bug proves nothing.
//!
//! Each takes the place of a step of the gate or the breaker, in the model check alone and where it
//! is planted.

use std::cell::Cell;

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
}

std::thread_local! {
    /// Each model has its thread, which all threads inside the model share.
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Ends the bug when dropped.
pub(crate) struct Planted(());

pub(super) fn plant(bug: Bug) -> Planted {
    PLANTED.set(Some(bug));
    Planted(())
}

impl Drop for Planted {
    fn drop(&mut self) {
        PLANTED.set(None);
    }
}

pub(crate) fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}
