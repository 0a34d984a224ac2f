//! What one try says about the service.

use http::StatusCode;
use token_core::{Failure, Outcome};

/// What one try says about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three cases are complete by definition"
)]
pub enum Health {
    /// The service does its work.
    Works,
    /// The service does not.
    Fails,
    /// Neither: the service refused this caller or asked to wait, or the caller left.
    Unknown,
}

impl Health {
    /// Answers of the 500 range are failures. Those of the 400 range say nothing: they are about
    /// the request, the credentials or the pace (X-36, W-C14).
    pub fn of_status(status: StatusCode) -> Self {
        if status.is_server_error() {
            Self::Fails
        } else if status.is_client_error() {
            Self::Unknown
        } else {
            Self::Works
        }
    }

    /// The same for what came of a try. A network that fails is a service that fails (C-40, C-41);
    /// what the client itself refused to send, or ended, was no test of it.
    pub(crate) fn of_outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered { status, .. } => {
                StatusCode::from_u16(*status).map_or(Self::Unknown, Self::of_status)
            }
            Outcome::Failed {
                failure: Failure::Rejected,
                ..
            }
            | Outcome::Stopped => Self::Unknown,
            Outcome::Failed { .. } => Self::Fails,
        }
    }
}
