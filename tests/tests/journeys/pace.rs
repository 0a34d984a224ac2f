//! A service that asks to wait is obeyed.

use std::time::Duration;

use amp_client::ErrorKind;
use futures_util::future::join_all;

use super::in_memory;

// A-54, W-A16: never early.
#[tokio::test(start_paused = true)]
async fn a_429_is_obeyed_by_every_caller() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    sandbox.clear_requests();
    sandbox.inject("GET /assets=429:3".parse().unwrap());
    client.get_info().await.unwrap();
    let first = client.clone();
    let second = client.clone();
    let later = async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        second.get_assets().await
    };
    let (first, later) = tokio::join!(first.get_assets(), later);
    first.unwrap();
    later.unwrap();

    let times: Vec<Duration> = sandbox
        .requests()
        .iter()
        .filter(|request| request.path() == "/assets")
        .map(amp_sandbox::RequestRecord::at)
        .collect();
    assert_eq!(times.len(), 3, "{times:?}");
    let limit = times[0] + Duration::from_secs(3);
    assert!(times[1..].iter().all(|at| *at >= limit), "{times:?}");
}

// W-A16: an hour that the clocks differ by is neither waited for nor saved.
#[tokio::test(start_paused = true)]
async fn a_wait_that_is_told_as_a_date_does_not_depend_on_whose_clock_is_wrong() {
    for wrong in ["clock:+1h*always", "clock:-1h*always"] {
        let (sandbox, client) = in_memory().await;
        client.get_assets().await.unwrap();
        sandbox.clear_requests();
        sandbox.inject("GET /assets=429:date:9".parse().unwrap());
        sandbox.inject(format!("GET /assets={wrong}").parse().unwrap());
        client.get_assets().await.unwrap();
        let requests = sandbox.requests();
        let waited = requests[1].at() - requests[0].at();
        let fair = Duration::from_secs(8)..Duration::from_secs(11);
        assert!(fair.contains(&waited), "{wrong}: {waited:?}");
    }
}

//
#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_told_at_once() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    sandbox.inject("GET /assets=429:3600*always".parse().unwrap());
    let started = tokio::time::Instant::now();
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    assert!(
        error.retry_after().unwrap() > Duration::from_secs(3590),
        "{error:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_storm_on_a_limited_service_ends_with_every_call_answered() {
    let (sandbox, client) = in_memory().await;
    client.get_assets().await.unwrap();
    sandbox.inject("GET /assets=429:2*5".parse().unwrap());
    for call in join_all((0..100).map(|_| client.get_assets())).await {
        call.unwrap();
    }
}

// forced calls obey the token endpoint's last word too.
#[tokio::test(start_paused = true)]
async fn a_forced_login_does_not_ask_before_the_time_that_the_service_named() {
    let (sandbox, client) = in_memory().await;
    sandbox.inject("POST /user/obtain_token=429:3600".parse().unwrap());
    for _ in 0..2 {
        let error = client.obtain_token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    }
    assert_eq!(super::logins(&sandbox), 1);
    tokio::time::advance(Duration::from_secs(3600)).await;
    client.obtain_token().await.unwrap();
}
