//! The whole stack under random faults.

mod book;
mod outcomes;
mod page;
mod pitfalls;
mod shared;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use token_core::{Failure, Idempotency, Sent, StopReason};
use tokio::time::Instant;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::fakes::{Script, Step, TestError, after, asked, call, request, secs};
use crate::{
    AttemptTimeoutLayer, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer, DeadlineLayer,
    PauseGate, PauseGateLayer, RetryLayer, RetryPolicy, StackBuilder,
};

const TOTAL: Duration = Duration::from_secs(120);

fn any_step() -> impl Strategy<Value = Step> {
    let sent = prop_oneof![Just(Sent::No), Just(Sent::Maybe), Just(Sent::Yes)];
    let failure = prop_oneof![
        Just(Failure::Connect),
        Just(Failure::Interrupted),
        Just(Failure::Timeout),
        Just(Failure::Tls),
    ];
    let now = prop_oneof![
        prop_oneof![
            Just(200_u16),
            Just(401),
            Just(404),
            Just(408),
            Just(429),
            500_u16..=504
        ]
        .prop_map(Step::Status),
        (prop_oneof![Just(429_u16), Just(503)], 0_u64..100).prop_map(|(s, w)| asked(s, w)),
        (sent, failure).prop_map(|(sent, failure)| Step::Fail(sent, failure)),
        Just(Step::Stall),
    ];
    (now, 0_u64..20).prop_map(|(step, delay)| after(secs(delay), step))
}

/// Whether a server that did this may have acted on the request, and what wait it asked for.
fn effect(step: &Step) -> (bool, Duration) {
    match step {
        Step::After(delay, step) => {
            let (acted, wait) = effect(step);
            // A try that is given up before its answer may have been acted on, and asks nothing.
            if *delay > secs(10) {
                return (true, Duration::ZERO);
            }
            (acted, wait + if wait.is_zero() { wait } else { *delay })
        }
        Step::Asked(429, wait) => (false, secs(wait.parse().unwrap())),
        Step::Asked(_, wait) => (true, secs(wait.parse().unwrap())),
        Step::Status(429) | Step::Fail(Sent::No, _) | Step::Stop(_) => (false, Duration::ZERO),
        Step::Status(_) | Step::Fail(..) | Step::Stall => (true, Duration::ZERO),
    }
}

async fn play(steps: Vec<Step>, class: Idempotency, seed: u64) -> (Vec<Instant>, Duration, u32) {
    let script = Script::new(steps);
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new(TOTAL))
        .layer(RetryLayer::new(RetryPolicy::default()).with_seed(seed))
        .layer(PauseGateLayer::new(PauseGate::new()))
        .layer(CircuitBreakerLayer::new(CircuitBreaker::default()))
        .layer(ConcurrencyLimitLayer::new(1))
        .layer(AttemptTimeoutLayer::new(secs(10)))
        .service(script.clone());
    let (start, call) = (Instant::now(), call(class));
    let _ = service.oneshot(request(&call)).await;
    (script.sends(), start.elapsed(), call.ledger().attempts())
}

proptest! {
    // W-A11, W-A16, W-A19, A-54, A-66
    #[test]
    fn under_random_faults_nothing_happens_twice_early_or_late(
        steps in prop::collection::vec(any_step(), 0..6), class in 0_usize..4, seed in any::<u64>(),
    ) {
        let class = [
            Idempotency::Safe,
            Idempotency::Idempotent,
            Idempotency::OnlyIfUnprocessed,
            Idempotency::Never,
        ][class];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (sends, elapsed, attempts) = runtime.block_on(play(steps.clone(), class, seed));

        prop_assert!(sends.len() <= 3 && attempts <= 3, "{} sends", sends.len());
        prop_assert!(elapsed <= TOTAL + Duration::from_millis(1), "{:?}", elapsed);
        let effects: Vec<_> = steps.iter().map(effect).chain([(true, Duration::ZERO)]).collect();
        let acted = effects.iter().take(sends.len()).filter(|(acted, _)| *acted).count();
        prop_assert!(class.repeatable() || acted <= 1, "processed {} times", acted);
        prop_assert!(class != Idempotency::Never || sends.len() == 1);
        for (pair, (_, wait)) in sends.windows(2).zip(&effects) {
            prop_assert!(pair[1] - pair[0] >= *wait, "{:?} after {:?}", pair[1] - pair[0], wait);
        }
    }
}

/// A server that takes 10 requests in each second, and counts who asks while it said not to.
struct Limited {
    start: Instant,
    second: u32,
    taken: u32,
    requests: u32,
    pauses: u32,
    early: u32,
}

impl Limited {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            second: 0,
            taken: 0,
            requests: 0,
            pauses: 0,
            early: 0,
        }
    }

    fn answer(&mut self) -> Result<Response<Bytes>, BoxError> {
        let elapsed = self.start.elapsed();
        let second = u32::try_from(elapsed.as_secs())?;
        if second > self.second {
            (self.second, self.taken) = (second, 0);
        }
        self.requests += 1;
        if self.taken < 10 {
            self.taken += 1;
            return Ok(Response::new(Bytes::new()));
        }
        if self.taken == 10 {
            self.taken += 1;
            self.pauses += 1;
        } else {
            self.early += 1;
        }
        let wait = secs(u64::from(second) + 1) - elapsed;
        let limited = Response::builder().status(429);
        let limited = limited.header("retry-after", format!("{:.9}", wait.as_secs_f64()));
        Ok(limited.body(Bytes::new())?)
    }
}

