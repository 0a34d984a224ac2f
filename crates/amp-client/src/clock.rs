//! One clock for all layers of a client.

use std::sync::Arc;

use token_core::{Clock, Now};

/// Any clock, shared: a clone is a reference count.
#[derive(Clone, Debug)]
pub(crate) struct SharedClock(pub(crate) Arc<dyn Clock>);

impl Clock for SharedClock {
    fn now(&self) -> Now {
        self.0.now()
    }
}
