use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use token_core::{Failure, Idempotency, Outcome, Sent};
use tokio::time::timeout;
use tower::layer::layer_fn;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::fakes::{Answer, Script, Step, after, asked, call, request, secs};
use crate::{
    AttemptEnd, AttemptTimeoutLayer, BelowAuthorize, CallEnd, CallObserver, DeadlineLayer,
    RetryWait, StackBuilder,
};

/// What was told, in short: the resend count of a try or the tries of a call, what came of it, and
/// how many seconds it took.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<Line>>);

type Line = (&'static str, u32, Option<Outcome>, u64);

impl Told {
    fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl CallObserver for Told {
    fn attempt_ended(&self, attempt: &AttemptEnd<'_>) {
        assert_eq!(attempt.uri.path(), "/issue");
        let told = (
            "try",
            attempt.resend_count,
            attempt.outcome,
            attempt.elapsed.as_secs(),
        );
        self.0.lock().unwrap().push(told);
    }

    fn call_ended(&self, call: &CallEnd<'_>) {
        assert_eq!(call.method, "POST");
        let told = (
            "call",
            call.ledger.tries(),
            call.outcome,
            call.elapsed.as_secs(),
        );
        self.0.lock().unwrap().push(told);
    }
}

fn status(status: u16) -> Option<Outcome> {
    let retry_after = None;
    Some(Outcome::Answered {
        status,
        retry_after,
    })
}

/// A stack that tells, and who is told.
fn stack() -> (StackBuilder, Arc<Told>) {
    let told = Arc::new(Told::default());
    let builder = StackBuilder::new()
        .with_deadline(DeadlineLayer::new(secs(60)))
        .with_attempt_timeout(AttemptTimeoutLayer::new(secs(10)))
        .with_observer(told.clone());
    (builder, told)
}

// W-A11
#[tokio::test(start_paused = true)]
async fn each_try_and_the_call_are_told_once_with_their_times() {
    let (builder, told) = stack();
    let steps = [
        after(secs(2), asked(429, 5)),
        after(secs(3), Step::Status(200)),
    ];
    let service = builder.layer(Script::new(steps));
    service
        .oneshot(request(&call(Idempotency::OnlyIfUnprocessed)))
        .await
        .unwrap();
    let told = told.take();
    assert_eq!(told[0], ("try", 0, status(429), 2));
    assert_eq!(told[1], ("try", 1, status(200), 3));
    assert_eq!((told[2].0, told[2].1, told[2].2), ("call", 2, status(200)));
    assert!(told[2].3 >= 10, "the wait counts: {told:?}");
    assert_eq!(told.len(), 3);
}

/// Sends once more after a 401, as a layer that authorizes does.
async fn replay(mut below: BelowAuthorize<Script>, request: Request<Bytes>) -> Answer {
    let again = request.clone();
    let answer = below.ready().await?.call(request).await?;
    if answer.status() != 401 {
        return Ok(answer);
    }
    below.ready().await?.call(again).await
}

// C-46: OpenTelemetry counts each resend, whatever the reason.
#[tokio::test(start_paused = true)]
async fn the_replay_of_a_layer_in_between_is_a_resend_as_well() {
    let (builder, told) = stack();
    let authorize = layer_fn(|below: BelowAuthorize<Script>| {
        service_fn(move |request| replay(below.clone(), request))
    });
    let script = Script::new([Step::Status(401), Step::Status(503)]);
    let service = builder.with_authorize(authorize).layer(script);
    let answer = service.oneshot(request(&call(Idempotency::Safe))).await;
    assert_eq!(answer.unwrap().status(), 200);
    let resends: Vec<_> = told
        .take()
        .into_iter()
        .map(|line| (line.0, line.1))
        .collect();
    assert_eq!(resends, [("try", 0), ("try", 1), ("try", 2), ("call", 3)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_is_told_as_such() {
    let (builder, told) = stack();
    let service = builder.layer(Script::new([Step::Stall, Step::Stall]));
    let safe = service
        .clone()
        .oneshot(request(&call(Idempotency::OnlyIfUnprocessed)));
    safe.await.unwrap_err();
    let timed_out = Some(Outcome::Failed {
        sent: Sent::Maybe,
        failure: Failure::Timeout,
    });
    let expected = [("try", 0, timed_out, 10), ("call", 1, timed_out, 10)];
    assert_eq!(told.take(), expected);

    let given_up = service.oneshot(request(&call(Idempotency::Safe)));
    timeout(secs(1), given_up).await.unwrap_err();
    assert_eq!(told.take(), [("try", 0, None, 1), ("call", 1, None, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nothing_was_sent_for_has_no_try() {
    let (builder, told) = stack();
    let call = call(Idempotency::Safe);
    call.start(tokio::time::Instant::now().into_std(), Duration::ZERO);
    let service = builder.layer(Script::new([]));
    service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(told.take(), [("call", 0, Some(Outcome::Stopped), 0)]);
}

/// The waits that were told: what came before, which try that was, of how many, and the seconds.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<(Outcome, u32, u32, u64)>>);

impl CallObserver for Waits {
    fn retry_waits(&self, wait: &RetryWait) {
        let told = (
            wait.outcome,
            wait.attempts,
            wait.max_attempts,
            wait.wait.as_secs(),
        );
        self.0.lock().unwrap().push(told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_when_it_begins_with_its_reason_and_its_length() {
    let waits = Arc::new(Waits::default());
    let service = StackBuilder::new()
        .with_observer(waits.clone())
        .layer(Script::new([asked(429, 5), Step::Status(200)]));
    let call = call(Idempotency::OnlyIfUnprocessed);
    let answer = service.oneshot(request(&call)).await;
    assert_eq!(answer.unwrap().status(), 200);
    let told = waits.0.lock().unwrap();
    let [(outcome, 1, 3, 5..)] = told.as_slice() else {
        panic!("{told:?}");
    };
    let throttled = Outcome::Answered {
        status: 429,
        retry_after: Some(secs(5)),
    };
    assert_eq!(*outcome, throttled);
}
