//! A login that keeps failing: the circuit breaker around it.

use tokio::time::{Instant, sleep};

use super::{Fixture, secs};

const LOGIN_DOWN: &str = "POST /auth/login=503*always";
const REFRESH_DOWN: &str = "POST /auth/refresh=503*always";

/// Calls every few seconds for so long; the answer is how many calls failed.
async fn call_for(fixture: &Fixture, seconds: u64) -> usize {
    let end = Instant::now() + secs(seconds);
    let mut failed = 0;
    while Instant::now() < end {
        failed += usize::from(fixture.call().await.is_err());
        sleep(secs(5)).await;
    }
    failed
}

// C-31, C-40, C-62, W-S07: X-33, the circuit is open for all of this time.
#[tokio::test(start_paused = true)]
async fn an_open_circuit_neither_hides_a_valid_token_nor_keeps_it_from_refreshing() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    sleep(secs(100)).await;
    fixture.inject(&[LOGIN_DOWN]);
    for _ in 0..3 {
        fixture.client.tokens().obtain_token().await.unwrap_err();
    }
    assert_eq!(fixture.asked(), (1 + 5, 0));
    assert_eq!(call_for(&fixture, 280).await, 0);
    assert_eq!(fixture.asked(), (1 + 5, 1));
}

// C-31, W-S07: X-33
#[tokio::test(start_paused = true)]
async fn a_token_is_used_to_its_end_while_nothing_can_renew_it() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    sleep(secs(301)).await;
    fixture.inject(&[LOGIN_DOWN, REFRESH_DOWN]);
    assert_eq!(call_for(&fixture, 290).await, 0);
    let (logins, refreshes) = fixture.asked();
    assert_eq!(logins, 1 + 5, "the sixth failure was never asked for");
    assert!(refreshes >= 1, "{refreshes}");
}

// C-43, W-C14, W-C15: X-33
#[tokio::test(start_paused = true)]
async fn without_a_token_one_probe_in_300_seconds_is_all_that_a_dead_login_sees() {
    let fixture = Fixture::new().await;
    fixture.inject(&[LOGIN_DOWN]);
    assert!(call_for(&fixture, 100).await > 0);
    assert_eq!(fixture.asked(), (5, 0));
    let fifth = fixture.sandbox.requests().last().unwrap().at();
    call_for(&fixture, 600).await;
    let probes: Vec<_> = fixture.sandbox.requests().drain(5..).collect();
    assert!((1..=2).contains(&probes.len()), "{probes:?}");
    assert!(probes[0].at() >= fifth + secs(300), "{probes:?}");
    if let [first, second] = &probes[..] {
        assert!(second.at() >= first.at() + secs(300), "{probes:?}");
    }

    fixture.sandbox.clear_faults();
    call_for(&fixture, 400).await;
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked().0, 5 + probes.len() + 1);
}

// C-34, C-62: X-36, the page of a proxy is no login.
#[tokio::test(start_paused = true)]
async fn a_success_without_a_token_counts_as_a_failure() {
    let fixture = Fixture::new().await;
    fixture.inject(&["POST /auth/login=html*always"]);
    call_for(&fixture, 290).await;
    assert_eq!(fixture.asked(), (5, 0));
}

// C-37, W-C14: X-36, a limit is waited for, and many of them are no outage.
#[tokio::test(start_paused = true)]
async fn limits_at_the_login_are_obeyed_and_never_open_the_circuit() {
    let fixture = Fixture::new().await;
    fixture.inject(&["POST /auth/login=429:7*2"]);
    let start = Instant::now();
    fixture.call().await.unwrap();
    assert!(start.elapsed() >= secs(14), "{:?}", start.elapsed());
    assert_eq!(fixture.asked().0, 3);

    let fixture = Fixture::new().await;
    fixture.inject(&["POST /auth/login=429:2*20"]);
    call_for(&fixture, 120).await;
    fixture.call().await.unwrap();
    assert_eq!(fixture.asked().0, 21);
}

// C-44: 30 s for an answer, 10 s for one at the login, and 25 s for a whole flight.
#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_given_up() {
    for (fault, succeeds, seconds) in [
        ("GET /repos=stall", true, 31),
        ("GET /repos=stall*2", false, 61),
        ("POST /auth/login=stall", true, 11),
        ("POST /auth/login=stall*3", false, 25),
    ] {
        let fixture = Fixture::new().await;
        fixture.inject(&[fault]);
        let start = Instant::now();
        assert_eq!(fixture.call().await.is_ok(), succeeds, "{fault}");
        assert_eq!(start.elapsed().as_secs(), seconds, "{fault}");
    }
}

// C-38, C-42: pauses of about 1 s and 2 s, and the third try is the last.
#[tokio::test(start_paused = true)]
async fn a_login_is_tried_three_times() {
    for (failures, succeeds) in [(2, true), (3, false)] {
        let fixture = Fixture::new().await;
        fixture.inject(&[&format!("POST /auth/login=500*{failures}")]);
        let start = Instant::now();
        assert_eq!(fixture.call().await.is_ok(), succeeds);
        assert_eq!(fixture.asked().0, 3);
        let elapsed = start.elapsed();
        assert!(elapsed >= secs(3) && elapsed <= secs(4), "{elapsed:?}");
    }
}
