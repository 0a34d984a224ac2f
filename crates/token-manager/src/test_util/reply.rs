//! What a scripted provider does when it is asked.

use std::time::Duration;

use token_core::{Grant, TokenError};

/// One entry of the script of a [`ScriptedProvider`](super::ScriptedProvider). A plain
/// `Result<Grant, TokenError>` is one, too.
#[derive(Debug)]
pub struct Reply {
    pub(super) latency: Option<Duration>,
    pub(super) act: Act,
}

#[derive(Debug)]
pub(super) enum Act {
    Answer(Box<Result<Grant, TokenError>>),
    NextGrant,
    Hang,
    Panic(String),
}

impl Reply {
    /// Hands out the next numbered token.
    pub fn next_grant() -> Self {
        Self::act(Act::NextGrant)
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::act(Act::Hang)
    }

    /// Panics with this text.
    pub fn panic(text: impl Into<String>) -> Self {
        Self::act(Act::Panic(text.into()))
    }

    /// The same after this time, instead of the provider's latency.
    #[must_use]
    pub fn after(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    fn act(act: Act) -> Self {
        let latency = None;
        Self { latency, act }
    }
}

impl From<Result<Grant, TokenError>> for Reply {
    fn from(answer: Result<Grant, TokenError>) -> Self {
        Self::act(Act::Answer(Box::new(answer)))
    }
}
