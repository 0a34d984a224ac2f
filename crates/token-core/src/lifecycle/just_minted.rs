//! The answer to the rejection of a token that was just issued.

use std::fmt;

use crate::{ErrorClass, TokenError, TokenFailure};

/// Marks the error that answers the rejection of a token that was just issued and was never
/// accepted, or came after another one like it: the service's own answer says more, so it is what
/// the caller should see.
///
/// It is the source of that error and nobody else can make it, so no failure of an authority is
/// taken for it.
#[derive(Debug)]
pub struct JustMinted(());

impl JustMinted {
    /// Whether this error is that answer.
    pub fn is_cause_of(error: &TokenError) -> bool {
        let source = std::error::Error::source(error);
        let cause = source.and_then(std::error::Error::source);
        cause.is_some_and(|cause| cause.is::<Self>())
    }
}

impl fmt::Display for JustMinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token was just issued, and another one would not fare better")
    }
}

impl std::error::Error for JustMinted {}

pub(super) fn rejected_fresh() -> TokenError {
    let reason = "the service rejects a token that was just issued; check that the base URL and \
                  the account belong together";
    let failure = TokenFailure::new(ErrorClass::Terminal, reason);
    TokenError::Validation(failure.with_source(JustMinted(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    // C-46
    #[test]
    fn only_the_life_cycle_says_that_a_token_was_just_minted() {
        assert!(JustMinted::is_cause_of(&rejected_fresh()));
        let looks_alike = TokenFailure::new(ErrorClass::Terminal, "the token is malformed");
        for error in [
            TokenError::Validation(looks_alike.clone()),
            TokenError::Validation(looks_alike.with_source(std::fmt::Error)),
            TokenError::Closed,
        ] {
            assert!(!JustMinted::is_cause_of(&error), "{error}");
        }
    }
}
