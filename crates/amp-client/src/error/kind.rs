//! What kind of failure it was, for exit codes and for machines that read messages.

use std::error::Error as _;

use http::StatusCode;
use token_core::{ErrorClass, Failure, StopReason, TokenError, TokenFailure};
use transport::CallError;

use super::Error;

/// What kind of failure it was. Each kind is one thing that a caller or a script does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Settings or credentials are missing or wrong; the text names them.
    Configuration,
    /// The call itself cannot be meant; nothing was sent.
    Usage,
    /// The service does not accept the credentials, or the account may not do this.
    Authentication,
    /// There is no such thing.
    NotFound,
    /// The service asks to come back later.
    RateLimited,
    /// The service does not accept the request for another reason.
    Refused,
    /// The service failed.
    Server,
    /// No complete answer came: no connection, no TLS, no time left; or not the one that was waited
    /// for.
    Network,
    /// An answer came that cannot be read.
    Unreadable,
    /// The token store failed.
    Storage,
    /// The client was closed.
    Closed,
}

impl ErrorKind {
    /// The kind in one word, as in `rate_limited`. The words do not change.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Usage => "usage",
            Self::Authentication => "authentication",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::Server => "server",
            Self::Network => "network",
            Self::Unreadable => "unreadable",
            Self::Storage => "storage",
            Self::Closed => "closed",
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::Config(_) => Self::Configuration,
            Error::Request(_) => Self::Usage,
            Error::Token { error, .. } => of_token(error),
            Error::Stopped { stopped, .. } => of_stop(stopped.reason()),
            Error::Transport { error, .. } => of_failure(error.failure()),
            Error::Api(error) => of_status(error.status()),
            Error::Decode { .. } => Self::Unreadable,
            Error::NotYet(_) => Self::Network,
        }
    }
}

fn of_status(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        401 | 403 => ErrorKind::Authentication,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Server,
        _ => ErrorKind::Refused,
    }
}

fn of_stop(reason: StopReason) -> ErrorKind {
    match reason {
        StopReason::RateLimited | StopReason::Paused => ErrorKind::RateLimited,
        StopReason::CircuitOpen => ErrorKind::Server,
        _ => ErrorKind::Network,
    }
}

fn of_failure(failure: Failure) -> ErrorKind {
    match failure {
        Failure::Rejected => ErrorKind::Configuration,
        Failure::TooLarge => ErrorKind::Unreadable,
        Failure::Resolve
        | Failure::Connect
        | Failure::Tls
        | Failure::Timeout
        | Failure::Interrupted
        | Failure::Protocol
        | Failure::Other => ErrorKind::Network,
    }
}

fn of_token(error: &TokenError) -> ErrorKind {
    match error {
        TokenError::RateLimited(_) => ErrorKind::RateLimited,
        TokenError::Timeout(_) => ErrorKind::Network,
        TokenError::Serialization(_) | TokenError::Validation(_) => ErrorKind::Unreadable,
        TokenError::Storage(_) => ErrorKind::Storage,
        TokenError::Configuration(_) => ErrorKind::Configuration,
        TokenError::Closed => ErrorKind::Closed,
        TokenError::RefreshFailed(failure) | TokenError::ObtainFailed(failure) => {
            of_token_failure(failure)
        }
        _ => ErrorKind::Server,
    }
}

/// A failure with an error of the stack behind it brought no answer; one without was answered.
fn of_token_failure(failure: &TokenFailure) -> ErrorKind {
    let behind = failure.source().and_then(|source| source.downcast_ref());
    match (behind, failure.class()) {
        (Some(CallError::Stopped(stopped)), _) => of_stop(stopped.reason()),
        (Some(CallError::Transport(error)), _) => of_failure(error.failure()),
        (_, ErrorClass::Throttled(_)) => ErrorKind::RateLimited,
        (_, ErrorClass::Refused) => ErrorKind::Authentication,
        (_, ErrorClass::Transient) => ErrorKind::Server,
        (_, ErrorClass::Terminal) => ErrorKind::Refused,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use token_core::{Ledger, RateLimited, Stopped};

    use super::*;

    // the text of a token's failure is the seed's, behind one more word.
    #[test]
    fn a_failed_token_says_what_to_do_next() {
        let failure = |class| TokenFailure::new(class, "X");
        let stopped = |reason| CallError::Stopped(Stopped::new(reason, Ledger::default()));
        let without_answer = |reason| {
            let failure = failure(ErrorClass::Transient).with_source(stopped(reason));
            TokenError::ObtainFailed(failure)
        };
        let cases = [
            (TokenError::Closed, ErrorKind::Closed),
            (
                TokenError::Timeout(Duration::from_secs(10)),
                ErrorKind::Network,
            ),
            (
                TokenError::RateLimited(RateLimited::new(Duration::from_secs(7))),
                ErrorKind::RateLimited,
            ),
            (
                TokenError::Storage(failure(ErrorClass::Transient)),
                ErrorKind::Storage,
            ),
            (
                TokenError::Validation(failure(ErrorClass::Terminal)),
                ErrorKind::Unreadable,
            ),
            (
                TokenError::Configuration(failure(ErrorClass::Terminal)),
                ErrorKind::Configuration,
            ),
            (
                TokenError::ObtainFailed(failure(ErrorClass::Refused)),
                ErrorKind::Authentication,
            ),
            (
                TokenError::ObtainFailed(failure(ErrorClass::Transient)),
                ErrorKind::Server,
            ),
            (
                TokenError::RefreshFailed(failure(ErrorClass::Terminal)),
                ErrorKind::Refused,
            ),
            (without_answer(StopReason::Saturated), ErrorKind::Network),
            (without_answer(StopReason::CircuitOpen), ErrorKind::Server),
        ];
        for (error, kind) in cases {
            let text = format!("Token management error: {error}");
            let error = Error::from(error);
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn a_status_says_what_to_do_next() {
        let cases = [
            (400, ErrorKind::Refused),
            (401, ErrorKind::Authentication),
            (403, ErrorKind::Authentication),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (302, ErrorKind::Refused),
            (500, ErrorKind::Server),
            (599, ErrorKind::Server),
        ];
        for (status, kind) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(of_status(status), kind, "{status}");
        }
    }
}
