//! An observer that remembers.

use std::sync::Arc;

use crate::sync::Mutex;
use crate::{TokenEvent, TokenEvents};

/// Remembers all events. A clone is the same list.
#[derive(Clone, Debug, Default)]
pub struct EventLog(Arc<Mutex<Vec<TokenEvent>>>);

impl EventLog {
    /// All events so far, in their order.
    pub fn events(&self) -> Vec<TokenEvent> {
        self.0.lock().clone()
    }

    /// Their names, and the list starts anew.
    pub fn take_names(&self) -> Vec<&'static str> {
        let events = std::mem::take(&mut *self.0.lock());
        events.iter().map(TokenEvent::name).collect()
    }
}

impl TokenEvents for EventLog {
    fn on_event(&self, event: &TokenEvent) {
        self.0.lock().push(event.clone());
    }
}
