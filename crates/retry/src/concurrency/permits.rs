//! Permits and the queue for them, as a value.

use std::collections::VecDeque;
use std::task::Waker;

/// Permits that are free, and who waits, in the order of arrival. As many of the first in the queue
/// as there are free permits may take theirs; whoever comes later finds only what they leave.
#[derive(Debug)]
pub(crate) struct Permits {
    free: usize,
    queue: VecDeque<(u64, Waker)>,
    numbers: u64,
}

impl Permits {
    pub(crate) const fn new(free: usize) -> Self {
        Self {
            free,
            queue: VecDeque::new(),
            numbers: 0,
        }
    }

    /// Takes a permit that nobody waits for.
    pub(crate) fn take_spare(&mut self) -> bool {
        let spare = self.free > self.queue.len();
        self.free -= usize::from(spare);
        spare
    }

    /// A number for the queue, never used before.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Takes the permit of whoever has this number, if it is their turn; else they wait, behind all
    /// who came before, and are woken when it is.
    pub(crate) fn take(&mut self, number: u64, waker: &Waker) -> bool {
        let index = match self.position(number) {
            Some(index) => {
                self.queue[index].1.clone_from(waker);
                index
            }
            None => {
                self.queue.push_back((number, waker.clone()));
                self.queue.len() - 1
            }
        };
        if index >= self.free {
            return false;
        }
        self.free -= 1;
        self.queue.remove(index);
        true
    }

    /// A permit is free again; the answer is whose turn it became.
    pub(crate) fn give_back(&mut self) -> Option<Waker> {
        self.free += 1;
        self.last_in_turn()
    }

    /// Somebody leaves the queue; the answer is whose turn it became.
    pub(crate) fn leave(&mut self, number: u64) -> Option<Waker> {
        let index = self.position(number)?;
        self.queue.remove(index);
        if index < self.free {
            return self.last_in_turn();
        }
        None
    }

    fn last_in_turn(&self) -> Option<Waker> {
        let index = self.free.checked_sub(1)?;
        self.queue.get(index).map(|(_, waker)| waker.clone())
    }

    fn position(&self, number: u64) -> Option<usize> {
        self.queue.iter().position(|(known, _)| *known == number)
    }
}
