//! The bugs of the outbox that its model must find.

use super::{Outbox, TokenEvent, tell};
use crate::driver::planted::{Bug, is_planted};

impl Outbox {
    /// What `deliver` would be, with the bug that is planted there; the answer is whether one was.
    pub(super) fn deliver_with_bug(&self) -> bool {
        if is_planted(Bug::DeliverTogether) {
            while let Some(event) = self.next() {
                self.tell_all(&event);
            }
            return true;
        }
        if is_planted(Bug::StopLate) {
            self.deliver_and_stop_late();
            return true;
        }
        false
    }

    fn deliver_and_stop_late(&self) {
        if !self.queue.lock().begin() {
            return;
        }
        loop {
            let next = self.queue.lock().waiting.pop_front();
            let Some(event) = next else { break };
            self.tell_all(&event);
        }
        self.queue.lock().delivering = false;
    }

    fn tell_all(&self, event: &TokenEvent) {
        for observer in &self.observers {
            tell(&**observer, event);
        }
    }
}
