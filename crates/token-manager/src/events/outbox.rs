//! Brings events to the observers: in order, one at a time, outside every lock.

#[cfg(all(test, shuttle))]
mod planted;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{TokenEvent, TokenEvents};
use crate::sync::Mutex;

/// Events are posted where the state changes, under its lock, so that their order is that of the
/// changes. They are delivered later by whoever comes first; others leave theirs to that one.
#[derive(Debug)]
pub(crate) struct Outbox {
    observers: Box<[Arc<dyn TokenEvents>]>,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<TokenEvent>,
    delivering: bool,
}

impl Outbox {
    pub(crate) fn new(observers: Vec<Arc<dyn TokenEvents>>) -> Self {
        Self {
            observers: observers.into(),
            queue: Mutex::default(),
        }
    }

    /// Queues an event; nobody hears of it before [`deliver`](Self::deliver).
    pub(crate) fn post(&self, event: &TokenEvent) {
        if !self.observers.is_empty() {
            self.queue.lock().waiting.push_back(event.clone());
        }
    }

    /// Tells the observers what is queued. An observer that causes events itself gets here while
    /// its own delivery is under way, and hears of them afterwards.
    pub(crate) fn deliver(&self) {
        #[cfg(all(test, shuttle))]
        if self.deliver_with_bug() {
            return;
        }
        if self.observers.is_empty() || !self.queue.lock().begin() {
            return;
        }
        while let Some(event) = self.next() {
            for observer in &self.observers {
                tell(&**observer, &event);
            }
        }
    }

    /// The lock is free again before anybody hears of the event.
    fn next(&self) -> Option<TokenEvent> {
        self.queue.lock().next()
    }
}

impl Queue {
    fn begin(&mut self) -> bool {
        !self.waiting.is_empty() && !std::mem::replace(&mut self.delivering, true)
    }

    fn next(&mut self) -> Option<TokenEvent> {
        let next = self.waiting.pop_front();
        self.delivering = next.is_some();
        next
    }
}

/// What an observer leaves behind when it panics is its own affair; the panic's text may hold
/// anything, so it is not repeated.
fn tell(observer: &dyn TokenEvents, event: &TokenEvent) {
    let told = catch_unwind(AssertUnwindSafe(|| observer.on_event(event)));
    if told.is_err() {
        tracing::error!(event = event.name(), "an observer of token events panicked");
    }
}
