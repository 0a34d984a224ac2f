//! The one error of the stack.

use token_core::{Classify, Outcome, Stopped, TokenError};
use transport::TransportError;

/// What any layer of the stack may end a call with. One enum for all of them, so that no layer
/// boxes and every layer above can ask what it means.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// A layer ended the call itself.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// No complete answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Classify for CallError {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Transport(error) => error.outcome(),
            Self::Token(error) => error.outcome(),
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        match self {
            Self::Stopped(stopped) => stopped.stopped(),
            Self::Transport(error) => error.stopped(),
            Self::Token(error) => error.stopped(),
        }
    }
}
