use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use token_core::{CallContext, Failure, Idempotency, Ledger, ManualClock, Sent, StopReason};
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep, timeout};
use tower::{Layer, Service, ServiceExt};

use crate::fakes::{Answer, Script, Step, TestError, after, asked, call, request, secs};
use crate::{AttemptTimeoutLayer, PauseGate, PauseGateLayer, PauseGated};

struct Fixture {
    gate: PauseGate,
    script: Script,
    start: Instant,
}

impl Fixture {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            gate: PauseGate::new(),
            script: Script::new(steps),
            start: Instant::now(),
        }
    }

    fn service(&self) -> PauseGated<Script> {
        PauseGateLayer::new(self.gate.clone())
            .with_clock(Arc::new(ManualClock::default()))
            .layer(self.script.clone())
    }

    async fn send(&self, call: &CallContext) -> Answer {
        self.service().oneshot(request(call)).await
    }

    fn spawn(&self) -> JoinHandle<Answer> {
        let service = self.service();
        let request = request(&call(Idempotency::Safe));
        tokio::spawn(service.oneshot(request))
    }

    /// When each request arrived, since the start.
    fn arrivals(&self) -> Vec<Duration> {
        let sends = self.script.sends();
        sends.iter().map(|at| *at - self.start).collect()
    }
}

async fn close(fixture: &Fixture) {
    fixture.send(&call(Idempotency::Safe)).await.unwrap();
    assert!(!fixture.gate.is_open());
}

// W-C12
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_at_the_gate_keeps_no_readied_service() {
    let fixture = Fixture::new([asked(429, 10)]);
    close(&fixture).await;
    let mut service = fixture.service();
    let request = request(&call(Idempotency::Safe));
    let waiting = service.ready().await.unwrap().call(request);
    assert_eq!(fixture.script.readied(), 0);
    waiting.await.unwrap();
    assert!(fixture.arrivals()[1] >= secs(10));
}

// A-54, W-A16
#[tokio::test(start_paused = true)]
async fn one_429_slows_all_callers_and_one_of_them_goes_first() {
    let probe = after(secs(1), Step::Status(200));
    let fixture = Fixture::new([asked(429, 10), probe]);
    close(&fixture).await;
    let callers: Vec<_> = (0..50).map(|_| fixture.spawn()).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().status(), 200);
    }
    let arrivals = fixture.arrivals();
    assert_eq!(arrivals.len(), 51);
    assert!(arrivals[1] >= secs(10), "{arrivals:?}");
    assert!(arrivals[2] >= arrivals[1] + secs(1), "{arrivals:?}");
    assert!(fixture.gate.is_open());
}

