//! Traps that clients of this kind fall into, and that no test of a single layer finds. Where it is
//! cheap, a layer that falls into the trap is kept beside ours, so that the check is seen to find it.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use token_core::{Idempotency, ManualClock, StopReason};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use crate::fakes::{Answer, Script, Step, TestError, after, asked, call, request, secs};
use crate::{
    AttemptTimeoutLayer, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer, DeadlineLayer,
    PauseGate, PauseGateLayer, RetryLayer, RetryPolicy, StackBuilder,
};

/// Sends as layers do it: three calls at once on clones, and two one after the other on one service,
/// over a script that makes every layer wait. The script panics if it is called unready.
async fn use_readiness<L, S>(layer: L)
where
    L: Layer<Script, Service = S>,
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError> + Clone,
{
    let slow = after(secs(1), Step::Status(503));
    let mut service = layer.layer(Script::new([asked(429, 2), slow, Step::Status(503)]));
    let send = || service.clone().oneshot(request(&call(Idempotency::Safe)));
    let _ = tokio::join!(send(), send(), send());
    for _ in 0..2 {
        let ready = service.ready().await.unwrap();
        let _ = ready.call(request(&call(Idempotency::Safe))).await;
    }
}

// Pitfall 9.
#[tokio::test(start_paused = true)]
async fn every_layer_calls_the_very_service_that_said_it_was_ready() {
    use_readiness(DeadlineLayer::new(secs(60))).await;
    use_readiness(RetryLayer::new(RetryPolicy::default())).await;
    use_readiness(PauseGateLayer::new(PauseGate::new())).await;
    use_readiness(CircuitBreakerLayer::new(CircuitBreaker::default())).await;
    use_readiness(ConcurrencyLimitLayer::new(1)).await;
    use_readiness(AttemptTimeoutLayer::new(secs(10))).await;
    let one_at_a_time = ConcurrencyLimitLayer::new(1);
    use_readiness(StackBuilder::new().with_concurrency_limit(one_at_a_time)).await;
}

/// Sends on a clone of the service that was asked.
#[derive(Clone)]
struct Careless<S>(S);

impl<S: Service<Request<Bytes>> + Clone> Service<Request<Bytes>> for Careless<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        self.0.clone().call(request)
    }
}

// Pitfall 9, the wrong variant.
#[tokio::test(start_paused = true)]
#[should_panic(expected = "called without being ready")]
async fn a_layer_that_calls_a_clone_is_found() {
    use_readiness(tower::layer::layer_fn(Careless)).await;
}

/// Renews its token, for half a minute, when the service rejects it; then sends again.
async fn authorized<S>(mut inner: S, request: Request<Bytes>) -> Answer
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError>,
{
    let answer = inner.ready().await?.call(request.clone()).await?;
    if answer.status() != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    sleep(secs(30)).await;
    inner.ready().await?.call(request).await
}

#[derive(Clone)]
struct Authorize;

impl<S> Layer<S> for Authorize
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError> + Clone + Send,
    S: 'static,
    S::Future: Send,
{
    type Service = tower::util::BoxCloneService<Request<Bytes>, Response<Bytes>, TestError>;

    fn layer(&self, inner: S) -> Self::Service {
        let send = move |request| authorized(inner.clone(), request);
        tower::util::BoxCloneService::new(service_fn(send))
    }
}

/// How long a second caller waits while the first renews its token.
async fn waits_behind_a_renewal<L, S>(layer: L) -> Duration
where
    L: Layer<Script, Service = S>,
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError> + Clone,
    S: Send + 'static,
    S::Future: Send,
{
    let script = Script::new([Step::Status(401)]);
    let service = layer.layer(script);
    let renewing = service.clone().oneshot(request(&call(Idempotency::Safe)));
    let renewing = tokio::spawn(renewing);
    sleep(secs(1)).await;
    let start = Instant::now();
    let second = service.oneshot(request(&call(Idempotency::Safe))).await;
    assert_eq!(second.unwrap().status(), 200);
    let waited = start.elapsed();
    renewing.await.unwrap().unwrap();
    waited
}

