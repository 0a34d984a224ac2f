//! What one call did, for its error and its answer.

use std::fmt;

use amp_api::Request;
use token_core::{CallContext, Idempotency, Ledger};

/// What one call did before it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    operation: String,
    ledger: Ledger,
    changes_something: bool,
    may_have_happened: bool,
}

impl CallFacts {
    pub(crate) fn new(request: &Request, call: &CallContext) -> Self {
        let ledger = call.ledger();
        let changes_something = request.idempotency() != Idempotency::Safe;
        Self(Box::new(Inner {
            operation: request.label(),
            ledger,
            changes_something,
            may_have_happened: changes_something && ledger.maybe_processed(),
        }))
    }

    /// Adds what is known about the last try.
    pub(crate) fn with_last_try(mut self, maybe_processed: bool) -> Self {
        self.0.may_have_happened |= self.0.changes_something && maybe_processed;
        self
    }

    /// Method and path, as in `GET /assets/{assetUuid}`.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// How often the request was sent, and how long the call waited in between.
    pub fn ledger(&self) -> Ledger {
        self.0.ledger
    }

    /// Whether a request that changes something may have taken effect although the call failed:
    /// look before you ask for it again.
    pub fn may_have_happened(&self) -> bool {
        self.0.may_have_happened
    }

    /// The end of a message that must not be overlooked.
    pub(crate) fn warning(&self) -> Warning {
        Warning(self.may_have_happened())
    }
}

pub(crate) struct Warning(bool);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 {
            f.write_str("; the request may have happened, so look before sending it again")?;
        }
        Ok(())
    }
}
