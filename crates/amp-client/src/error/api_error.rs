//! An answer that says failure.

use std::fmt;
use std::time::Duration;

use amp_api::ErrorBody;
use http::StatusCode;

use super::CallFacts;

/// The service answered, and the answer is not a success.
///
/// It quotes the message of the service, at most 1 KiB, and never a body; of operations whose
/// bodies hold secrets it quotes nothing.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(crate) call: CallFacts,
    pub(crate) status: StatusCode,
    pub(crate) body: ErrorBody,
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    /// What the call did.
    pub fn call(&self) -> &CallFacts {
        &self.call
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The message of the service, if it sent a readable one that may be shown.
    pub fn message(&self) -> Option<&str> {
        self.body.message()
    }

    /// The wait that the answer asked for, counted from its arrival.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, warning) = (self.call.operation(), self.call.warning());
        write!(f, "{operation}: {}: {}{warning}", self.status, self.body)
    }
}
