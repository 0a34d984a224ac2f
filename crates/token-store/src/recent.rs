//! The operations that were made last.

use std::collections::VecDeque;

use crate::{Committed, Generation, OpId};

/// How many operations are remembered: more than the attempts that one flight makes.
const REMEMBERED: usize = 16;

/// Remembers the answers of the last operations, so that asking again is not a second one.
#[derive(Debug, Default)]
pub(crate) struct RecentOps(VecDeque<Done>);

/// What an operation was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) op_id: OpId,
    pub(crate) generation: Generation,
    pub(crate) durable: bool,
}

impl From<Done> for Committed {
    fn from(done: Done) -> Self {
        Self::Stored {
            generation: done.generation,
            durable: done.durable,
        }
    }
}

impl RecentOps {
    pub(crate) fn find(&self, op_id: OpId) -> Option<Done> {
        self.0.iter().find(|done| done.op_id == op_id).copied()
    }

    pub(crate) fn remember(&mut self, done: Done) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sixteen_operations_are_remembered() {
        let mut recent = RecentOps::default();
        let done = |name: u64| Done {
            op_id: OpId::new(u128::from(name)),
            generation: Generation::new(name),
            durable: true,
        };
        (1..=17).for_each(|name| recent.remember(done(name)));
        assert_eq!(recent.find(OpId::new(1)), None);
        for name in 2..=17 {
            assert_eq!(recent.find(OpId::new(u128::from(name))), Some(done(name)));
        }
    }
}
