use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Idempotency, StopReason};
use tokio::time::{Instant, timeout};
use tower::{Layer, Service, ServiceExt};

use crate::fakes::{Script, Step, TestError, after, call, request, secs};
use crate::{DeadlineLayer, StackBuilder};

//
#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline_and_the_attempt_is_torn_down() {
    let aborts = Arc::new(AtomicU32::new(0));
    let call = call(Idempotency::Safe);
    let count = Arc::clone(&aborts);
    call.on_abort(Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    }));
    let start = Instant::now();
    let service = DeadlineLayer::new(secs(120)).layer(Script::new([Step::Stall]));
    let error = service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(120));
    assert_eq!(aborts.load(Ordering::Relaxed), 1);
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.reason(), StopReason::Deadline(secs(120)));
    assert_eq!(stopped.to_string(), "Request timeout after 120 seconds");
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_the_last_moment_wins_over_the_deadline() {
    let steps = [after(secs(5), Step::Status(200))];
    let service = DeadlineLayer::new(secs(5)).layer(Script::new(steps));
    let answer = service.oneshot(request(&call(Idempotency::Safe))).await;
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_the_caller_set_stays() {
    let call = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(3))
        .build();
    let start = Instant::now();
    let service = DeadlineLayer::new(secs(120)).layer(Script::new([Step::Stall]));
    service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(3));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_the_deadline_is_over_before_the_call() {
    let script = Script::new([]);
    let call = call(Idempotency::Safe);
    call.start(Instant::now().into_std(), secs(0));
    let service = DeadlineLayer::new(secs(120)).layer(script.clone());
    service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(script.sends(), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_context_gets_one_that_is_careful() {
    let (service, mut requests) = tower_test::mock::pair();
    let service = service.map_err(|_| -> TestError { panic!("the mock does not fail") });
    let service = DeadlineLayer::new(secs(120)).layer(service);
    let mut bare = request(&call(Idempotency::Safe));
    bare.extensions_mut().clear();
    let answer = tokio::spawn(service.oneshot(bare));
    let (request, respond) = requests.next_request().await.unwrap();
    let call: &CallContext = http::Request::extensions(&request).get().unwrap();
    assert_eq!(call.idempotency(), Idempotency::OnlyIfUnprocessed);
    assert_eq!(call.total(), Some(secs(120)));
    respond.send_response(http::Response::new(bytes::Bytes::new()));
    answer.await.unwrap().unwrap();
}

/// A layer in between whose first try has a timer for `timed`, is over after `tried`, and is kept for
/// as long as something else is waited for, unless `dropped`.
fn waiting_after_a_try(
    timed: Duration,
    tried: Duration,
    dropped: bool,
) -> impl Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError> {
    tower::service_fn(move |request: Request<Bytes>| async move {
        let call = request.extensions().get::<CallContext>().cloned();
        let end = (Instant::now() + timed).into_std();
        let cover = call.map(|call| call.cover_deadline(end));
        if dropped {
            // On another task, as behind a buffer.
            tokio::spawn(async move {
                tokio::time::sleep(tried).await;
                drop(cover);
            });
            return std::future::pending().await;
        }
        tokio::time::sleep(tried).await;
        let never = std::future::pending().await;
        drop(cover);
        never
    })
}

// the layer that times tries sets a timer for both, and no other code has to know.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_a_timer_further_in_covers_holds_when_that_timer_is_gone() {
    for (timed, tried, dropped) in [
        (120, 0, true),
        (120, 1, true),
        (120, 119, true),
        (60, 1, true),
        (60, 60, false),
        (1, 60, false),
    ] {
        let start = Instant::now();
        let inner = waiting_after_a_try(secs(timed), secs(tried), dropped);
        let service = DeadlineLayer::new(secs(120)).layer(inner);
        let answer = service.oneshot(request(&call(Idempotency::Safe)));
        let answer = timeout(secs(200), answer).await.expect("the call ends");
        assert!(matches!(answer, Err(TestError::Stopped(_))), "{answer:?}");
        assert_eq!(start.elapsed(), secs(120));
    }
}

//
#[tokio::test(start_paused = true)]
async fn a_try_that_takes_the_whole_call_ends_with_the_verdict_about_the_call() {
    let start = Instant::now();
    let stack = StackBuilder::new()
        .with_deadline(DeadlineLayer::new(secs(20)))
        .layer(Script::new([Step::Stall]));
    let error = stack.oneshot(request(&call(Idempotency::Safe))).await;
    let Err(TestError::Stopped(stopped)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.reason(), StopReason::Deadline(secs(20)));
    assert_eq!(start.elapsed(), secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_calls_share_is_called_through_a_reference() {
    let script = Script::new([Step::Status(503), Step::Status(200), Step::Status(200)]);
    let stack = StackBuilder::new().layer(script.clone());
    let (one, two) = tokio::join!(
        (&stack).oneshot(request(&call(Idempotency::Safe))),
        (&stack).oneshot(request(&call(Idempotency::Safe))),
    );
    assert_eq!(
        (one.unwrap().status(), two.unwrap().status()),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    assert_eq!(script.sends().len(), 3);
}