// A-54, C-37, W-A16
#[tokio::test(start_paused = true)]
async fn a_storm_of_callers_obeys_one_limit_and_all_of_them_get_through() {
    let server = Arc::new(Mutex::new(Limited::new()));
    let asked = Arc::clone(&server);
    let transport = service_fn(move |_: Request<Bytes>| {
        let answer = asked.lock().unwrap().answer();
        async move { answer }
    });
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new(TOTAL))
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(PauseGateLayer::new(PauseGate::new()))
        .layer(AttemptTimeoutLayer::new(secs(10)))
        .service(transport);
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let request = request(&call(Idempotency::OnlyIfUnprocessed));
            tokio::spawn(service.clone().oneshot(request))
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().status(), 200);
    }
    let server = server.lock().unwrap();
    assert_eq!(server.early, 0, "nobody asks before the server's own time");
    assert_eq!(server.requests, 200 + server.pauses);
}

// Pitfall 21.
// W-C11: a caller's own headers were taken out at the first try.
#[tokio::test(start_paused = true)]
async fn every_try_carries_the_whole_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let transport = service_fn(move |request: Request<Bytes>| {
        let header = request.headers().get("x-trace").cloned();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut kept = kept.lock().unwrap();
        kept.push((method, uri, header, request.into_body()));
        let status = if kept.len() < 3 { 503 } else { 200 };
        async move { Ok::<_, BoxError>(Response::builder().status(status).body(Bytes::new())?) }
    });
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new(TOTAL))
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(PauseGateLayer::new(PauseGate::new()))
        .layer(CircuitBreakerLayer::new(CircuitBreaker::default()))
        .layer(AttemptTimeoutLayer::new(secs(10)))
        .service(transport);
    let mut request = request(&call(Idempotency::Safe));
    let header = http::HeaderValue::from_static("abc");
    request.headers_mut().insert("x-trace", header.clone());
    let sent = (request.method().clone(), request.uri().clone());
    let sent = (sent.0, sent.1, Some(header), request.body().clone());
    assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    assert_eq!(*seen.lock().unwrap(), vec![sent; 3]);
}

// W-A16: nor is who had passed the gate before, and waited for a permit when the pause began.
#[tokio::test(start_paused = true)]
async fn a_pause_that_begins_while_requests_wait_for_a_permit_holds_them_back() {
    let limited = after(secs(1), asked(429, 10));
    let script = Script::new([limited, after(secs(1), Step::Status(200))]);
    let service = StackBuilder::new()
        .with_concurrency_limit(ConcurrencyLimitLayer::new(1).with_longest_wait(TOTAL))
        .layer(script.clone());
    let calls: Vec<_> = (0..5)
        .map(|_| call(Idempotency::OnlyIfUnprocessed))
        .collect();
    let start = Instant::now();
    let answers = calls
        .iter()
        .map(|call| tokio::spawn(service.clone().oneshot(request(call))));
    for answer in answers.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    }
    let sends = script.sends();
    assert_eq!(sends.len(), 6);
    assert!(sends[1] >= start + secs(11), "{:?}", sends[1] - start);
    let counted: u32 = calls.iter().map(|call| call.ledger().sends()).sum();
    assert_eq!(counted, 6, "what was held back is no send");
    let tries: u32 = calls.iter().map(|call| call.ledger().tries()).sum();
    assert_eq!(counted, tries);
}

// W-A16: without another attempt the caller is told, as by the gate.
#[tokio::test(start_paused = true)]
async fn who_is_held_back_in_his_last_attempt_is_told_when_to_come_back() {
    let script = Script::new([after(secs(1), asked(429, 10))]);
    let service = StackBuilder::new()
        .with_concurrency_limit(ConcurrencyLimitLayer::new(1))
        .layer(script.clone());
    let (first, last) = (call(Idempotency::Safe), call(Idempotency::Never));
    let first = tokio::spawn(service.clone().oneshot(request(&first)));
    tokio::task::yield_now().await;
    let error = service.oneshot(request(&last)).await.unwrap_err();
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.reason(), StopReason::RateLimited);
    assert_eq!(stopped.retry_after(), Some(secs(10)));
    assert_eq!(stopped.ledger().sends(), 0);
    first.await.unwrap().unwrap();
}

// C-43: nor is what was let through while the circuit was closed, and waited for a permit when it opened.
#[tokio::test(start_paused = true)]
async fn a_circuit_that_opens_while_requests_wait_for_a_permit_holds_them_back() {
    let down = || after(secs(1), Step::Status(500));
    let script = Script::new([down(), down(), down(), Step::Status(200)]);
    let breaker = CircuitBreaker::new(NonZeroU32::new(2).unwrap(), secs(10));
    let service = StackBuilder::new()
        .with_circuit_breaker(CircuitBreakerLayer::new(breaker))
        .with_concurrency_limit(ConcurrencyLimitLayer::new(1).with_longest_wait(TOTAL))
        .layer(script.clone());
    let calls: Vec<_> = (0..5).map(|_| call(Idempotency::Never)).collect();
    let answers: Vec<_> = calls
        .iter()
        .map(|call| tokio::spawn(service.clone().oneshot(request(call))))
        .collect();
    let mut refused = 0;
    for answer in answers {
        if let Err(TestError::Stopped(stopped)) = answer.await.unwrap() {
            assert_eq!(stopped.reason(), StopReason::CircuitOpen);
            assert_eq!(stopped.ledger().sends(), 0);
            refused += 1;
        }
    }
    assert_eq!((script.sends().len(), refused), (2, 3));

    // The probe passes both looks, and decides.
    tokio::time::advance(secs(10)).await;
    for status in [500, 200] {
        let answer = service
            .clone()
            .oneshot(request(&call(Idempotency::Never)))
            .await;
        assert_eq!(answer.unwrap().status(), status);
        tokio::time::advance(secs(10)).await;
    }
}