// Pitfall 10.
// W-C12
#[tokio::test(start_paused = true)]
async fn the_only_permit_is_free_while_a_token_is_renewed() {
    let patient = || ConcurrencyLimitLayer::new(1).with_longest_wait(secs(120));
    let ours = StackBuilder::new().with_concurrency_limit(patient());
    let ours = waits_behind_a_renewal(ours.with_authorize(Authorize)).await;
    assert_eq!(ours, Duration::ZERO);

    let outside = ServiceBuilder::new().layer(patient()).layer(Authorize);
    let wrong = waits_behind_a_renewal(outside.into_inner()).await;
    assert!(
        wrong >= secs(29),
        "the check finds a limit outside: {wrong:?}"
    );
}

/// An answer whose body is still to come, and how many of those are being read.
struct Head {
    reading: Arc<Mutex<(usize, usize)>>,
}

impl Head {
    async fn read(self) -> Answer {
        {
            let mut reading = self.reading.lock().unwrap();
            reading.0 += 1;
            reading.1 = reading.1.max(reading.0);
        }
        sleep(secs(5)).await;
        self.reading.lock().unwrap().0 -= 1;
        Ok(Response::new(Bytes::new()))
    }
}

/// How many bodies are read at once by three callers.
async fn bodies_at_once<S>(make: impl FnOnce(Arc<Mutex<(usize, usize)>>) -> S) -> usize
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = TestError> + Clone,
{
    let reading = Arc::default();
    let service = make(Arc::clone(&reading));
    let send = || service.clone().oneshot(request(&call(Idempotency::Safe)));
    let (one, two, three) = tokio::join!(send(), send(), send());
    for answer in [one, two, three] {
        answer.unwrap();
    }
    reading.lock().unwrap().1
}

// Pitfall 11.
// C-45
#[tokio::test(start_paused = true)]
async fn a_permit_is_kept_until_the_body_is_in_hand() {
    let ours = bodies_at_once(|reading| {
        let limit = ConcurrencyLimitLayer::new(1).with_longest_wait(secs(60));
        limit.layer(service_fn(move |_| {
            let reading = Arc::clone(&reading);
            Head { reading }.read()
        }))
    });
    assert_eq!(ours.await, 1);

    let freed_at_the_head = bodies_at_once(|reading| {
        let permits = Arc::new(Semaphore::new(1));
        service_fn(move |_| {
            let (permits, reading) = (Arc::clone(&permits), Arc::clone(&reading));
            async move {
                let permit = permits.acquire().await.unwrap();
                let head = Head { reading };
                drop(permit);
                head.read().await
            }
        })
    });
    assert_eq!(freed_at_the_head.await, 3, "the check finds it");
}

// Pitfall 11.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_ready_and_not_called_holds_no_permit() {
    let service = ConcurrencyLimitLayer::new(1).layer(Script::new([]));
    let mut idle = service.clone();
    idle.ready().await.unwrap();
    let start = Instant::now();
    let answer = service.oneshot(request(&call(Idempotency::Safe))).await;
    assert_eq!(
        (answer.unwrap().status().as_u16(), start.elapsed()),
        (200, Duration::ZERO)
    );
}

// Pitfall 22.
#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_moves_no_wait_and_no_deadline() {
    let day = secs(86_400);
    let jumps: [fn(&ManualClock, Duration); 2] = [
        |clock, by| clock.set_wall(token_core::Clock::now(clock).wall + by),
        |clock, by| clock.set_wall(token_core::Clock::now(clock).wall - by),
    ];
    for jump in jumps {
        let clock = Arc::new(ManualClock::default());
        let script = Script::new([
            asked(429, 30),
            after(secs(12), Step::Status(503)),
            Step::Stall,
        ]);
        let stack = StackBuilder::new()
            .with_attempt_timeout(AttemptTimeoutLayer::new(secs(600)))
            .with_clock(clock.clone());
        let call = call(Idempotency::Safe);
        let start = Instant::now();
        let answer = tokio::spawn(stack.layer(script.clone()).oneshot(request(&call)));
        for _ in 0..5 {
            sleep(secs(10)).await;
            jump(&clock, day);
        }
        let error = answer.await.unwrap().unwrap_err();
        assert!(is_deadline(&error), "{error:?}");
        assert_eq!(start.elapsed(), secs(120));
        let sends = script.sends();
        assert_eq!(sends.len(), 3);
        let gap = sends[1] - sends[0];
        assert!(gap >= secs(30) && gap < secs(32), "{gap:?}");
    }
}

fn is_deadline(error: &TestError) -> bool {
    matches!(error, TestError::Stopped(stopped) if stopped.reason() == StopReason::Deadline(secs(120)))
}
