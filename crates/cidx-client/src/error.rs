//! Why a call failed, and what to do about it.

use std::time::Duration;

use http::StatusCode;
use token_core::{Classify, ErrorClass, Outcome, Stopped, TokenError};
use transport::TransportError;

/// Why a call failed, and what to do (C-67); the source says more. No text holds a secret or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CidxError {
    /// The settings or the request cannot be meant; nothing was sent.
    #[error("Nothing was sent: {0}; correct the server address or the request")]
    Settings(String),
    /// There is no token.
    #[error("There is no token; {}", advice(.0))]
    Token(#[from] TokenError),
    /// The client ended the call: out of time, or told to come back later.
    #[error("The server is overloaded or down; try again later")]
    Stopped(#[from] Stopped),
    /// No complete answer came.
    #[error("No complete answer came; check the server address and the network")]
    Transport(#[from] TransportError),
    /// The server answered, and the answer is not a success.
    #[error("The server answered {status}; {}", advice_on(*.status))]
    #[non_exhaustive]
    Answer {
        /// The status of the answer.
        status: StatusCode,
    },
    /// The answer says success, but it is not the JSON that was asked for.
    #[error("The answer is not the expected JSON; check that the address is a CIDX server's")]
    Unreadable,
}

impl CidxError {
    pub(crate) fn settings(error: impl std::error::Error) -> Self {
        Self::Settings(error.to_string())
    }

    /// How long to wait before the next call makes sense, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Token(error) => error.retry_after(),
            Self::Stopped(stopped) => stopped.retry_after(),
            _ => None,
        }
    }
}

/// It is the error of the stacks as well, so that no layer boxes.
impl Classify for CidxError {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Transport(error) => error.outcome(),
            _ => Outcome::Stopped,
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        match self {
            Self::Stopped(stopped) => Some(*stopped),
            _ => None,
        }
    }
}

fn advice(error: &TokenError) -> &'static str {
    match error.class() {
        ErrorClass::Refused => "correct the user name and the password",
        ErrorClass::Throttled(_) => "the server asks to wait before the next login",
        ErrorClass::Transient => "check that the server is up, and try again in a few minutes",
        ErrorClass::Terminal => "correct the settings, or make a new client",
    }
}

fn advice_on(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "ask the administrator what this user may do",
        429 => "wait before you try again",
        500.. => "look whether the change was made, or try again later",
        _ => "correct the request",
    }
}
