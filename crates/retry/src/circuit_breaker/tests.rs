use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Failure, Idempotency, ManualClock, Sent, StopReason, Stopped};
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use crate::fakes::{Answer, Script, Step, TestError, after, asked, call, request, secs};
use crate::{
    AttemptTimeoutLayer, CircuitBreaker, CircuitBreakerLayer, CircuitGuarded, CircuitState,
    DeadlineLayer, Health, RetryLayer, RetryPolicy,
};

const PAUSE: Duration = Duration::from_secs(300);

struct Fixture {
    breaker: CircuitBreaker,
    script: Script,
}

impl Fixture {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            breaker: CircuitBreaker::default(),
            script: Script::new(steps),
        }
    }

    /// A circuit that five failures have opened, and what happens then.
    async fn opened(steps: impl IntoIterator<Item = Step>) -> Self {
        let failures = vec![Step::Status(500); 5];
        let fixture = Self::new(failures.into_iter().chain(steps));
        for _ in 0..5 {
            fixture.send().await.unwrap();
        }
        assert_eq!(fixture.breaker.state(), CircuitState::Open);
        fixture
    }

    fn layer(&self) -> CircuitBreakerLayer {
        CircuitBreakerLayer::new(self.breaker.clone()).with_clock(Arc::new(ManualClock::default()))
    }

    fn service(&self) -> CircuitGuarded<Script> {
        self.layer().layer(self.script.clone())
    }

    async fn send(&self) -> Answer {
        let request = request(&call(Idempotency::Safe));
        self.service().oneshot(request).await
    }

    fn spawn(&self) -> JoinHandle<Answer> {
        let request = request(&call(Idempotency::Safe));
        tokio::spawn(self.service().oneshot(request))
    }

    fn sends(&self) -> usize {
        self.script.sends().len()
    }
}

fn stopped(answer: Answer) -> Stopped {
    match answer {
        Err(TestError::Stopped(stopped)) => stopped,
        other => panic!("{other:?}"),
    }
}

// C-31, C-43
#[tokio::test(start_paused = true)]
async fn after_five_failures_nothing_is_sent_and_the_answer_says_when_to_come_back() {
    let fixture = Fixture::opened([]).await;
    advance(secs(100)).await;
    let stopped = stopped(fixture.send().await);
    assert_eq!(stopped.reason(), StopReason::CircuitOpen);
    assert_eq!(stopped.retry_after(), Some(secs(200)));
    assert!(stopped.retry_at().is_some());
    assert_eq!(fixture.sends(), 5);
}

// Pitfall 13.
// C-40, C-41, C-62: X-36.
#[tokio::test(start_paused = true)]
async fn what_counts_as_a_failure_and_what_says_nothing() {
    let fail = |failure| Step::Fail(Sent::Maybe, failure);
    let counted = [
        Step::Status(500),
        Step::Status(503),
        asked(503, 1),
        fail(Failure::Resolve),
        fail(Failure::Connect),
        fail(Failure::Tls),
        fail(Failure::Timeout),
        fail(Failure::Interrupted),
        fail(Failure::TooLarge),
        fail(Failure::Protocol),
        fail(Failure::Other),
    ];
    let neutral = [
        Step::Status(400),
        Step::Status(401),
        Step::Status(403),
        Step::Status(408),
        asked(429, 10),
        Step::Status(429),
        fail(Failure::Rejected),
    ];
    let rows = counted.map(|step| (step, CircuitState::Open));
    let rows = rows
        .into_iter()
        .chain(neutral.map(|step| (step, CircuitState::Closed)));
    for (step, expected) in rows {
        let fixture = Fixture::new(vec![step.clone(); 5]);
        for _ in 0..5 {
            let _ = fixture.send().await;
        }
        assert_eq!(fixture.breaker.state(), expected, "{step:?}");
    }
}

// Pitfall 13.
// W-C14: five limits were an outage of five minutes.
#[tokio::test(start_paused = true)]
async fn any_number_of_limits_and_refusals_does_not_open_it() {
    let steps = (0..100).map(|index| Step::Status([429, 401, 404][index % 3]));
    let fixture = Fixture::new(steps);
    for _ in 0..100 {
        fixture.send().await.unwrap();
    }
    assert_eq!(fixture.sends(), 100);
}

// W-S04: the status and the body are looked at before anything is counted.
#[tokio::test(start_paused = true)]
async fn an_answer_counts_as_what_the_caller_takes_it_for() {
    let fixture = Fixture::new([]);
    let layer = fixture.layer().with_health(|answer| {
        if answer.body().is_empty() {
            return Health::Fails;
        }
        Health::of_status(answer.status())
    });
    for sent in 0..7 {
        let service = layer.layer(fixture.script.clone());
        let answer = service.oneshot(request(&call(Idempotency::Safe))).await;
        assert_eq!(answer.is_ok(), sent < 5, "{answer:?}");
    }
    assert_eq!(fixture.sends(), 5);
}

