//! The two pieces of shared state: one mutex and one published pointer.
//!
//! Everything that several threads touch goes through here, so that a model check can put its own
//! pieces in their place: those of `models/sync.rs`.

pub(crate) use std::sync::atomic::AtomicBool;
use std::sync::{Arc, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

/// A mutex that is never held across an await.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    /// The state is changed in single steps, so a panic elsewhere leaves it whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A loan of what is published: no reference count, for a short time.
pub(crate) type Loan<T> = arc_swap::Guard<Arc<T>>;

/// A pointer that is read without a lock.
#[derive(Debug)]
pub(crate) struct Published<T>(ArcSwap<T>);

impl<T> Published<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(ArcSwap::from_pointee(value))
    }

    #[inline]
    pub(crate) fn loan(&self) -> Loan<T> {
        self.0.load()
    }

    pub(crate) fn store(&self, value: Arc<T>) {
        self.0.store(value);
    }
}
