//! Which bug is planted in the model that runs. Each crate has its own bugs, and includes this below
//! them.

use std::cell::Cell;

use super::Bug;

std::thread_local! {
    /// Each model has its thread, which all threads inside the model share.
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Ends the bug when dropped.
pub(crate) struct Planted(());

pub(crate) fn plant(bug: Bug) -> Planted {
    PLANTED.set(Some(bug));
    Planted(())
}

impl Drop for Planted {
    fn drop(&mut self) {
        PLANTED.set(None);
    }
}

pub(crate) fn planted() -> Option<Bug> {
    PLANTED.get()
}

pub(crate) fn is_planted(bug: Bug) -> bool {
    planted() == Some(bug)
}
