use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use token_core::{CallContext, Idempotency, Ledger, RetryConfig, Sent, StopReason};
use tokio::time::{Instant, advance, sleep, timeout};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use crate::fakes::{Script, Step, TestError, after, asked, call, request, secs};
use crate::{ConcurrencyLimitLayer, PauseGate, PauseGateLayer, RetryLayer, RetryPolicy};

fn slow(seconds: u64, count: usize) -> Script {
    Script::new((0..count).map(|_| after(secs(seconds), Step::Status(200))))
}

fn stop_reason(error: &TestError) -> StopReason {
    match error {
        TestError::Stopped(stopped) => stopped.reason(),
        TestError::Failed(..) => panic!("{error:?}"),
    }
}

// C-45: over all clones, and first come, first served.
#[tokio::test(start_paused = true)]
async fn no_more_requests_than_permits_are_under_way() {
    let script = slow(1, 25);
    let service = ConcurrencyLimitLayer::new(10).layer(script.clone());
    let started = Instant::now();
    let calls = (0..25).map(|_| {
        let service = service.clone();
        tokio::spawn(async move { service.oneshot(request(&call(Idempotency::Safe))).await })
    });
    for answer in calls.collect::<Vec<_>>() {
        answer.await.unwrap().unwrap();
    }
    let sends: Vec<_> = script
        .sends()
        .iter()
        .map(|at| (*at - started).as_secs())
        .collect();
    let at = |second: u64| sends.iter().filter(|sent| **sent == second).count();
    assert_eq!((at(0), at(1), at(2)), (10, 10, 5));
}

#[tokio::test(start_paused = true)]
async fn all_services_of_one_layer_share_its_permits_and_there_is_always_one() {
    let layer = ConcurrencyLimitLayer::new(0);
    let (first, second) = (slow(1, 1), slow(1, 1));
    let call = call(Idempotency::Safe);
    let both = tokio::join!(
        layer.layer(first.clone()).oneshot(request(&call)),
        layer.layer(second.clone()).oneshot(request(&call)),
    );
    both.0.unwrap();
    both.1.unwrap();
    assert_eq!(second.sends()[0] - first.sends()[0], secs(1));
}

// C-44: 5 s for a place in the pool; nothing was sent, so nothing can have happened.
#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_a_permit_is_told_and_nothing_was_sent() {
    let script = Script::new([Step::Stall]);
    let service = ConcurrencyLimitLayer::new(1).layer(script.clone());
    let holder = tokio::spawn(service.clone().oneshot(request(&call(Idempotency::Safe))));
    sleep(secs(1)).await;
    let started = Instant::now();
    let late = call(Idempotency::Never);
    late.note(Ledger::note_attempt);
    let error = service.clone().oneshot(request(&late)).await.unwrap_err();
    assert_eq!(started.elapsed(), secs(5));
    assert_eq!(stop_reason(&error), StopReason::Saturated);
    assert_eq!(late.ledger().waited(), secs(5));
    assert!(!late.ledger().maybe_processed());
    assert_eq!(late.ledger().sends(), 0);
    assert_eq!(script.sends().len(), 1);

    let hasty = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(2))
        .build();
    let error = service.oneshot(request(&hasty)).await.unwrap_err();
    assert_eq!(stop_reason(&error), StopReason::Deadline(secs(2)));
    assert_eq!(started.elapsed(), secs(7));
    holder.abort();
}

// C-45: whether it ends, fails, or is given up while it is sent or while it waits.
#[tokio::test(start_paused = true)]
async fn a_permit_comes_back_however_its_request_ends() {
    let failure = Step::Fail(Sent::Maybe, token_core::Failure::Timeout);
    let script = Script::new([Step::Status(500), failure, Step::Stall]);
    let mut service = ConcurrencyLimitLayer::new(1).layer(script.clone());
    let call = call(Idempotency::Safe);
    service
        .ready()
        .await
        .unwrap()
        .call(request(&call))
        .await
        .unwrap();
    service
        .ready()
        .await
        .unwrap()
        .call(request(&call))
        .await
        .unwrap_err();
    let stalled = service.ready().await.unwrap().call(request(&call));
    let queued = service.ready().await.unwrap().call(request(&call));
    timeout(secs(1), queued).await.unwrap_err();
    drop(stalled);
    service
        .ready()
        .await
        .unwrap()
        .call(request(&call))
        .await
        .unwrap();
    assert_eq!(
        script.sends().len(),
        4,
        "who was given up in the queue sent nothing"
    );
}

