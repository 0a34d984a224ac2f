use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use token_core::{CallContext, Failure, Idempotency, ManualClock, Sent, StopReason};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::permits::Permits;
use crate::fakes::{Answer, Holder, Script, Step, TestError, after, asked, call, request, secs};
use crate::{
    AttemptTimeoutLayer, ConcurrencyLimit, ConcurrencyLimitLayer, RetryLayer, RetryPolicy,
};

struct Fixture {
    layer: ConcurrencyLimitLayer,
    script: Script,
    start: Instant,
}

impl Fixture {
    fn new(limit: usize, steps: impl IntoIterator<Item = Step>) -> Self {
        let limit = ConcurrencyLimit::new(NonZeroUsize::new(limit).unwrap());
        Self {
            layer: ConcurrencyLimitLayer::new(limit),
            script: Script::new(steps),
            start: Instant::now(),
        }
    }

    fn spawn(&self) -> JoinHandle<Answer> {
        self.spawn_for(&call(Idempotency::Safe))
    }

    fn spawn_for(&self, call: &CallContext) -> JoinHandle<Answer> {
        let service = self.layer.layer(self.script.clone());
        tokio::spawn(service.oneshot(request(call)))
    }

    /// When each request arrived, since the start.
    fn arrivals(&self) -> Vec<Duration> {
        let sends = self.script.sends();
        sends.iter().map(|at| *at - self.start).collect()
    }
}

fn slow(seconds: u64) -> Step {
    after(secs(seconds), Step::Status(200))
}

fn reason(answer: Answer) -> StopReason {
    match answer {
        Err(TestError::Stopped(stopped)) => stopped.reason(),
        other => panic!("{other:?}"),
    }
}

// C-45
#[tokio::test(start_paused = true)]
async fn ten_go_at_once_and_the_others_follow_when_an_answer_is_whole() {
    let fixture = Fixture::new(10, vec![slow(2); 25]);
    let callers: Vec<_> = (0..25).map(|_| fixture.spawn()).collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let waves = [(0, 10), (2, 10), (4, 5)];
    let expected = waves.map(|(at, count)| vec![secs(at); count]).concat();
    let arrivals = fixture.arrivals().into_iter();
    let rounded: Vec<_> = arrivals.map(|at| secs(at.as_secs())).collect();
    assert_eq!(rounded, expected);
}

// C-44, C-45
#[tokio::test(start_paused = true)]
async fn who_waits_five_seconds_for_a_permit_is_told_and_nothing_was_sent() {
    let fixture = Fixture::new(1, [Step::Stall]);
    let _busy = fixture.spawn();
    tokio::task::yield_now().await;
    let context = call(Idempotency::Never);
    let answer = fixture.spawn_for(&context).await.unwrap();
    assert_eq!(reason(answer), StopReason::Saturated);
    assert_eq!(fixture.arrivals().len(), 1);
    let waited = context.ledger().waited();
    assert!((secs(5)..secs(6)).contains(&waited), "{waited:?}");
    assert!(!context.ledger().maybe_processed());
}

#[tokio::test(start_paused = true)]
async fn who_has_less_time_than_the_wait_is_told_at_the_deadline() {
    let fixture = Fixture::new(1, [Step::Stall]);
    let _busy = fixture.spawn();
    tokio::task::yield_now().await;
    let hasty = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), secs(2))
        .build();
    let answer = fixture.spawn_for(&hasty).await.unwrap();
    assert_eq!(reason(answer), StopReason::Deadline(secs(2)));
    assert_eq!(fixture.start.elapsed().as_secs(), 2);
}

// W-C12, C-45: with one permit, a wait that held it would let nobody else through.
#[tokio::test(start_paused = true)]
async fn nobody_holds_a_permit_while_waiting_for_another_try() {
    let fixture = Fixture::new(1, [asked(429, 60)]);
    let retry = RetryLayer::new(RetryPolicy::default());
    let service = ServiceBuilder::new()
        .layer(retry.with_clock(Arc::new(ManualClock::default())))
        .layer(fixture.layer.clone())
        .service(fixture.script.clone());
    let waiting = tokio::spawn(service.oneshot(request(&call(Idempotency::Safe))));
    sleep(secs(1)).await;
    fixture.spawn().await.unwrap().unwrap();
    assert!(fixture.arrivals()[1] < secs(2), "{:?}", fixture.arrivals());
    waiting.await.unwrap().unwrap();
}

