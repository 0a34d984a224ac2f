//! The pieces of `sync.rs` as a model check sees them: each touch is a moment at which another
//! thread may go first.

pub(crate) use shuttle::sync::atomic::AtomicBool;
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

pub(crate) type Guard<T> = Arc<T>;

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

    pub(crate) fn guard(&self) -> Guard<T> {
        self.load()
    }

    pub(crate) fn load(&self) -> Arc<T> {
        self.stores.load(Ordering::SeqCst);
        Arc::clone(&self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn store(&self, value: Arc<T>) {
        self.stores.fetch_add(1, Ordering::SeqCst);
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
