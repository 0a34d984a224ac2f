//! What the layers read from a request and from the result of a try.

use std::time::Duration;

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use token_core::{
    CallContext, Classify, Failure, Idempotency, Ledger, Outcome, Sent, StopReason, answered_at,
    parse_retry_after,
};
use tokio::time::Instant;

use crate::observer::{Watch, outcome_of};
use crate::wall::Wall;

/// The context that the request carries, or a new one of the class `assumed`, which it then carries.
pub(crate) fn context(request: &mut Request<Bytes>, assumed: Idempotency) -> CallContext {
    if let Some(call) = request.extensions().get::<CallContext>() {
        return call.clone();
    }
    let call = CallContext::new(assumed);
    request.extensions_mut().insert(call.clone());
    call
}

/// The book of a call whose request a layer refused before anything was sent, so that it does not
/// count as a send.
pub(crate) fn held_back(call: Option<&CallContext>) -> Ledger {
    let Some(call) = call else {
        return Ledger::default();
    };
    call.note(Ledger::note_held_back);
    call.ledger()
}

/// What came of a try.
pub(crate) fn outcome<E: Classify>(result: &Result<Response<Bytes>, E>, wall: &Wall) -> Outcome {
    let response = match result {
        Ok(response) => response,
        Err(error) => return error.outcome(),
    };
    let mut values = response.headers().get_all(RETRY_AFTER).iter().peekable();
    let retry_after = match values.peek() {
        Some(_) => {
            let dates = response.headers().get_all(DATE).iter();
            let now = answered_at(dates.map(HeaderValue::as_bytes), wall.now());
            parse_retry_after(values.map(HeaderValue::as_bytes), now)
        }
        None => None,
    };
    Outcome::Answered {
        status: response.status().as_u16(),
        retry_after,
    }
}

/// How long a try may take, and what it is told when that is over.
pub(crate) fn allowance(limit: Duration, call: Option<&CallContext>) -> (Duration, StopReason) {
    let remaining = call.and_then(|call| call.remaining(Instant::now().into_std()));
    match remaining {
        Some(left) if left <= limit => {
            let total = call.and_then(CallContext::total);
            (left, StopReason::Deadline(total.unwrap_or(left)))
        }
        _ => (limit, StopReason::AttemptTimeout(limit)),
    }
}

/// A try under way. Dropped before it ended, it writes into the call's book that it may have taken
/// effect: a caller who is not warned might send an issuance once more.
pub(crate) struct Try {
    call: Option<CallContext>,
    resend_count: u32,
    watch: Watch,
    ended: bool,
}

impl Try {
    /// Counts the try.
    pub(crate) fn begin(call: Option<CallContext>, watch: Watch) -> Self {
        let mut resend_count = 0;
        if let Some(call) = &call {
            call.note(|ledger| {
                resend_count = ledger.tries();
                ledger.note_try();
            });
        }
        Self {
            call,
            resend_count,
            watch,
            ended: false,
        }
    }

    /// It brought a result, which says by itself what was sent.
    pub(crate) fn end<E: Classify>(&mut self, result: &Result<Response<Bytes>, E>) {
        self.ended = true;
        let outcome = outcome_of(result);
        self.watch.attempt_ended(self.resend_count, Some(outcome));
    }

    /// Its time is over: nobody may use its connection again.
    pub(crate) fn abort(&self) {
        if let Some(call) = &self.call {
            call.abort_attempt();
        }
    }

    /// It was aborted, and brought nothing.
    pub(crate) fn expire(&mut self) {
        self.watch.attempt_ended(self.resend_count, Some(GIVEN_UP));
    }
}

/// What is known of a try that nobody waits for any more.
const GIVEN_UP: Outcome = Outcome::Failed {
    sent: Sent::Maybe,
    failure: Failure::Timeout,
};

impl Drop for Try {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if let Some(call) = self.call.take() {
            call.note(|ledger| ledger.note_outcome(&GIVEN_UP));
        }
        if self.watch.is_on() {
            self.watch.attempt_ended(self.resend_count, None);
        }
    }
}
