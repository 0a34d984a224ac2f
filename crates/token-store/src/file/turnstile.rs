//! One writer of this process at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Lets one thread in at a time, so that threads of one process wake each other instead of
/// polling the lock file.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    busy: Mutex<bool>,
    left: Condvar,
}

/// The right to be inside.
#[derive(Debug)]
pub(crate) struct Turn<'a>(&'a Turnstile);

impl Turnstile {
    /// Waits to be let in; `None` when that takes beyond `deadline`.
    pub(crate) fn enter(&self, deadline: Instant) -> Option<Turn<'_>> {
        let mut busy = self.busy();
        while *busy {
            let left = deadline.checked_duration_since(Instant::now())?;
            let waited = self.left.wait_timeout(busy, left);
            busy = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *busy = true;
        Some(Turn(self))
    }

    /// A flag cannot be half-written, so a panic elsewhere does not spoil it.
    fn busy(&self) -> MutexGuard<'_, bool> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.busy() = false;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_thread_is_let_in_when_the_first_leaves_and_gives_up_at_its_deadline() {
        let turnstile = Turnstile::default();
        let first = turnstile.enter(Instant::now()).unwrap();
        assert!(turnstile.enter(Instant::now()).is_none());
        let far = Instant::now() + std::time::Duration::from_secs(60);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| turnstile.enter(far).is_some());
            drop(first);
            assert!(second.join().unwrap());
        });
        assert!(turnstile.enter(Instant::now()).is_some());
    }
}
