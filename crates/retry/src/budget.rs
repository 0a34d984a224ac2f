//! How many repetitions a client as a whole may afford.

use std::sync::{Arc, Mutex, PoisonError};

/// What one repetition costs, in tenths.
const COST: u32 = 10;
/// What one success gives back, in tenths.
const REFUND: u32 = 1;

/// A purse that all calls of a client share: each repetition costs 1, each success gives back 0.1.
/// One after a 429 that names its time is free: the server itself says what it will take, and when.
///
/// When it is empty, calls bring their first result back instead of repeating, so that an outage
/// sees at most a tenth more requests than there are calls, after the first 10. It starts full,
/// and it counts rather than measures time, so it works for a client with one call an hour too.
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<Mutex<Bucket>>);

impl RetryBudget {
    /// A full purse of this many repetitions; the default is 10.
    pub fn new(repetitions: u32) -> Self {
        Self(Arc::new(Mutex::new(Bucket::full(repetitions))))
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Bucket) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(10)
    }
}

/// The purse as a value, in tenths of a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    tenths: u32,
    size: u32,
}

impl Bucket {
    /// A full purse of this many repetitions.
    pub const fn full(repetitions: u32) -> Self {
        let size = repetitions.saturating_mul(COST);
        Self { tenths: size, size }
    }

    /// Takes the price of one repetition, if it is there.
    pub fn withdraw(&mut self) -> bool {
        let Some(left) = self.tenths.checked_sub(COST) else {
            return false;
        };
        self.tenths = left;
        true
    }

    /// Puts the share of one success back.
    pub fn deposit(&mut self) {
        self.tenths = self.tenths.saturating_add(REFUND).min(self.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_successes_pay_for_one_repetition() {
        let mut bucket = Bucket::full(10);
        let spent = (0..100).filter(|_| bucket.withdraw()).count();
        assert_eq!(spent, 10);
        for _ in 0..9 {
            bucket.deposit();
            assert!(!bucket.withdraw());
        }
        bucket.deposit();
        assert!(bucket.withdraw());
        assert!(!bucket.withdraw());
    }

    #[test]
    fn a_long_healthy_run_does_not_save_up_more_than_the_purse_holds() {
        let mut bucket = Bucket::full(3);
        (0..10_000).for_each(|_| bucket.deposit());
        assert_eq!((0..100).filter(|_| bucket.withdraw()).count(), 3);
    }
}
