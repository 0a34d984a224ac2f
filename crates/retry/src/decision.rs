//! Whether a request is sent once more, and when: a function of its arguments.

use std::time::Duration;

use token_core::{Idempotency, Ledger, Outcome, StopReason};

use crate::RetryPolicy;
use crate::budget::Bucket;

/// Request Timeout and Too Early (RFC 9110 section 15.5.9, RFC 8470): the server gave up on the
/// request, which does not say that it did nothing.
const GAVE_UP: [u16; 2] = [408, 425];
/// RFC 6585 section 4.
const TOO_MANY_REQUESTS: u16 = 429;

/// What is known about a call when one of its tries ended.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain arguments of one function, named"
)]
pub struct RetryState<'a> {
    /// The class of the operation.
    pub idempotency: Idempotency,
    /// What the call did so far; the try that just ended is counted.
    pub ledger: Ledger,
    /// What is left until the call's deadline.
    pub remaining: Option<Duration>,
    /// The purse of the client; it pays when the decision is to retry, unless the server named the
    /// moment in a 429.
    pub budget: Option<&'a mut Bucket>,
}

/// What happens after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever acts must act on every decision"
)]
pub enum Decision {
    /// The request is sent once more, this much later.
    Retry {
        /// The pause until then.
        after: Duration,
    },
    /// The result of the try is the result of the call, as it is.
    GiveUp,
    /// The call ends with a verdict of its own.
    Stop {
        /// Why it ends.
        reason: StopReason,
        /// What the server asked to wait.
        retry_after: Duration,
    },
}

/// Decides what happens after a try that ended with `outcome`; `draw`, in `0.0..1.0`, picks the
/// pause.
///
/// Each cell is tested in `src/tests/outcomes.rs`.
///
/// | outcome | repeated for |
/// |---|---|
/// | 429 | every class but `Never` |
/// | not sent, and may fare better later | every class but `Never` |
/// | 502, 503, 504, 408, 425 | `Safe`, `Idempotent` |
/// | sent or maybe sent, then a time-out or an interruption | `Safe`, `Idempotent` |
/// | any other answer or error, the client's own verdict | nobody |
///
/// A `Retry-After` is never shortened: if it is longer than the policy's patience or does not fit
/// the deadline, the call stops with [`StopReason::RateLimited`]. A pause of the client's
/// own that does not fit the deadline is not begun.
pub fn decide(
    policy: &RetryPolicy,
    state: RetryState<'_>,
    outcome: &Outcome,
    draw: f64,
) -> Decision {
    let attempts = state.ledger.attempts();
    if !wanted(policy, state.idempotency, outcome) || attempts >= policy.max_attempts {
        return Decision::GiveUp;
    }
    let asked = asked(outcome);
    let after = pause(policy, attempts, asked, outcome, draw);
    let fits = |wait| state.remaining.is_none_or(|left| wait < left);
    match asked {
        Some(retry_after) if retry_after > policy.longest_wait || !fits(retry_after) => {
            return Decision::Stop {
                reason: StopReason::RateLimited,
                retry_after,
            };
        }
        _ if !fits(after) => return Decision::GiveUp,
        _ => {}
    }
    let is_guess = !is_paced(outcome);
    if is_guess && state.budget.is_some_and(|bucket| !bucket.withdraw()) {
        return Decision::GiveUp;
    }
    Decision::Retry { after }
}

/// Whether any outcome could make this class be sent once more after `attempts` tries.
pub(crate) fn may_repeat(policy: &RetryPolicy, class: Idempotency, attempts: u32) -> bool {
    class.repeatable_if_unprocessed() && attempts < policy.max_attempts
}

/// Whether a request of this class that met this outcome should be sent once more.
fn wanted(policy: &RetryPolicy, class: Idempotency, outcome: &Outcome) -> bool {
    let hopeful = match outcome {
        Outcome::Answered { status, .. } => {
            *status == TOO_MANY_REQUESTS
                || GAVE_UP.contains(status)
                || policy.server_errors.covers(*status)
        }
        Outcome::Failed { failure, .. } => failure.is_transient(),
        Outcome::Stopped => false,
    };
    let allowed = if outcome.is_unprocessed() {
        class.repeatable_if_unprocessed()
    } else {
        class.repeatable()
    };
    hopeful && allowed
}

/// Whether the server limits this client, and says from when on it will not: then it is the server
/// who spreads the load, and a repetition at its time adds nothing to an outage. A 503 with a wait
/// is a failure, whose end the server only expects.
fn is_paced(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Answered { status: TOO_MANY_REQUESTS, retry_after: Some(wait) } if !wait.is_zero()
    )
}

/// The wait that the server asked for.
const fn asked(outcome: &Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Answered { retry_after, .. } => *retry_after,
        Outcome::Failed { .. } | Outcome::Stopped => None,
    }
}

/// The longer of the server's wait and the client's own; a limit without a wait, or with a wait of
/// zero, still gets a pause worth the name.
fn pause(
    policy: &RetryPolicy,
    attempts: u32,
    asked: Option<Duration>,
    outcome: &Outcome,
    draw: f64,
) -> Duration {
    let own = policy.backoff.delay(attempts, draw);
    match (asked, outcome) {
        (Some(asked), _) => own.max(asked).max(policy.backoff.base()),
        (None, Outcome::Answered { status, .. }) if *status == TOO_MANY_REQUESTS => {
            own.max(policy.default_retry_after)
        }
        (None, _) => own,
    }
}

#[cfg(test)]
mod tests;