// W-C15: X-33, one of a herd goes first, and the others are not kept waiting.
#[tokio::test(start_paused = true)]
async fn after_the_pause_one_of_many_goes_first_and_its_success_lets_everybody_in() {
    let probe = after(secs(2), Step::Status(200));
    let fixture = Fixture::opened([probe]).await;
    advance(PAUSE).await;
    let callers: Vec<_> = (0..50).map(|_| fixture.spawn()).collect();
    let start = Instant::now();
    let mut refused = 0;
    for caller in callers {
        match caller.await.unwrap() {
            Ok(answer) => assert_eq!(answer.status(), 200),
            Err(error) => {
                let stopped = stopped(Err(error));
                assert_eq!(stopped.reason(), StopReason::CircuitOpen);
                assert_eq!(stopped.retry_after(), None, "the probe is still deciding");
                refused += 1;
            }
        }
    }
    assert_eq!((refused, start.elapsed()), (49, secs(2)));
    assert_eq!(fixture.breaker.state(), CircuitState::Closed);
    fixture.send().await.unwrap();
    assert_eq!(fixture.sends(), 7);
}

// C-43
#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_it_for_another_pause() {
    let fixture = Fixture::opened([Step::Status(502)]).await;
    advance(PAUSE).await;
    fixture.send().await.unwrap();
    advance(PAUSE - secs(1)).await;
    assert_eq!(stopped(fixture.send().await).retry_after(), Some(secs(1)));
    advance(secs(1)).await;
    assert_eq!(fixture.send().await.unwrap().status(), 200);
}

// W-C15: pitfall 12.
#[tokio::test(start_paused = true)]
async fn a_cancelled_probe_gives_its_turn_back() {
    let fixture = Fixture::opened([Step::Stall]).await;
    advance(PAUSE).await;
    let probe = fixture.spawn();
    sleep(secs(1)).await;
    assert_eq!(fixture.breaker.state(), CircuitState::HalfOpen);
    stopped(fixture.send().await);
    probe.abort();
    let _ = probe.await;
    assert_eq!(fixture.send().await.unwrap().status(), 200);
    assert_eq!(fixture.breaker.state(), CircuitState::Closed);
}

// W-C15, W-S04
#[tokio::test(start_paused = true)]
async fn a_result_from_before_it_opened_does_not_count_any_more() {
    let late = [200, 500].map(|status| after(secs(310), Step::Status(status)));
    let failures = vec![Step::Status(500); 5];
    let probe = after(secs(60), Step::Status(200));
    let fixture = Fixture::new(late.into_iter().chain(failures).chain([probe]));
    let stragglers = [fixture.spawn(), fixture.spawn()];
    tokio::task::yield_now().await;
    for _ in 0..5 {
        fixture.send().await.unwrap();
    }
    advance(PAUSE).await;
    let probe = fixture.spawn();
    for straggler in stragglers {
        straggler.await.unwrap().unwrap();
    }
    assert_eq!(fixture.breaker.state(), CircuitState::HalfOpen);
    probe.await.unwrap().unwrap();
    assert_eq!(fixture.breaker.state(), CircuitState::Closed);
}

// C-31, C-40, C-42: each try counts, an open circuit ends the call at once, and what it held back is
// no attempt.
#[tokio::test(start_paused = true)]
async fn below_retry_each_try_counts_and_an_open_circuit_is_not_waited_for() {
    let fixture = Fixture::new(vec![Step::Status(503); 20]);
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()).with_seed(7))
        .layer(fixture.layer())
        .service(fixture.script.clone());
    let send = || service.clone().oneshot(request(&call(Idempotency::Safe)));
    assert_eq!(send().await.unwrap().status(), 503);
    assert_eq!(fixture.sends(), 3);
    assert_eq!(stopped(send().await).ledger().attempts(), 2);
    assert_eq!(fixture.sends(), 5);
    let start = Instant::now();
    assert_eq!(stopped(send().await).ledger().attempts(), 0);
    assert_eq!((fixture.sends(), start.elapsed()), (5, Duration::ZERO));
}

// C-62: pitfall 13.
#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_fails_and_a_caller_without_time_says_nothing() {
    for (deadline, expected) in [(120, CircuitState::Open), (8, CircuitState::Closed)] {
        let fixture = Fixture::new(vec![Step::Stall; 5]);
        let service = ServiceBuilder::new()
            .layer(DeadlineLayer::new(secs(deadline)))
            .layer(fixture.layer())
            .layer(AttemptTimeoutLayer::new(secs(10)))
            .service(fixture.script.clone());
        for _ in 0..5 {
            let call = call(Idempotency::Safe);
            service.clone().oneshot(request(&call)).await.unwrap_err();
        }
        assert_eq!(fixture.breaker.state(), expected, "{deadline} s");
    }
}

// C-31
#[tokio::test(start_paused = true)]
async fn it_works_alone_and_over_boxed_errors() {
    let breaker = CircuitBreaker::new(NonZeroU32::MIN, secs(1));
    let service = ServiceBuilder::new()
        .layer(CircuitBreakerLayer::new(breaker))
        .service(service_fn(|_: Request<Bytes>| async {
            Err::<Response<Bytes>, BoxError>("no route".into())
        }));
    let send = || service.clone().oneshot(Request::new(Bytes::new()));
    assert_eq!(send().await.unwrap_err().to_string(), "no route");
    let error = send().await.unwrap_err();
    let stopped = error.downcast_ref::<Stopped>().unwrap();
    assert_eq!(stopped.reason(), StopReason::CircuitOpen);
}

// W-C12
#[tokio::test(start_paused = true)]
async fn a_refused_request_keeps_no_readied_service() {
    let fixture = Fixture::opened([]).await;
    let mut service = fixture.service();
    for _ in 0..3 {
        let request = request(&call(Idempotency::Safe));
        let refused = service.ready().await.unwrap().call(request);
        assert_eq!(fixture.script.readied(), 0);
        assert_eq!(stopped(refused.await).reason(), StopReason::CircuitOpen);
    }
}
