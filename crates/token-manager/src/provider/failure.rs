//! What an answer or an error of the token endpoint means.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use token_core::{
    CallContext, Classify, ErrorClass, Failure, Outcome, RateLimited, Sent, StopReason, Stopped,
    TokenError, TokenFailure, answered_at, parse_retry_after,
};

use super::BoxError;
use super::complaint::{Complaint, Complaints};

/// How long a 429 asks to wait when it does not say so (A-55 assumes 60 s; X-23 keeps it for the
/// place where nobody retries any more).
const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// Which endpoint failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Login,
    Refresh,
}

impl Endpoint {
    fn failed(self, failure: TokenFailure) -> TokenError {
        match self {
            Self::Login => TokenError::ObtainFailed(failure),
            Self::Refresh => TokenError::RefreshFailed(failure),
        }
    }
}

/// The error of a final answer that is not a success.
pub(super) fn of_answer(
    endpoint: Endpoint,
    answer: &Response<Bytes>,
    complaints: Complaints,
    call: &CallContext,
    now: SystemTime,
) -> TokenError {
    let status = answer.status();
    let asked = || retry_after(answer, now);
    if status == StatusCode::TOO_MANY_REQUESTS {
        return TokenError::RateLimited(RateLimited::new(asked().unwrap_or(DEFAULT_WAIT)));
    }
    let (class, reason) = if status.is_client_error() {
        match complaints.of(endpoint, answer) {
            Some(Complaint {
                class: ErrorClass::Throttled(wait),
                ..
            }) => return TokenError::RateLimited(RateLimited::new(asked().unwrap_or(wait))),
            Some(known) => {
                let reason = format!("Client error: {status}: {}", known.hint);
                (known.class, reason)
            }
            None => (ErrorClass::Terminal, format!("Client error: {status}")),
        }
    } else if status.is_server_error() {
        (
            class_of_outage(endpoint, asked()),
            format!("Server error: {status}"),
        )
    } else {
        // A redirect, above all: it is never followed, for its target would get the credentials.
        (
            ErrorClass::Transient,
            format!("Unexpected answer: {status}"),
        )
    };
    endpoint.failed(TokenFailure::new(class, reason).with_attempts(attempts(call)))
}

fn retry_after(answer: &Response<Bytes>, now: SystemTime) -> Option<Duration> {
    let values = |name| {
        let values = answer.headers().get_all(name).iter();
        values.map(|value| value.as_bytes())
    };
    let now = answered_at(values(header::DATE), now);
    parse_retry_after(values(header::RETRY_AFTER), now)
}

/// An outage that says how long it takes is believed, but a login may still work where only the
/// refresh is out.
fn class_of_outage(endpoint: Endpoint, asked: Option<Duration>) -> ErrorClass {
    match (endpoint, asked) {
        (Endpoint::Login, Some(wait)) => ErrorClass::Throttled(wait),
        _ => ErrorClass::Transient,
    }
}

/// The error of a request that brought no answer.
pub(super) fn of_error<E>(endpoint: Endpoint, error: E, call: &CallContext) -> TokenError
where
    E: Classify + Into<BoxError>,
{
    if let Some(stopped) = error.stopped() {
        match (stopped.reason(), stopped.retry_after()) {
            (StopReason::RateLimited, wait) => {
                return TokenError::RateLimited(RateLimited::new(wait.unwrap_or(DEFAULT_WAIT)));
            }
            (StopReason::Deadline(total), _) => return TokenError::Timeout(total),
            (StopReason::AttemptTimeout(limit), _) => return TokenError::Timeout(limit),
            _ => {}
        }
    }
    let outcome = error.outcome();
    let sent = sent(outcome, error.stopped(), call);
    let class = match outcome {
        Outcome::Failed {
            failure: Failure::Rejected | Failure::Tls,
            ..
        } => ErrorClass::Terminal,
        Outcome::Failed { .. } | Outcome::Answered { .. } | Outcome::Stopped => {
            ErrorClass::Transient
        }
    };
    let error = error.into();
    let failure = TokenFailure::new(class, error.to_string())
        .with_source(error)
        .with_sent(sent);
    endpoint.failed(failure.with_attempts(attempts(call)))
}

/// Whether any try of the call may have reached the authority: one that did counts, whatever became
/// of the later ones.
fn sent(outcome: Outcome, stopped: Option<Stopped>, call: &CallContext) -> Sent {
    let reason = stopped.map(|stopped| stopped.reason());
    match (outcome, reason) {
        _ if call.ledger().maybe_processed() => Sent::Maybe,
        (Outcome::Failed { sent, .. }, _) => sent,
        (_, Some(StopReason::CircuitOpen | StopReason::Saturated)) => Sent::No,
        _ => Sent::Maybe,
    }
}

/// The tries that the retry layer wrote into the book; without such a layer there was one.
fn attempts(call: &CallContext) -> u32 {
    call.ledger().attempts().max(1)
}

#[cfg(test)]
mod tests {
    use token_core::{Idempotency, Ledger};

    use super::*;

    fn failed(sent: Sent) -> Outcome {
        let failure = Failure::Connect;
        Outcome::Failed { sent, failure }
    }

    // C-48: a refresh token that was certainly not seen is still good.
    #[test]
    fn what_was_certainly_not_sent_is_told_as_such() {
        let call = CallContext::new(Idempotency::OnlyIfUnprocessed);
        let stopped = |reason| Some(Stopped::new(reason, Ledger::default()));
        let (open, slow) = (StopReason::CircuitOpen, StopReason::Deadline(DEFAULT_WAIT));
        for (outcome, verdict, expected) in [
            (failed(Sent::No), None, Sent::No),
            (failed(Sent::Maybe), None, Sent::Maybe),
            (failed(Sent::Yes), None, Sent::Yes),
            (Outcome::Stopped, stopped(open), Sent::No),
            (Outcome::Stopped, stopped(StopReason::Saturated), Sent::No),
            (Outcome::Stopped, stopped(slow), Sent::Maybe),
            (Outcome::Stopped, None, Sent::Maybe),
        ] {
            assert_eq!(sent(outcome, verdict, &call), expected, "{outcome:?}");
        }
        call.note(|ledger| ledger.note_outcome(&failed(Sent::Maybe)));
        assert_eq!(sent(failed(Sent::No), None, &call), Sent::Maybe);
        assert_eq!(sent(Outcome::Stopped, stopped(open), &call), Sent::Maybe);
    }
}
