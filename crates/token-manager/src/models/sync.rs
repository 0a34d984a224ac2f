//! The pieces of `sync.rs` as a model check sees them: each touch is a moment at which another
//! thread may go first.

pub(crate) use shuttle::sync::atomic::AtomicBool;
use std::ops::Deref;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use shuttle::sync::MutexGuard;
use shuttle::sync::atomic::AtomicUsize;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(shuttle::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(crate) struct Loan<T>(Arc<T>);

impl<T> Loan<T> {
    pub(crate) fn into_inner(loan: Self) -> Arc<T> {
        loan.0
    }
}

impl<T> From<Arc<T>> for Loan<T> {
    fn from(value: Arc<T>) -> Self {
        Self(value)
    }
}

impl<T> Deref for Loan<T> {
    type Target = Arc<T>;

    fn deref(&self) -> &Arc<T> {
        &self.0
    }
}

/// A pointer that changes in one step. What the real one does inside of that step is its own
/// affair, and tested by its authors.
#[derive(Debug)]
pub(crate) struct Published<T> {
    value: std::sync::Mutex<Arc<T>>,
    stores: AtomicUsize,
}

impl<T> Published<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: std::sync::Mutex::new(Arc::new(value)),
            stores: AtomicUsize::new(0),
        }
    }

    pub(crate) fn loan(&self) -> Loan<T> {
        self.stores.load(Ordering::SeqCst);
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        Loan(Arc::clone(&value))
    }

    pub(crate) fn store(&self, value: Arc<T>) {
        self.stores.fetch_add(1, Ordering::SeqCst);
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
