//! Each layer by itself, among layers of others, over an error of its user's own and over
//! `tower::BoxError`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{
    AttemptTimeoutLayer, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer, DeadlineLayer,
    PauseGate, PauseGateLayer, RetryLayer, RetryPolicy,
};
use token_core::{Classify, Failure, Outcome, Sent, StopReason, Stopped};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

/// The error of somebody who has never heard of this workspace but for two traits.
#[derive(Debug)]
enum OwnError {
    Stopped(Stopped),
    Broken,
}

impl From<Stopped> for OwnError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<Broken> for OwnError {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl Classify for OwnError {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Broken => Outcome::Failed {
                sent: Sent::No,
                failure: Failure::Connect,
            },
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        match self {
            Self::Stopped(stopped) => Some(*stopped),
            Self::Broken => None,
        }
    }
}

/// What the service below fails with.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

/// What the service below does with one request.
#[derive(Clone, Copy)]
enum Step {
    Status(u16),
    Limited,
    Break,
    Stall,
}

/// A whole stack, as somebody keeps it who names no types.
type Stack<E> = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, E>;

/// How often the service below was asked.
type Count = Arc<AtomicUsize>;

/// The layer between two of tower's own, over a service that does these steps and then answers 200.
fn stack<E, L>(layer: L, steps: &'static [Step]) -> (Stack<E>, Count)
where
    E: From<Broken> + Send + 'static,
    L: Layer<Stack<E>>,
    L::Service: Service<Request<Bytes>, Response = Response<Bytes>, Error = E>
        + Clone
        + Send
        + Sync
        + 'static,
    <L::Service as Service<Request<Bytes>>>::Future: Send,
{
    let asked = Count::default();
    let count = Arc::clone(&asked);
    let below = service_fn(move |_: Request<Bytes>| {
        let step = steps.get(count.fetch_add(1, Ordering::SeqCst)).copied();
        answer(step.unwrap_or(Step::Status(200)))
    });
    let below = BoxCloneSyncService::new(below);
    let service = ServiceBuilder::new()
        .map_request(|request: Request<Bytes>| request)
        .layer(layer)
        .service(below);
    (BoxCloneSyncService::new(service), asked)
}

async fn answer<E: From<Broken>>(step: Step) -> Result<Response<Bytes>, E> {
    let answer = Response::builder();
    let answer = match step {
        Step::Status(status) => answer.status(status),
        Step::Limited => answer.status(429).header("retry-after", "2"),
        Step::Break => return Err(Broken.into()),
        Step::Stall => std::future::pending().await,
    };
    Ok(answer.body(Bytes::new()).unwrap())
}

async fn send<E>(stack: &Stack<E>) -> Result<u16, E> {
    let request = Request::get("https://api.example.com/");
    let request = request.body(Bytes::new()).unwrap();
    let answer = stack.clone().oneshot(request).await?;
    Ok(answer.status().as_u16())
}

/// Why the layer ended the call.
fn reason<E: Classify>(error: &E) -> Option<StopReason> {
    error.stopped().map(|stopped| stopped.reason())
}

const SECOND: Duration = Duration::from_secs(1);

async fn bounds_a_call<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() {
    let (stack, asked) = stack::<E, _>(DeadlineLayer::new(SECOND), &[Step::Stall]);
    let error = send(&stack).await.err().unwrap();
    assert_eq!(reason(&error), Some(StopReason::Deadline(SECOND)));
    assert_eq!(send(&stack).await.ok(), Some(200));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_alone_bounds_a_call() {
    bounds_a_call::<OwnError>().await;
    bounds_a_call::<BoxError>().await;
}

/// A limit is repeated over any error; what a broken connection means, the error has to tell.
async fn repeats<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() -> (bool, usize) {
    let layer = RetryLayer::new(RetryPolicy::default());
    let (stack, asked) = stack::<E, _>(layer, &[Step::Limited, Step::Break]);
    (send(&stack).await.is_ok(), asked.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn retry_alone_repeats_what_certainly_was_not_processed() {
    assert_eq!(repeats::<OwnError>().await, (true, 3));
    assert_eq!(repeats::<BoxError>().await, (false, 2));
}

async fn pauses<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() {
    let layer = PauseGateLayer::new(PauseGate::new());
    let (stack, asked) = stack::<E, _>(layer.with_longest_wait(3 * SECOND), &[Step::Limited]);
    assert_eq!(send(&stack).await.ok(), Some(429));
    let start = tokio::time::Instant::now();
    assert_eq!(send(&stack).await.ok(), Some(200));
    assert!(start.elapsed() >= 2 * SECOND);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_pause_gate_alone_lets_the_next_caller_wait() {
    pauses::<OwnError>().await;
    pauses::<BoxError>().await;
}

async fn leaves_alone<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() {
    let breaker = CircuitBreaker::new(NonZeroU32::MIN, 10 * SECOND);
    let (stack, asked) = stack::<E, _>(CircuitBreakerLayer::new(breaker), &[Step::Break]);
    assert!(send(&stack).await.is_err());
    let error = send(&stack).await.err().unwrap();
    assert_eq!(reason(&error), Some(StopReason::CircuitOpen));
    tokio::time::advance(10 * SECOND).await;
    assert_eq!(send(&stack).await.ok(), Some(200));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_circuit_breaker_alone_leaves_a_failing_service_alone() {
    leaves_alone::<OwnError>().await;
    leaves_alone::<BoxError>().await;
}

async fn limits<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() {
    let layer = ConcurrencyLimitLayer::new(1).with_longest_wait(SECOND);
    let (stack, asked) = stack::<E, _>(layer, &[Step::Stall]);
    let stalled = stack.clone();
    let mut stalled = tokio_test::task::spawn(async move { send(&stalled).await.is_ok() });
    assert!(stalled.poll().is_pending());
    let error = send(&stack).await.err().unwrap();
    assert_eq!(reason(&error), Some(StopReason::Saturated));
    drop(stalled);
    assert_eq!(send(&stack).await.ok(), Some(200));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_limit_alone_lets_one_through() {
    limits::<OwnError>().await;
    limits::<BoxError>().await;
}

async fn ends_a_try<E: From<Broken> + From<Stopped> + Classify + Send + 'static>() {
    let (stack, _) = stack::<E, _>(AttemptTimeoutLayer::new(SECOND), &[Step::Stall]);
    let error = send(&stack).await.err().unwrap();
    assert_eq!(reason(&error), Some(StopReason::AttemptTimeout(SECOND)));
    assert_eq!(send(&stack).await.ok(), Some(200));
}

#[tokio::test(start_paused = true)]
async fn the_attempt_timeout_alone_ends_a_try() {
    ends_a_try::<OwnError>().await;
    ends_a_try::<BoxError>().await;
}