// W-C12: who is ready and does not call holds nothing either.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_ready_and_not_called_keeps_nobody_waiting() {
    let fixture = Fixture::new(1, []);
    let mut idle = fixture.layer.layer(fixture.script.clone());
    idle.ready().await.unwrap();
    fixture.spawn().await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_ended_keeps_nobody_waiting_even_if_its_future_is_kept() {
    let fixture = Fixture::new(1, [slow(6)]);
    let mut service = fixture.layer.layer(fixture.script.clone());
    let ready = service.ready().await.unwrap();
    let mut sent = Box::pin(ready.call(request(&call(Idempotency::Safe))));
    let ready = service.ready().await.unwrap();
    let mut given_up = Box::pin(ready.call(request(&call(Idempotency::Safe))));
    let (answer, saturated) = tokio::join!(sent.as_mut(), given_up.as_mut());
    answer.unwrap();
    assert_eq!(reason(saturated), StopReason::Saturated);
    fixture.spawn().await.unwrap().unwrap();
    assert_eq!(fixture.start.elapsed().as_secs(), 6);
    drop((sent, given_up));
}

#[tokio::test(start_paused = true)]
async fn the_queue_moves_on_when_somebody_leaves_it_or_gives_up() {
    let fixture = Fixture::new(1, [slow(4)]);
    let callers: Vec<_> = (0..4).map(|_| fixture.spawn()).collect();
    sleep(secs(1)).await;
    callers[1].abort();
    sleep(secs(1)).await;
    callers[0].abort();
    for caller in callers.into_iter().skip(2) {
        caller.await.unwrap().unwrap();
    }
    let seconds: Vec<_> = fixture.arrivals().iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_try_that_fails_or_times_out_gives_its_permit_back() {
    let steps = [Step::Fail(Sent::No, Failure::Connect), Step::Stall];
    let fixture = Fixture::new(1, steps);
    let below = AttemptTimeoutLayer::new(secs(3)).layer(fixture.script.clone());
    let service = fixture.layer.layer(below);
    let answers = (0..3).map(|_| {
        let request = request(&call(Idempotency::Safe));
        tokio::spawn(service.clone().oneshot(request))
    });
    let mut succeeded = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        succeeded.push(answer.await.unwrap().is_ok());
    }
    assert_eq!(succeeded, [false, false, true]);
}

// W-C12
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_permit_keeps_nothing_of_the_service_below() {
    let fixture = Fixture::new(1, [slow(2)]);
    let busy = fixture.spawn();
    tokio::task::yield_now().await;
    let holder = Holder::default();
    let mut service = fixture.layer.layer(holder.clone());
    let ready = service.ready().await.unwrap();
    let waiting = tokio::spawn(ready.call(request(&call(Idempotency::Safe))));
    tokio::task::yield_now().await;
    assert_eq!(holder.held(), 0);
    busy.await.unwrap().unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error, TestError::Failed(Sent::No, Failure::Connect));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive,
    Poll(usize),
    Leave(usize),
    Finish,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Arrive),
        3 => (0_usize..6).prop_map(Event::Poll),
        1 => (0_usize..6).prop_map(Event::Leave),
        3 => Just(Event::Finish),
    ]
}

proptest! {
    // C-45: never more than the limit, in the order of arrival, and no turn is lost.
    #[test]
    fn permits_are_never_more_than_the_limit_and_none_is_lost(
        events in prop::collection::vec(any_event(), 0..200), limit in 1_usize..5,
    ) {
        let mut permits = Permits::new(limit);
        let (mut busy, mut queue, waker) = (0, Vec::new(), std::task::Waker::noop());
        for event in events {
            match event {
                Event::Arrive if permits.take_spare() => {
                    prop_assert!(busy + queue.len() < limit, "a spare one belonged to the queue");
                    busy += 1;
                }
                Event::Arrive => {
                    let number = permits.number();
                    prop_assert!(!permits.take(number, waker), "it would have been a spare one");
                    queue.push(number);
                }
                Event::Poll(index) if index < queue.len() => {
                    let turn = index < limit - busy;
                    prop_assert_eq!(permits.take(queue[index], waker), turn, "{:?}", event);
                    if turn {
                        queue.remove(index);
                        busy += 1;
                    }
                }
                Event::Leave(index) if index < queue.len() => {
                    let became = permits.leave(queue.remove(index)).is_some();
                    let free = limit - busy;
                    prop_assert_eq!(became, index < free && queue.len() >= free, "{:?}", event);
                }
                Event::Finish if busy > 0 => {
                    busy -= 1;
                    let became = permits.give_back().is_some();
                    prop_assert_eq!(became, queue.len() >= limit - busy, "{:?}", event);
                }
                _ => {}
            }
        }
    }
}
