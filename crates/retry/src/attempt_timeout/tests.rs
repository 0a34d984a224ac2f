use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Waker;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, Failure, Idempotency, Ledger, Outcome, Sent, StopReason};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::AttemptTimeoutLayer;
use crate::fakes::{Script, Step, TestError, after, call, request, secs};

async fn stall(call: &CallContext) -> (TestError, std::time::Duration) {
    let start = Instant::now();
    let service = AttemptTimeoutLayer::new(secs(10)).layer(Script::new([Step::Stall]));
    let error = service.oneshot(request(call)).await.unwrap_err();
    (error, start.elapsed())
}

// Pitfall 7.
// W-A11
#[tokio::test(start_paused = true)]
async fn a_try_that_takes_too_long_is_torn_down_and_counts_as_maybe_sent() {
    let aborts = Arc::new(AtomicU32::new(0));
    let call = call(Idempotency::Safe);
    let count = Arc::clone(&aborts);
    call.on_abort(Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    }));
    let (error, elapsed) = stall(&call).await;
    assert_eq!(elapsed, secs(10));
    assert_eq!(aborts.load(Ordering::Relaxed), 1);
    assert!(call.ledger().maybe_processed());
    let expected = Outcome::Failed {
        sent: Sent::Maybe,
        failure: Failure::Timeout,
    };
    assert_eq!(error.outcome(), expected);
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.to_string(), "Request timeout after 10 seconds");
}

// W-A19: the gate, a permit or a token may come at the very moment at which the call ends.
#[tokio::test(start_paused = true)]
async fn a_try_that_begins_at_the_deadline_is_not_sent_and_not_counted() {
    for (limit, total, attempts) in [(10, 0, 0), (0, 10, 1)] {
        let call = CallContext::builder(Idempotency::Safe)
            .with_deadline(Instant::now().into_std(), secs(total))
            .build();
        call.note(Ledger::note_attempt);
        let script = Script::new([]);
        let service = AttemptTimeoutLayer::new(secs(limit)).layer(script.clone());
        let error = service.oneshot(request(&call)).await.unwrap_err();
        let TestError::Stopped(stopped) = error else {
            panic!("{error:?}");
        };
        let book = stopped.ledger();
        assert_eq!((book.attempts(), book.tries()), (attempts, 0), "{limit}");
        assert_eq!(call.ledger(), book);
        assert_eq!(script.sends(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_call_shortens_the_last_try_and_ends_the_call() {
    let call = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(4))
        .build();
    let (error, elapsed) = stall(&call).await;
    assert_eq!(elapsed, secs(4));
    assert_eq!(error.outcome(), Outcome::Stopped);
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.reason(), StopReason::Deadline(secs(4)));
    assert!(stopped.ledger().maybe_processed());
}

#[tokio::test(start_paused = true)]
async fn a_try_without_time_left_is_not_sent() {
    let script = Script::new([]);
    let call = call(Idempotency::Safe);
    call.start(Instant::now().into_std(), secs(0));
    let service = AttemptTimeoutLayer::new(secs(10)).layer(script.clone());
    service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(script.sends(), []);
    assert!(!call.ledger().maybe_processed());
}

// W-A11: a deadline further out, or the caller, can end the try before its own time-out does.
#[tokio::test(start_paused = true)]
async fn a_try_that_is_given_up_may_have_happened_and_one_that_ends_leaves_no_note() {
    let steps = [Step::Stall, Step::Status(200)];
    let service = AttemptTimeoutLayer::new(secs(10)).layer(Script::new(steps));
    let given_up = call(Idempotency::OnlyIfUnprocessed);
    drop(service.clone().oneshot(request(&given_up)));
    assert!(!given_up.ledger().maybe_processed(), "it never began");
    let begun = service.clone().oneshot(request(&given_up));
    timeout(secs(1), begun).await.unwrap_err();
    assert!(given_up.ledger().maybe_processed());

    let ended = call(Idempotency::OnlyIfUnprocessed);
    service.oneshot(request(&ended)).await.unwrap();
    assert!(!ended.ledger().maybe_processed());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_context_is_bounded_too() {
    let mut bare = request(&call(Idempotency::Safe));
    bare.extensions_mut().clear();
    let service = AttemptTimeoutLayer::new(secs(10)).layer(Script::new([Step::Stall]));
    let error = service.oneshot(bare).await.unwrap_err();
    assert!(matches!(error, TestError::Stopped(_)), "{error:?}");
}

// W-A16: the head of a 429 has told when to come back before its body stalls.
#[tokio::test(start_paused = true)]
async fn an_answer_whose_body_stalls_is_not_lost_to_the_time_out() {
    let transport = service_fn(|request: Request<Bytes>| async move {
        let call = request.extensions().get::<CallContext>().unwrap().clone();
        let aborted = Arc::new(Notify::new());
        let notify = Arc::clone(&aborted);
        call.on_abort(Box::new(move || notify.notify_one()));
        aborted.notified().await;
        let answer = Response::builder().status(429).header("retry-after", 30);
        Ok::<_, TestError>(answer.body(Bytes::new()).unwrap())
    });
    let start = Instant::now();
    let call = call(Idempotency::OnlyIfUnprocessed);
    let service = AttemptTimeoutLayer::new(secs(10)).layer(transport);
    let answer = service.oneshot(request(&call)).await.unwrap();
    assert_eq!((answer.status().as_u16(), start.elapsed()), (429, secs(10)));
    assert!(!call.ledger().maybe_processed(), "a limit is no maybe");
}

// one timer for both, where the layer of the deadline is there too.
#[tokio::test(start_paused = true)]
async fn a_try_under_way_covers_the_deadline_of_its_call_and_no_longer() {
    let call = call(Idempotency::Safe);
    let is_covered = || call.wake_when_uncovered(Instant::now().into_std(), Waker::noop());
    let steps = [Step::Stall];
    let service = AttemptTimeoutLayer::new(secs(10)).layer(Script::new(steps));
    let mut sent = pin!(service.oneshot(request(&call)));
    assert!(!is_covered(), "nothing is timed before it is polled");
    assert!(timeout(secs(0), sent.as_mut()).await.is_err());
    assert!(is_covered());
    sent.await.unwrap_err();
    assert!(!is_covered());
}

//
#[tokio::test(start_paused = true)]
async fn a_try_that_brought_its_answer_covers_nothing_any_more_however_long_it_is_kept() {
    let call = call(Idempotency::Safe);
    let steps = [after(secs(1), Step::Status(200))];
    let mut service = AttemptTimeoutLayer::new(secs(10)).layer(Script::new(steps));
    let ready = service.ready().await.unwrap();
    let mut sent = pin!(ready.call(request(&call)));
    assert!(timeout(secs(0), sent.as_mut()).await.is_err());
    sent.as_mut().await.unwrap();
    assert!(!call.wake_when_uncovered(Instant::now().into_std(), Waker::noop()));
}
