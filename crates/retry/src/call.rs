//! What the layers read from a request and from the result of a try.

use std::time::Duration;

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use token_core::{
    CallContext, Classify, DeadlineCover, Failure, Idempotency, Ledger, Outcome, Sent, StopReason,
    Stopped, answered_at, parse_retry_after,
};
use tokio::time::Instant;

use crate::observer::{Watch, outcome_of};
use crate::wall::Wall;

/// The context that the request carries, or a new one of the class `assumed`, which it then carries.
#[inline]
pub(crate) fn context(request: &mut Request<Bytes>, assumed: Idempotency) -> CallContext {
    if let Some(call) = request.extensions().get::<CallContext>() {
        return call.clone();
    }
    let call = CallContext::new(assumed);
    request.extensions_mut().insert(call.clone());
    call
}

/// A copy for another try. A context that is alone in the extensions stays behind, because a copy of
/// them costs three allocations; who sends the copy puts it back by [`carry`].
#[inline]
pub(crate) fn copy(request: &Request<Bytes>) -> Request<Bytes> {
    if request.extensions().len() > 1 {
        return request.clone();
    }
    let mut copy = Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    // Even the clone of an empty map costs something.
    if !request.headers().is_empty() {
        copy.headers_mut().clone_from(request.headers());
    }
    copy
}

/// Has the request carry the context.
pub(crate) fn carry(request: &mut Request<Bytes>, call: &CallContext) {
    if request.extensions().get::<CallContext>().is_none() {
        request.extensions_mut().insert(call.clone());
    }
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

/// A request that waits in a layer. Dropped while it waits, because its caller left or its deadline came,
/// it is taken back from its call's book: nothing was sent.
pub(crate) struct Waiting(Option<Request<Bytes>>);

impl Waiting {
    pub(crate) const fn new(request: Request<Bytes>) -> Self {
        Self(Some(request))
    }

    pub(crate) fn call(&self) -> Option<&CallContext> {
        self.0.as_ref()?.extensions().get()
    }

    /// The request, which is on its way from here on.
    pub(crate) fn go_on(mut self) -> Request<Bytes> {
        self.0.take().expect("only leaving takes it")
    }

    /// Takes it back; the answer is the book after that.
    pub(crate) fn refuse(mut self) -> Ledger {
        let request = self.0.take();
        held_back(
            request
                .as_ref()
                .and_then(|request| request.extensions().get()),
        )
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(call) = self.call() {
            call.note(Ledger::note_held_back);
        }
    }
}

/// What came of a try.
pub(crate) fn outcome<E: Classify>(result: &Result<Response<Bytes>, E>, wall: &Wall) -> Outcome {
    let response = match result {
        Ok(response) => response,
        Err(error) => return error.outcome(),
    };
    Outcome::Answered {
        status: response.status().as_u16(),
        retry_after: retry_after(response, wall),
    }
}

/// The wait that an answer asks for. A success is not looked at: it comes often, and whatever it asks for,
/// nothing is sent again.
fn retry_after(response: &Response<Bytes>, wall: &Wall) -> Option<Duration> {
    if response.status().is_success() {
        return None;
    }
    let mut values = response.headers().get_all(RETRY_AFTER).iter().peekable();
    values.peek()?;
    let dates = response.headers().get_all(DATE).iter();
    let now = answered_at(dates.map(HeaderValue::as_bytes), wall.now());
    parse_retry_after(values.map(HeaderValue::as_bytes), now)
}

/// The verdict about a try that had no time left and was not begun. A deadline that is over counts no
/// attempt; a limit of zero does all the same, or repeating it had no end.
pub(crate) fn not_begun(reason: StopReason, call: Option<&CallContext>) -> Stopped {
    let ledger = match reason {
        StopReason::Deadline(_) => held_back(call),
        _ => call.map(CallContext::ledger).unwrap_or_default(),
    };
    Stopped::new(reason, ledger)
}

/// How long a try that begins at `now` may take, and what it is told when that is over.
#[inline]
pub(crate) fn allowance(
    limit: Duration,
    call: Option<&CallContext>,
    now: Instant,
) -> (Duration, StopReason) {
    let remaining = call.and_then(|call| call.remaining(now.into_std()));
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
    cover: Option<DeadlineCover>,
}

impl Try {
    /// Counts the try.
    #[inline]
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
            cover: None,
        }
    }

    /// Its timer is set, and ends it at `end`, no later than the call's deadline.
    #[inline]
    pub(crate) fn cover_deadline(&mut self, end: Instant) {
        if self.cover.is_none() {
            let call = self.call.as_ref();
            self.cover = call.map(|call| call.cover_deadline(end.into_std()));
        }
    }

    /// It brought a result, which says by itself what was sent.
    pub(crate) fn end<E: Classify>(&mut self, result: &Result<Response<Bytes>, E>) {
        self.ended = true;
        self.cover = None;
        let outcome = outcome_of(result);
        self.watch.attempt_ended(self.resend_count, Some(outcome));
    }

    /// Its time is over: nobody may use its connection again.
    pub(crate) fn abort(&self) {
        if let Some(call) = &self.call {
            call.abort_attempt();
        }
    }

    /// It was aborted, and brought nothing; the answer is the call in whose book that stands now.
    pub(crate) fn expire(&mut self) -> Option<CallContext> {
        self.watch.attempt_ended(self.resend_count, Some(GIVEN_UP));
        let call = self.call.take();
        if let Some(call) = &call {
            call.note(|ledger| ledger.note_outcome(&GIVEN_UP));
        }
        call
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

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> (Request<Bytes>, CallContext) {
        let call = CallContext::new(Idempotency::Safe);
        let request = Request::put("https://api.example.com/a?b=c")
            .header("if-match", "1")
            .extension(call.clone())
            .body(Bytes::from_static(b"{}"));
        (request.unwrap(), call)
    }

    fn tries_seen_by(copy: &Request<Bytes>) -> Option<u32> {
        let call = copy.extensions().get::<CallContext>()?;
        Some(call.ledger().tries())
    }

    #[test]
    fn a_copy_is_the_same_request_and_carries_the_same_call() {
        let (request, call) = request();
        let mut copy = copy(&request);
        carry(&mut copy, &call);
        assert_eq!(copy.method(), request.method());
        assert_eq!(copy.uri(), request.uri());
        assert_eq!(copy.version(), request.version());
        assert_eq!(copy.headers(), request.headers());
        assert_eq!(copy.body(), request.body());
        call.note(Ledger::note_try);
        assert_eq!(tries_seen_by(&copy), Some(1));
    }

    #[test]
    fn a_request_that_waits_counts_only_if_it_goes_on() {
        for (leave, attempts) in [
            (Waiting::go_on as fn(Waiting) -> _, 1),
            (|waiting| (drop(waiting), request().0).1, 0),
            (|waiting| (waiting.refuse(), request().0).1, 0),
        ] {
            let (request, call) = request();
            call.note(Ledger::note_attempt);
            leave(Waiting::new(request));
            assert_eq!(call.ledger().attempts(), attempts);
        }
    }

    #[test]
    fn what_others_put_into_the_extensions_is_copied_too() {
        let (mut request, call) = request();
        request.extensions_mut().insert("theirs");
        let mut copy = copy(&request);
        carry(&mut copy, &call);
        assert_eq!(copy.extensions().get(), Some(&"theirs"));
        call.note(Ledger::note_try);
        assert_eq!(tries_seen_by(&copy), Some(1));
    }
}
