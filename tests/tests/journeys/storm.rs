//! Many callers at once on a service that takes few or fails, and how sure such a test is.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use amp_client::{ApiClient, ErrorKind};
use amp_sandbox::{RateLimit, RequestRecord, Sandbox};
use bytes::Bytes;
use futures_util::future::join_all;
use http::Request;
use retry::{CircuitBreaker, RetryLayer, RetryPolicy, StackBuilder};
use token_core::{CallContext, Idempotency};
use tokio::time::{Instant, advance, sleep_until};
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt};

use super::{client_of, connected_to, in_memory_of};

const CALLERS: usize = 200;
/// How many tries of a client may be under way at once, unless set (C-45).
const PERMITS: usize = 10;

/// What the service saw of one storm.
struct Seen {
    requests: Vec<RequestRecord>,
    /// How long every answer takes.
    latency: Duration,
}

impl Seen {
    /// The pauses that a client heard of: from the arrival of a 429 to the moment that it named. The
    /// service's limit has periods of a second, so it always names one second.
    fn pauses(&self) -> Vec<(Duration, Duration)> {
        let mut pauses: Vec<(Duration, Duration)> = Vec::new();
        let limited = |request: &&RequestRecord| request.status() == Some(429);
        for heard in self.requests.iter().filter(limited) {
            let from = heard.at() + self.latency;
            let until = from + Duration::from_secs(1);
            match pauses.last_mut() {
                Some(last) if from < last.1 => last.1 = until,
                _ => pauses.push((from, until)),
            }
        }
        pauses
    }

    /// Requests that were sent in a pause, and so before the service's own time. One that was sent
    /// in the same instant in which the pause was heard of had left before.
    fn early(&self) -> usize {
        let pauses = self.pauses();
        let is_early = |request: &&RequestRecord| {
            let at = request.at();
            pauses.iter().any(|(from, until)| *from < at && at < *until)
        };
        self.requests.iter().filter(is_early).count()
    }

    /// How many were sent in the first instant after each pause.
    fn first_after_pauses(&self) -> Vec<usize> {
        let in_instant = |until: &Duration| {
            let later = self.requests.iter().map(RequestRecord::at);
            let first = later.clone().filter(|at| at >= until).min();
            later.filter(|at| Some(*at) == first).count()
        };
        let pauses = self.pauses();
        let counts = pauses.iter().map(|(_, until)| in_instant(until));
        counts.filter(|count| *count > 0).collect()
    }
}

/// 200 callers at once on a service that takes 10 requests a second.
async fn storm(latency: Duration) -> (Seen, usize) {
    let limit = RateLimit::per_second(10);
    let (sandbox, client) = in_memory_of(Sandbox::builder().seed(7).rate_limit(limit)).await;
    client.get_assets().await.unwrap();
    advance(Duration::from_secs(2)).await;
    sandbox.clear_requests();
    let delay = format!("GET /assets=latency:{}ms*always", latency.as_millis());
    sandbox.inject(delay.parse().unwrap());
    let calls = join_all((0..CALLERS).map(|_| client.get_assets())).await;
    let mut done = 0;
    for call in calls {
        match call {
            Ok(_) => done += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
                assert!(error.retry_after().is_some(), "{error:?}");
            }
        }
    }
    let requests = sandbox.requests();
    (Seen { requests, latency }, done)
}

// A-54, C-37, W-A16, W-A18, W-C12: no caller is early, and a pause costs at most one request for
// each permit.
#[tokio::test(start_paused = true)]
async fn two_hundred_callers_never_ask_a_limited_service_before_its_own_time() {
    for millis in [0, 5, 20, 50, 100, 300] {
        let (seen, done) = storm(Duration::from_millis(millis)).await;
        let (sent, pauses) = (seen.requests.len(), seen.pauses().len());
        assert_eq!(seen.early(), 0, "{millis} ms");
        let most = CALLERS + PERMITS * pauses;
        assert!(sent <= most, "{millis} ms: {sent} of {most}");
        // Where answers take no time, six more than the ten are under way when the limit is heard of.
        let usual = if millis == 0 {
            CALLERS * 3 / 2
        } else {
            CALLERS * 5 / 4
        };
        assert!(sent <= usual, "{millis} ms: {sent} for {done} calls");
        let first = seen.first_after_pauses();
        assert!(
            millis == 0 || first.iter().all(|count| *count == 1),
            "{first:?}"
        );
        assert!(done >= CALLERS * 9 / 10, "{millis} ms: {done}");
    }
}

// Pitfall 14: the purse of the client as users get it, and at a rate at which a budget that counts
// by time would never run out.
#[tokio::test(start_paused = true)]
async fn a_client_that_calls_once_an_hour_repeats_ten_times_in_an_outage_and_no_more() {
    let (sandbox, client) = patient_with_failures().await;
    client.get_assets().await.unwrap();
    sandbox.clear_requests();
    sandbox.inject("GET /assets=503*always".parse().unwrap());
    for _ in 0..20 {
        let hour = Instant::now() + Duration::from_secs(3600);
        client.get_assets().await.unwrap_err();
        sleep_until(hour).await;
    }
    assert_eq!(sandbox.count("GET", "/assets"), 20 + 10);
}

/// A client whose circuit does not open, so that the purse alone bounds its repetitions.
async fn patient_with_failures() -> (Arc<Sandbox>, ApiClient) {
    let breaker = CircuitBreaker::new(NonZeroU32::MAX, Duration::from_secs(1));
    let sandbox = Arc::new(Sandbox::builder().seed(7).in_memory());
    let client = client_of(&sandbox).circuit_breaker(breaker).build().await;
    (sandbox, client.unwrap())
}

/// What a client sends, and when, while its service fails in every way.
async fn trace() -> Vec<RequestRecord> {
    let sandbox = Arc::new(Sandbox::builder().seed(7).in_memory());
    for fault in [
        "503",
        "reset",
        "stall",
        "429:3",
        "half-body",
        "latency:300ms",
    ] {
        sandbox.inject(format!("GET /info={fault}").parse().unwrap());
    }
    let transport = connected_to(&sandbox);
    let policy = RetryPolicy::default();
    let service = StackBuilder::new()
        .with_retry(RetryLayer::new(policy).with_seed(7))
        .layer(
            ServiceBuilder::new()
                .map_err(BoxError::from)
                .service(transport),
        );
    for _ in 0..4 {
        let call = CallContext::new(Idempotency::Safe);
        let request = Request::get(format!("{}/info", sandbox.base_url())).extension(call);
        let request = request.body(Bytes::new()).unwrap();
        let _ = service.clone().oneshot(request).await;
    }
    sandbox.requests()
}

// Pitfall 17.
#[test]
fn fifty_runs_on_a_paused_clock_without_sockets_are_the_same_to_the_millisecond() {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(trace())
    };
    let first = run();
    assert!(first.len() > 4, "{first:?}");
    for _ in 1..50 {
        assert_eq!(run(), first);
    }
}
