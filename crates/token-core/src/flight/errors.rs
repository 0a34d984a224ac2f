//! Why a flight fails by its own judgement.

use super::FailedElsewhere;
use crate::{ErrorClass, RateLimited, TokenError, TokenFailure};

pub(super) fn failed_elsewhere(failed: FailedElsewhere) -> TokenError {
    let reason = match failed.class {
        ErrorClass::Throttled(_) => return TokenError::RateLimited(RateLimited::new(failed.wait)),
        ErrorClass::Refused => "another process was refused with the same credentials a moment ago",
        ErrorClass::Transient | ErrorClass::Terminal => "another process failed a moment ago",
    };
    TokenError::ObtainFailed(TokenFailure::new(failed.class, reason))
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
