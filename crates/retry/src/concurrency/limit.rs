//! The limit that all requests of a client share.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::permits::Permits;

/// How many requests are on their way at once; a clone is the same limit.
#[derive(Clone)]
pub struct ConcurrencyLimit(Arc<Mutex<Permits>>);

impl ConcurrencyLimit {
    /// So many at once.
    pub fn new(limit: NonZeroUsize) -> Self {
        Self(Arc::new(Mutex::new(Permits::new(limit.get()))))
    }

    /// A permit that nobody waits for.
    pub(crate) fn take_spare(&self) -> Option<Permit> {
        let taken = self.lock().take_spare();
        taken.then(|| Permit(self.clone()))
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            number: self.lock().number(),
            limit: self.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Permits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrencyLimit").finish_non_exhaustive()
    }
}

/// The right to have one request on its way. Dropping it gives it to the next one.
#[derive(Debug)]
pub(crate) struct Permit(ConcurrencyLimit);

impl Drop for Permit {
    fn drop(&mut self) {
        let next = self.0.lock().give_back();
        wake(next);
    }
}

/// A place in the queue. Dropping it leaves the queue.
#[derive(Debug)]
pub(crate) struct Place {
    limit: ConcurrencyLimit,
    number: u64,
}

impl Place {
    /// The permit, if it is this one's turn; else the waker is told when it is.
    pub(crate) fn permit(&self, waker: &Waker) -> Option<Permit> {
        let taken = self.limit.lock().take(self.number, waker);
        taken.then(|| Permit(self.limit.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let next = self.limit.lock().leave(self.number);
        wake(next);
    }
}

fn wake(next: Option<Waker>) {
    if let Some(waker) = next {
        waker.wake();
    }
}