// W-C12: what the service below reserves when it is ready is nobody's in the queue.
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_a_permit_keeps_no_readied_service() {
    let script = slow(1, 2);
    let mut service = ConcurrencyLimitLayer::new(1).layer(script.clone());
    let request = || request(&call(Idempotency::Safe));
    let first = service.ready().await.unwrap().call(request());
    let second = service.ready().await.unwrap().call(request());
    assert_eq!(script.readied(), 0);
    let (first, second) = tokio::join!(first, second);
    first.unwrap();
    second.unwrap();
    assert_eq!((script.sends().len(), script.readied()), (2, 0));
}

// W-C12, W-S03: the only permit is free while others sleep before their next try.
#[tokio::test(start_paused = true)]
async fn no_permit_is_held_while_a_call_waits_for_its_next_try() {
    let layer = ConcurrencyLimitLayer::new(1);
    let waits = [
        (Script::new([Step::Status(503)]), RetryConfig::default()),
        (Script::new([asked(429, 30)]), RetryConfig::default()),
    ];
    for (script, config) in waits {
        let waiter = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::new(&config)))
            .layer(PauseGateLayer::new(PauseGate::new()))
            .layer(layer.clone())
            .service(script.clone());
        let waiting = tokio::spawn(waiter.oneshot(request(&call(Idempotency::Safe))));
        sleep(Duration::from_millis(100)).await;
        assert_eq!(script.sends().len(), 1);
        let other = layer.layer(Script::new([]));
        let started = Instant::now();
        other
            .oneshot(request(&call(Idempotency::Safe)))
            .await
            .unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
        waiting.await.unwrap().unwrap();
        assert_eq!(script.sends().len(), 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    // C-45: whatever is given up when, at most so many are inside, and all permits come back.
    #[test]
    fn no_random_crowd_gets_past_the_limit(
        limit in 1_usize..4,
        crowd in prop::collection::vec((0_u64..2_000, 1_u64..3_000, 1_u64..4_000), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let inside = Arc::new(Mutex::new((0_usize, 0_usize)));
            let layer = ConcurrencyLimitLayer::new(limit).with_longest_wait(secs(60));
            let calls: Vec<_> = crowd.into_iter().map(|(start, length, patience)| {
                let service = layer.layer(counting(&inside, length));
                tokio::spawn(async move {
                    sleep(Duration::from_millis(start)).await;
                    let request = request(&call(Idempotency::Safe));
                    let _ = timeout(Duration::from_millis(patience), service.oneshot(request)).await;
                })
            }).collect();
            for call in calls {
                call.await.unwrap();
            }
            assert_eq!(inside.lock().unwrap().0, 0);
            assert!(inside.lock().unwrap().1 <= limit);
            advance(secs(1)).await;
            let last = layer.layer(Script::new([])).oneshot(request(&call(Idempotency::Safe)));
            timeout(Duration::ZERO, last).await.expect("a permit is free").unwrap();
        });
    }
}

/// Counts who is inside, and the most that were.
fn counting(
    inside: &Arc<Mutex<(usize, usize)>>,
    millis: u64,
) -> impl Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError, Future: Send>
+ Clone
+ Send
+ 'static {
    struct Inside(Arc<Mutex<(usize, usize)>>);
    impl Drop for Inside {
        fn drop(&mut self) {
            self.0.lock().unwrap().0 -= 1;
        }
    }
    let inside = Arc::clone(inside);
    service_fn(move |_| {
        let inside = Arc::clone(&inside);
        async move {
            {
                let mut count = inside.lock().unwrap();
                count.0 += 1;
                count.1 = count.1.max(count.0);
            }
            let _inside = Inside(inside);
            sleep(Duration::from_millis(millis)).await;
            Ok(Response::new(Bytes::new()))
        }
    })
}
