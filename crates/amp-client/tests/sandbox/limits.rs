//! How many requests are under way at once, when the service is left alone, and who hears of it.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amp_client::{AttemptEnd, CallEnd, CallObserver, CircuitBreaker, ErrorKind};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::rig::{builder, inject, service};

/// When each try began and ended, and how many calls there were.
#[derive(Clone, Debug, Default)]
struct Watch(Arc<Mutex<Seen>>);

type Seen = (Vec<(Instant, Instant)>, u32);

impl CallObserver for Watch {
    fn attempt_ended(&self, attempt: &AttemptEnd<'_>) {
        let now = Instant::now();
        self.0.lock().unwrap().0.push((now - attempt.elapsed, now));
    }

    fn call_ended(&self, _: &CallEnd<'_>) {
        self.0.lock().unwrap().1 += 1;
    }
}

// C-45, A-76: with one permit no two requests are under way at the same time, and all are told.
#[tokio::test(start_paused = true)]
async fn only_so_many_requests_are_under_way_at_once() {
    let service = service();
    inject(&service, &["GET /info=latency:1s*99"]);
    let watch = Watch::default();
    let client = builder(&service)
        .concurrency_limit(1)
        .call_observer(watch.clone());
    let client = client.build().await.unwrap();
    for answer in join_all((0..20).map(|_| client.get_info())).await {
        answer.unwrap();
    }
    let (mut tries, calls) = watch.0.lock().unwrap().clone();
    tries.sort();
    assert_eq!((tries.len(), calls), (20, 20));
    for pair in tries.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{pair:?} at the same time");
        assert!(pair[0].1 - pair[0].0 >= Duration::from_secs(1));
    }
}

// X-33, C-43: the service is left alone, and the token is renewed all the same.
#[tokio::test(start_paused = true)]
async fn a_service_that_keeps_failing_is_left_alone() {
    let service = service();
    let breaker = CircuitBreaker::new(NonZeroU32::new(3).unwrap(), Duration::from_secs(3_600));
    let client = builder(&service)
        .circuit_breaker(breaker)
        .build()
        .await
        .unwrap();
    client.get_info().await.unwrap();
    inject(&service, &["GET /assets=503*99"]);
    for _ in 0..5 {
        let error = client.get_assets().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    }
    assert_eq!(service.count("GET", "/assets"), 3);
    client.refresh_token().await.unwrap();
    assert_eq!(service.count("GET", "/user/refresh-token"), 1);
}
