//! Random draws that a test can foretell.

use std::sync::{Arc, Mutex, PoisonError};

/// One generator for all calls of a layer, so that no two calls draw the same pauses.
#[derive(Clone, Debug)]
pub(crate) struct Draws(Arc<Mutex<fastrand::Rng>>);

impl Draws {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    /// The next draw, in `0.0..1.0`.
    pub(crate) fn next(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

impl Default for Draws {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::new())))
    }
}
