use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Failure, Idempotency, ManualClock, RetryConfig, Sent, StopReason};
use tokio::time::Instant;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::fakes::{Answer, Script, Step, TestError, after, asked, call, request, secs};
use crate::{AttemptTimeoutLayer, DeadlineLayer, RetryBudget, RetryLayer, RetryPolicy};

async fn run(policy: RetryPolicy, script: &Script, call: &CallContext) -> Answer {
    let layer = RetryLayer::new(policy).with_clock(Arc::new(ManualClock::default()));
    layer.layer(script.clone()).oneshot(request(call)).await
}

fn gaps(script: &Script) -> Vec<Duration> {
    let sends = script.sends();
    sends.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

//
#[tokio::test(start_paused = true)]
async fn a_success_is_one_request() {
    let script = Script::new([]);
    let call = call(Idempotency::Safe);
    let answer = run(RetryPolicy::default(), &script, &call).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(script.sends().len(), 1);
    assert_eq!(call.ledger().attempts(), 1);
}

// C-40, C-42
#[tokio::test(start_paused = true)]
async fn pauses_double_and_the_last_result_comes_back_as_it_is() {
    let fail = Step::Fail(Sent::No, Failure::Connect);
    let script = Script::new([
        Step::Status(503),
        fail,
        Step::Status(502),
        Step::Status(200),
    ]);
    let call = call(Idempotency::Idempotent);
    let answer = run(RetryPolicy::default(), &script, &call).await.unwrap();
    assert_eq!(answer.status(), 502);
    let gaps = gaps(&script);
    assert_eq!(gaps.len(), 2);
    for (gap, lo) in gaps.iter().zip([1000, 2000]) {
        let hi = lo + 501;
        assert!((lo..=hi).contains(&gap.as_millis()), "{gaps:?}");
    }
    assert_eq!(call.ledger().attempts(), 3);
    assert!(call.ledger().maybe_processed());
}

// W-A17
#[tokio::test(start_paused = true)]
async fn no_two_calls_of_a_client_pause_alike_and_a_seed_repeats_them() {
    let layer = RetryLayer::new(RetryPolicy::default()).with_seed(7);
    let mut pauses = Vec::new();
    for _ in 0..200 {
        let script = Script::new([Step::Status(503)]);
        let call = call(Idempotency::Safe);
        let service = layer.layer(script);
        service.oneshot(request(&call)).await.unwrap();
        pauses.push(call.ledger().waited());
    }
    let distinct: BTreeSet<_> = pauses.iter().collect();
    assert_eq!(distinct.len(), pauses.len());
    let tenths: BTreeSet<_> = pauses.iter().map(|p| p.as_millis() / 50).collect();
    assert!(tenths.len() >= 10, "{tenths:?}");

    let script = Script::new([Step::Status(503)]);
    let again = call(Idempotency::Safe);
    let layer = RetryLayer::new(RetryPolicy::default()).with_seed(7);
    layer.layer(script).oneshot(request(&again)).await.unwrap();
    assert_eq!(again.ledger().waited(), pauses[0]);
}

// A-54, C-37, W-A16
#[tokio::test(start_paused = true)]
async fn a_wait_that_the_server_asks_for_is_never_cut_short() {
    let date = "Fri, 15 Jan 2027 08:00:45 GMT";
    for (value, wait) in [("31", 31), ("59.5", 59), (date, 45)] {
        let script = Script::new([asked(429, value)]);
        let call = call(Idempotency::OnlyIfUnprocessed);
        run(RetryPolicy::default(), &script, &call).await.unwrap();
        assert!(
            gaps(&script)[0] >= secs(wait),
            "{value}: {:?}",
            gaps(&script)
        );
        assert_eq!(script.sends().len(), 2);
    }
}

// A-54, W-A16: the clock here says 2027, and the service's is ten years behind it.
#[tokio::test(start_paused = true)]
async fn a_date_is_judged_by_the_clock_of_the_service_that_wrote_it() {
    let sends = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&sends);
    let transport = service_fn(move |_: Request<Bytes>| {
        let mut sends = noted.lock().unwrap();
        sends.push(Instant::now());
        let answer = match sends.len() {
            1 => Response::builder()
                .status(429)
                .header("date", "Sun, 15 Jan 2017 08:00:00 GMT")
                .header("retry-after", "Sun, 15 Jan 2017 08:00:45 GMT"),
            _ => Response::builder(),
        };
        async move { Ok::<_, BoxError>(answer.body(Bytes::new())?) }
    });
    let layer =
        RetryLayer::new(RetryPolicy::default()).with_clock(Arc::new(ManualClock::default()));
    let call = call(Idempotency::OnlyIfUnprocessed);
    layer
        .layer(transport)
        .oneshot(request(&call))
        .await
        .unwrap();
    let sends = sends.lock().unwrap();
    assert_eq!(sends[1] - sends[0], secs(45));
}

