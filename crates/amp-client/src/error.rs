//! Why a call failed.

mod api_error;
mod facts;
mod kind;

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use amp_api::{InvalidRequest, Request, Unreadable};
use token_core::{CallContext, Classify as _, Stopped, TokenError};
use transport::{CallError, TransportError};

use crate::ConfigError;
use crate::polling::NotYet;

pub use api_error::ApiError;
pub use facts::CallFacts;
pub use kind::ErrorKind;

/// Why a call failed. No text holds a credential, a token or a body.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The settings are wrong; nothing was sent.
    Config(ConfigError),
    /// The call cannot be meant; nothing was sent.
    Request(InvalidRequest),
    /// There is no token.
    #[non_exhaustive]
    Token {
        /// What the call did; `None` when the token itself was asked for.
        call: Option<CallFacts>,
        /// Why there is none.
        error: TokenError,
    },
    /// The client ended the call: out of time, or told to come back later.
    #[non_exhaustive]
    Stopped {
        /// What the call did.
        call: CallFacts,
        /// Why it was ended.
        stopped: Stopped,
    },
    /// No complete answer came.
    #[non_exhaustive]
    Transport {
        /// What the call did.
        call: CallFacts,
        /// What went wrong.
        error: TransportError,
    },
    /// The service answered, and the answer is not a success.
    Api(ApiError),
    /// The answer says success, but it cannot be read.
    #[non_exhaustive]
    Decode {
        /// What the call did.
        call: CallFacts,
        /// What was expected.
        expected: &'static str,
        /// What is wrong with the body.
        reason: Unreadable,
    },
    /// What was waited for has not happened in time.
    NotYet(NotYet),
}

impl Error {
    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::of(self)
    }

    /// What the call did, where one was made.
    pub fn call(&self) -> Option<&CallFacts> {
        match self {
            Self::Config(_) | Self::Request(_) | Self::NotYet(_) => None,
            Self::Token { call, .. } => call.as_ref(),
            Self::Stopped { call, .. }
            | Self::Transport { call, .. }
            | Self::Decode { call, .. } => Some(call),
            Self::Api(error) => Some(error.call()),
        }
    }

    /// The HTTP status, where the service answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => Some(error.status().as_u16()),
            _ => None,
        }
    }

    /// How long to wait before the next call makes sense, where the service said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Token { error, .. } => error.retry_after(),
            Self::Stopped { stopped, .. } => stopped.retry_after(),
            Self::Api(error) => error.retry_after(),
            Self::Config(_)
            | Self::Request(_)
            | Self::Transport { .. }
            | Self::Decode { .. }
            | Self::NotYet(_) => None,
        }
    }

    /// The earliest moment at which the next call makes sense, where the client worked it out.
    pub fn retry_at(&self) -> Option<SystemTime> {
        match self {
            Self::Stopped { stopped, .. } => stopped.retry_at(),
            _ => None,
        }
    }

    /// Whether a request that changes something may have taken effect although the call failed.
    pub fn may_have_happened(&self) -> bool {
        self.call().is_some_and(CallFacts::may_have_happened)
    }

    /// The error of a call that the stack ended.
    pub(crate) fn of_call(error: CallError, request: &Request, context: &CallContext) -> Self {
        let call = CallFacts::new(request, context);
        match error {
            CallError::Stopped(stopped) => Self::Stopped { call, stopped },
            CallError::Token(error) => Self::Token {
                call: Some(call),
                error,
            },
            CallError::Transport(error) => {
                let maybe = !error.outcome().is_unprocessed();
                Self::Transport {
                    call: call.with_last_try(maybe),
                    error,
                }
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::NotYet(not_yet) => not_yet.fmt(f),
            Self::Token { call, error } => {
                write!(f, "Token management error: {error}")?;
                call.as_ref().map_or(Ok(()), |call| call.warning().fmt(f))
            }
            Self::Stopped { call, stopped } => {
                write!(f, "{}: {stopped}{}", call.operation(), call.warning())
            }
            Self::Transport { call, error } => {
                write!(f, "{}: {error}{}", call.operation(), call.warning())
            }
            Self::Api(error) => error.fmt(f),
            Self::Decode {
                call,
                expected,
                reason,
            } => {
                let (operation, warning) = (call.operation(), call.warning());
                write!(
                    f,
                    "{operation}: {expected} was expected, but {reason}{warning}"
                )
            }
        }
    }
}

/// The text of the layer below is part of ours, so the source is what lies behind that layer.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Token { error, .. } => error.source(),
            Self::Transport { error, .. } => error.source(),
            Self::Config(_)
            | Self::Request(_)
            | Self::Stopped { .. }
            | Self::Api(_)
            | Self::Decode { .. }
            | Self::NotYet(_) => None,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<InvalidRequest> for Error {
    fn from(error: InvalidRequest) -> Self {
        Self::Request(error)
    }
}

impl From<NotYet> for Error {
    fn from(not_yet: NotYet) -> Self {
        Self::NotYet(not_yet)
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        Self::Token { call: None, error }
    }
}