//
#[tokio::test(start_paused = true)]
async fn a_pause_that_does_not_fit_is_told_at_once_with_the_moment_to_come_back() {
    let fixture = Fixture::new([asked(429, 61)]);
    close(&fixture).await;
    let impatient = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(5))
        .build();
    for call in [call(Idempotency::Safe), impatient] {
        call.note(Ledger::note_attempt);
        let error = fixture.send(&call).await.unwrap_err();
        let TestError::Stopped(stopped) = error else {
            panic!("{error:?}");
        };
        assert_eq!(stopped.reason(), StopReason::RateLimited);
        assert_eq!(stopped.retry_after(), Some(secs(61)));
        assert_eq!(stopped.ledger().sends(), 0, "nothing was sent");
    }
    assert_eq!(fixture.start.elapsed(), Duration::ZERO);
    assert_eq!(fixture.arrivals().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_closes_the_gate_again_and_the_next_one_tries() {
    let failures = [
        asked(429, 5),
        Step::Fail(Sent::No, Failure::Connect),
        Step::Status(503),
        asked(503, 7),
    ];
    let fixture = Fixture::new(failures);
    close(&fixture).await;
    let callers: Vec<_> = (0..10).map(|_| fixture.spawn()).collect();
    for caller in callers {
        let _ = caller.await.unwrap();
    }
    let arrivals = fixture.arrivals();
    for (index, expected) in [(1, 5), (2, 6), (3, 7), (4, 14)] {
        let distance = arrivals[index].abs_diff(secs(expected));
        assert!(distance < Duration::from_millis(10), "{arrivals:?}");
    }
    assert!(fixture.gate.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_probe_gives_its_turn_to_the_next_caller() {
    let fixture = Fixture::new([asked(429, 5), Step::Stall]);
    close(&fixture).await;
    let probe = fixture.spawn();
    sleep(secs(6)).await;
    let next = fixture.spawn();
    sleep(secs(6)).await;
    assert_eq!(fixture.arrivals().len(), 2);
    probe.abort();
    let next = timeout(secs(60), next)
        .await
        .expect("the turn was given back");
    assert_eq!(next.unwrap().unwrap().status(), 200);
    assert!(fixture.arrivals()[2] < secs(13), "{:?}", fixture.arrivals());
    assert!(fixture.gate.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_the_client_ended_itself_blocks_nobody_even_if_its_future_is_kept() {
    let fixture = Fixture::new([asked(429, 5), Step::Stall]);
    close(&fixture).await;
    let inner = AttemptTimeoutLayer::new(secs(60)).layer(fixture.script.clone());
    let service = PauseGateLayer::new(fixture.gate.clone()).layer(inner);
    let hasty = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(8))
        .build();
    let mut probe = std::pin::pin!(service.oneshot(request(&hasty)));
    probe.as_mut().await.unwrap_err();
    let next = timeout(secs(60), fixture.spawn()).await;
    let next = next.expect("the turn was given back");
    assert_eq!(next.unwrap().unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_an_earlier_request_neither_opens_the_gate_nor_decides_for_the_probe() {
    let straggler = after(secs(3), Step::Status(200));
    let late_limit = after(secs(6), asked(429, 10));
    let probe = after(secs(4), Step::Status(200));
    let fixture = Fixture::new([straggler, late_limit, asked(429, 5), probe]);
    let stragglers = [fixture.spawn(), fixture.spawn()];
    tokio::task::yield_now().await;
    fixture.send(&call(Idempotency::Safe)).await.unwrap();
    sleep(secs(4)).await;
    assert!(!fixture.gate.is_open());

    let first = fixture.spawn();
    sleep(secs(2)).await;
    let second = fixture.spawn();
    for straggler in stragglers {
        straggler.await.unwrap().unwrap();
    }
    first.await.unwrap().unwrap();
    assert!(
        !fixture.gate.is_open(),
        "the limit came after the probe was sent"
    );
    second.await.unwrap().unwrap();
    let arrivals = fixture.arrivals();
    assert!(arrivals[4] >= secs(16), "{arrivals:?}");
}

//
#[tokio::test(start_paused = true)]
async fn who_waits_is_told_at_once_when_the_pause_grows_beyond_the_deadline() {
    let straggler = after(secs(2), asked(429, 50));
    let fixture = Fixture::new([straggler, asked(429, 5)]);
    let straggler = fixture.spawn();
    tokio::task::yield_now().await;
    close(&fixture).await;
    let waiter = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(10))
        .build();
    let error = fixture.send(&waiter).await.unwrap_err();
    assert_eq!(fixture.start.elapsed(), secs(2));
    let TestError::Stopped(stopped) = error else {
        panic!("{error:?}");
    };
    assert_eq!(stopped.retry_after(), Some(secs(50)));
    straggler.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_origins_are_not_slowed() {
    let fixture = Fixture::new([asked(429, 50)]);
    close(&fixture).await;
    let other = Request::get("https://other.example.com/").body(Bytes::new());
    fixture.service().oneshot(other.unwrap()).await.unwrap();
    assert_eq!(fixture.start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_the_queue_blocks_nobody() {
    let fixture = Fixture::new([asked(429, 5), after(secs(5), Step::Status(200))]);
    close(&fixture).await;
    let callers: Vec<_> = (0..5).map(|_| fixture.spawn()).collect();
    advance(secs(1)).await;
    callers[0].abort();
    sleep(secs(6)).await;
    callers[3].abort();
    for caller in callers.into_iter().skip(4) {
        caller.await.unwrap().unwrap();
    }
    assert!(fixture.gate.is_open());
}

#[tokio::test(start_paused = true)]
async fn the_wait_at_the_gate_is_in_the_book_of_the_call() {
    let fixture = Fixture::new([asked(429, 5)]);
    close(&fixture).await;
    let call = call(Idempotency::Never);
    fixture.send(&call).await.unwrap();
    assert!(call.ledger().waited() >= secs(5), "{:?}", call.ledger());
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_a_wait_pauses_for_a_second() {
    for step in [Step::Status(429), asked(429, 0), asked(429, "soon")] {
        let fixture = Fixture::new([step]);
        close(&fixture).await;
        fixture.send(&call(Idempotency::Safe)).await.unwrap();
        assert!(fixture.arrivals()[1] >= secs(1), "{:?}", fixture.arrivals());
    }
}