// A-56, W-A16
#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_patience_is_told_at_once_with_the_moment_to_come_back() {
    let script = Script::new([asked(429, 61)]);
    let start = Instant::now();
    let call = call(Idempotency::OnlyIfUnprocessed);
    let error = run(RetryPolicy::default(), &script, &call)
        .await
        .unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.reason(), StopReason::RateLimited);
    assert_eq!(stopped.to_string(), "Rate limited: retry after 61 seconds");
    let wall = token_core::Clock::now(&ManualClock::default()).wall;
    assert_eq!(stopped.retry_at(), Some(wall + secs(61)));
    assert_eq!(stopped.ledger().attempts(), 1);
}

// W-A11: the verdict takes the place of the answer, so the book has to tell what the answer told.
#[tokio::test(start_paused = true)]
async fn a_verdict_in_place_of_an_answer_keeps_what_that_said_about_the_request() {
    for (status, may_have_happened) in [(503, true), (408, true), (429, false)] {
        let script = Script::new([asked(status, 61)]);
        let call = call(Idempotency::Idempotent);
        let error = run(RetryPolicy::default(), &script, &call).await;
        let TestError::Stopped(stopped) = error.unwrap_err() else {
            panic!("{status}");
        };
        let noted = stopped.ledger().maybe_processed();
        assert_eq!(noted, may_have_happened, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_no_clock_can_express_is_told_without_a_panic() {
    let script = Script::new([asked(429, "9999999999999999999999")]);
    let call = call(Idempotency::Safe);
    let error = run(RetryPolicy::default(), &script, &call)
        .await
        .unwrap_err();
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.retry_after(), Some(Duration::MAX));
}

// W-A19
#[tokio::test(start_paused = true)]
async fn no_call_sleeps_past_its_deadline() {
    let script = Script::new([Step::Status(503), Step::Status(503)]);
    let start = Instant::now();
    let call = CallContext::builder(Idempotency::Safe)
        .with_deadline(start.into_std(), secs(2))
        .build();
    let answer = run(RetryPolicy::default(), &script, &call).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(start.elapsed() < secs(2), "{:?}", start.elapsed());
    assert_eq!(script.sends().len(), 2);

    let script = Script::new([asked(429, 5)]);
    let start = Instant::now();
    let call = CallContext::builder(Idempotency::Safe)
        .with_deadline(start.into_std(), secs(5))
        .build();
    let error = run(RetryPolicy::default(), &script, &call)
        .await
        .unwrap_err();
    assert!(matches!(error, TestError::Stopped(_)), "{error:?}");
    assert_eq!(start.elapsed(), Duration::ZERO);
}

// W-A11, A-66
#[tokio::test(start_paused = true)]
async fn what_may_have_happened_is_not_sent_again() {
    let outcomes = [
        Step::Fail(Sent::Maybe, Failure::Interrupted),
        Step::Fail(Sent::Yes, Failure::Interrupted),
        Step::Fail(Sent::Maybe, Failure::Timeout),
        Step::Status(503),
        asked(503, 1),
        Step::Status(408),
    ];
    for step in outcomes {
        let script = Script::new([step.clone()]);
        let call = call(Idempotency::OnlyIfUnprocessed);
        let _ = run(RetryPolicy::default(), &script, &call).await;
        assert_eq!(script.sends().len(), 1, "{step:?}");
    }
}

// W-A11
#[tokio::test(start_paused = true)]
async fn a_try_that_timed_out_is_repeated_only_for_operations_that_may_be() {
    for (class, sends) in [(Idempotency::Safe, 2), (Idempotency::OnlyIfUnprocessed, 1)] {
        let script = Script::new([Step::Stall]);
        let service = ServiceBuilder::new()
            .layer(DeadlineLayer::new(secs(120)))
            .layer(RetryLayer::new(RetryPolicy::default()))
            .layer(AttemptTimeoutLayer::new(secs(10)))
            .service(script.clone());
        let answer = service.oneshot(request(&call(class))).await;
        assert_eq!(answer.is_ok(), sends == 2);
        assert_eq!(script.sends().len(), sends, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_context_is_repeated_only_if_it_was_not_processed() {
    for (step, sends) in [
        (Step::Status(503), 1),
        (Step::Fail(Sent::No, Failure::Connect), 2),
    ] {
        let script = Script::new([step]);
        let mut bare = request(&call(Idempotency::Safe));
        bare.extensions_mut().clear();
        let service = RetryLayer::new(RetryPolicy::default()).layer(script.clone());
        let _ = service.oneshot(bare).await;
        assert_eq!(script.sends().len(), sends);
    }
}

#[tokio::test(start_paused = true)]
async fn two_retry_layers_share_one_book_and_do_not_multiply() {
    let script = Script::new(vec![Step::Status(503); 20]);
    let call = call(Idempotency::Safe);
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(RetryLayer::new(RetryPolicy::default()))
        .service(script.clone());
    service.oneshot(request(&call)).await.unwrap();
    assert!(script.sends().len() <= 3, "{}", script.sends().len());
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_wired_and_stops_a_storm() {
    let policy = RetryPolicy::default().with_budget(RetryBudget::default());
    let layer = RetryLayer::new(policy);
    let script = Script::new(vec![Step::Status(503); 1000]);
    for _ in 0..100 {
        let service = layer.layer(script.clone());
        service
            .oneshot(request(&call(Idempotency::Safe)))
            .await
            .unwrap();
    }
    assert_eq!(script.sends().len(), 110);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_call_while_it_waits_sends_nothing_more() {
    let script = Script::new([Step::Status(503)]);
    let call = call(Idempotency::Safe);
    let answer = run(RetryPolicy::default(), &script, &call);
    tokio::time::timeout(Duration::from_millis(500), answer)
        .await
        .unwrap_err();
    tokio::time::sleep(secs(60)).await;
    assert_eq!(script.sends().len(), 1);
}

// one attempt is one send, and the request is not copied for nothing.
#[tokio::test(start_paused = true)]
async fn the_request_is_copied_only_when_another_try_is_possible() {
    #[derive(Clone, Debug, Default)]
    struct Copies(Arc<std::sync::atomic::AtomicU32>);
    #[derive(Debug)]
    struct Marker(Copies);
    impl Clone for Marker {
        fn clone(&self) -> Self {
            self.0.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Self(self.0.clone())
        }
    }
    let config = RetryConfig::builder().with_max_attempts(1).build().unwrap();
    let cases = [
        (RetryPolicy::default(), Idempotency::Never, 0),
        (RetryPolicy::new(&config), Idempotency::Safe, 0),
        (RetryPolicy::default(), Idempotency::Safe, 1),
    ];
    for (policy, class, expected) in cases {
        let copies = Copies::default();
        let mut request = request(&call(class));
        request.extensions_mut().insert(Marker(copies.clone()));
        let service = RetryLayer::new(policy).layer(Script::new([]));
        service.oneshot(request).await.unwrap();
        let made = copies.0.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(made, expected, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_boxed_error_works_too_and_counts_as_maybe_sent() {
    let failing = service_fn(|_: Request<Bytes>| async { Err::<_, BoxError>("boom".into()) });
    let call = call(Idempotency::OnlyIfUnprocessed);
    let service = RetryLayer::new(RetryPolicy::default()).layer(failing);
    let error = service.oneshot(request(&call)).await.unwrap_err();
    assert_eq!(error.to_string(), "boom");
    assert_eq!(call.ledger().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_waited_for_where_no_layer_bounds_it() {
    let script = Script::new([after(secs(300), Step::Status(200))]);
    let answer = run(RetryPolicy::default(), &script, &call(Idempotency::Safe)).await;
    assert_eq!(answer.unwrap().status(), 200);
}
