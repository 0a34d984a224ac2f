//! Why a command failed, and the exit code that scripts rely on.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use amp_api::InvalidRequest;
use amp_client::{ConfigError, Error, ErrorKind};
use serde::Serialize;
use token_core::{TokenError, TokenFailure};
use token_store::{InvalidBinding, StoreError};

/// Why a command failed. No text holds a credential or a token.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
    attempts: Option<u32>,
    /// Whether what was asked for may have been done.
    in_doubt: bool,
}

/// What kind of failure it was: those of the client, and the command's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Client(ErrorKind),
    Unexpected,
    Interrupted,
}

impl Kind {
    /// The kind in one word. The words do not change.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Client(kind) => kind.as_str(),
            Self::Unexpected => "unexpected",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code. The codes do not change.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Client(ErrorKind::Usage) => 2,
            Self::Client(ErrorKind::Configuration) => 3,
            Self::Client(ErrorKind::Authentication) => 4,
            Self::Client(ErrorKind::NotFound) => 5,
            Self::Client(ErrorKind::RateLimited) => 6,
            Self::Client(ErrorKind::Server) => 7,
            Self::Client(ErrorKind::Network) => 8,
            Self::Client(ErrorKind::Storage) => 9,
            Self::Interrupted => 130,
            // An answer that cannot be read, and a request that the service does not accept.
            Self::Client(_) | Self::Unexpected => 1,
        }
    }
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::of(Kind::Client(ErrorKind::Usage), message)
    }

    /// Everything that is wrong with the settings, one problem per line.
    pub(crate) fn configuration(problems: &[String]) -> Self {
        Self::of(Kind::Client(ErrorKind::Configuration), problems.join("\n"))
    }

    pub(crate) fn storage(message: impl Into<String>) -> Self {
        Self::of(Kind::Client(ErrorKind::Storage), message)
    }

    pub(crate) fn network(message: impl Into<String>) -> Self {
        Self::of(Kind::Client(ErrorKind::Network), message)
    }

    pub(crate) fn unexpected(message: impl Into<String>) -> Self {
        Self::of(Kind::Unexpected, message)
    }

    pub(crate) fn interrupted() -> Self {
        let message = "interrupted; a request that was sent may still take effect";
        Self {
            in_doubt: true,
            ..Self::of(Kind::Interrupted, message)
        }
    }

    /// The person who was asked said no.
    pub(crate) fn declined() -> Self {
        Self::of(Kind::Interrupted, "not confirmed; nothing was sent")
    }

    /// The command did not end in time.
    pub(crate) fn timeout(limit: Duration) -> Self {
        let message = format!("no token within {} seconds", limit.as_secs_f64());
        Self::of(Kind::Client(ErrorKind::Network), message)
    }

    /// A part that this `amp` does not have.
    pub(crate) fn built_without(part: &str) -> Self {
        Self::usage(format!("this amp is built without {part}"))
    }

    /// Whether what was asked for may have been done all the same.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Adds what to do next.
    pub(crate) fn with_hint(mut self, hint: impl fmt::Display) -> Self {
        self.message = format!("{}\n{hint}", self.message);
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The one object that `--json` puts on stderr.
    pub(crate) fn to_json(&self) -> impl Serialize + '_ {
        Envelope {
            error: Object {
                kind: self.kind.word(),
                message: &self.message,
                status: self.status,
                retry_after_seconds: self.retry_after.map(seconds_rounded_up),
                attempts: self.attempts,
            },
        }
    }

    fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            retry_after: None,
            attempts: None,
            in_doubt: false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            kind: Kind::Client(error.kind()),
            message: with_causes(error),
            status: error.status(),
            retry_after: error.retry_after(),
            attempts: attempts(error),
            in_doubt: error.may_have_happened(),
        }
    }
}

impl From<InvalidRequest> for Failure {
    fn from(error: InvalidRequest) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let problems: Vec<_> = error.problems().map(str::to_owned).collect();
        Self::configuration(&problems)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::storage(with_causes(&error))
    }
}

impl From<InvalidBinding> for Failure {
    fn from(error: InvalidBinding) -> Self {
        Self::configuration(&[error.to_string()])
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Object<'a>,
}

#[derive(Serialize)]
struct Object<'a> {
    kind: &'static str,
    message: &'a str,
    status: Option<u16>,
    retry_after_seconds: Option<u64>,
    attempts: Option<u32>,
}

/// The error and what lies behind it; a cause that is in the text already is not repeated.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// How often the service was asked: for a token where that failed, else by the call itself.
fn attempts(error: &Error) -> Option<u32> {
    let asked = match error {
        Error::Token { error, .. } => failure_of(error).map(TokenFailure::attempts),
        _ => error.call().map(|call| call.ledger().sends()),
    };
    asked.filter(|asked| *asked > 0)
}

fn failure_of(error: &TokenError) -> Option<&TokenFailure> {
    match error {
        TokenError::ObtainFailed(failure) | TokenError::RefreshFailed(failure) => Some(failure),
        _ => error.source().and_then(|source| source.downcast_ref()),
    }
}

/// Never less than what was asked for.
fn seconds_rounded_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests;
