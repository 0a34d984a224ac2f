//! Why a flight fails by its own judgement.

use std::time::Duration;

use crate::{ErrorClass, TokenError, TokenFailure};

pub(super) fn failed_elsewhere(wait: Duration) -> TokenError {
    let reason = "another process failed a moment ago";
    TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Throttled(wait), reason))
}

pub(super) fn no_progress() -> TokenError {
    let reason = "the authority did not extend the token's life";
    TokenError::RefreshFailed(TokenFailure::new(ErrorClass::Transient, reason))
}

pub(super) fn rejected_again() -> TokenError {
    let reason = "the authority hands out the token that the service rejects";
    TokenError::Validation(TokenFailure::new(ErrorClass::Transient, reason))
}

pub(super) fn dead_on_arrival() -> TokenError {
    let reason = "the token that came is already at its end";
    TokenError::Validation(TokenFailure::new(ErrorClass::Transient, reason))
}

pub(super) fn out_of_order() -> TokenError {
    TokenError::Storage(TokenFailure::new(
        ErrorClass::Transient,
        "a flight was driven out of order",
    ))
}
