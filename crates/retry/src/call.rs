//! What the layers read from a request and from the result of a try.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response};
use token_core::{
    CallContext, Classify, Failure, Idempotency, Outcome, Sent, StopReason, parse_retry_after,
};
use tokio::time::Instant;

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

/// What came of a try.
pub(crate) fn outcome<E: Classify>(result: &Result<Response<Bytes>, E>, wall: &Wall) -> Outcome {
    let response = match result {
        Ok(response) => response,
        Err(error) => return error.outcome(),
    };
    let mut values = response.headers().get_all(RETRY_AFTER).iter().peekable();
    let retry_after = match values.peek() {
        Some(_) => parse_retry_after(values.map(http::HeaderValue::as_bytes), wall.now()),
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
#[derive(Debug)]
pub(crate) struct Try(Option<CallContext>);

impl Try {
    pub(crate) const fn of(call: Option<CallContext>) -> Self {
        Self(call)
    }

    /// It brought a result, which says by itself what was sent.
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }

    /// Its time is over: nobody may use its connection again.
    pub(crate) fn abort(&self) {
        if let Some(call) = &self.0 {
            call.abort_attempt();
        }
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        let outcome = Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Timeout,
        };
        if let Some(call) = self.0.take() {
            call.note(|ledger| ledger.note_outcome(&outcome));
        }
    }
}
