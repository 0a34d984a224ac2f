//! What calls of several threads share: a mutex, and a number that is read without it.
//!
//! The pause gate and the circuit breaker keep their state in these alone, so that a model check can
//! put its own in their place: those of `models/sync.rs`.

use std::sync::PoisonError;

pub(crate) use std::sync::MutexGuard;
pub(crate) use std::sync::atomic::AtomicUsize;

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
