//! How long a future keeps the thread that polls it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Passes a future on and notes the longest of its polls.
#[derive(Debug)]
pub struct WatchPolls<'a, F> {
    future: Pin<Box<F>>,
    longest: &'a mut Duration,
}

impl<'a, F: Future> WatchPolls<'a, F> {
    /// Watches this future.
    pub fn new(future: F, longest: &'a mut Duration) -> Self {
        Self {
            future: Box::pin(future),
            longest,
        }
    }
}

impl<F: Future> Future for WatchPolls<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let start = Instant::now();
        let polled = self.future.as_mut().poll(context);
        *self.longest = start.elapsed().max(*self.longest);
        polled
    }
}
