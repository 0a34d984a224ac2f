//! A service that answers everybody with 429.

use std::time::Duration;

use futures_util::future::join_all;
use token_core::Idempotency;
use tokio::time::sleep;

use crate::fault::Fault::TooMany;
use crate::server::{BOTH, Protocol, Server};
use crate::stack::{Client, told};

const CALLERS: u64 = 50;
/// Refusals of the storm, and the wait that each asks for, in seconds.
const REFUSALS: usize = 12;
const WAIT: u32 = 5;
/// The time that the server takes for a request.
const LATENCY: Duration = Duration::from_millis(100);

// W-A16: pitfalls 2 and 3. Nobody asks before the time that the server named, neither who was told nor who
// was not; after each pause one request finds out for all.
#[tokio::test(start_paused = true)]
async fn in_a_storm_of_refusals_nobody_asks_before_the_servers_time() {
    let server = Server::new(Protocol::Http1, &[TooMany(WAIT); REFUSALS]).with_latency(LATENCY);
    let client = Client::new(&server);
    client.tokens.get_token().await.unwrap();
    let calls = (0..CALLERS).map(async |number| {
        sleep(Duration::from_millis(20 * number)).await;
        told(&client.call("/issue", Idempotency::OnlyIfUnprocessed).await)
    });
    let ends = join_all(calls).await;
    let trace = || format!("{:#?}", server.trace());

    let arrivals = server.arrivals();
    for refused in arrivals.iter().filter(|arrival| arrival.fault.is_some()) {
        // From the moment in which the client knows.
        let from = refused.at + LATENCY;
        let until = from + Duration::from_secs(WAIT.into());
        let early = |at: Duration| from < at && at < until;
        assert!(!arrivals.iter().any(|other| early(other.at)), "{}", trace());
    }
    let under_way = LATENCY.as_millis() / 20 + 1;
    let at_once = arrivals
        .iter()
        .filter(|arrival| arrival.at < Duration::from_secs(1));
    assert!(at_once.count() as u128 <= under_way, "{}", trace());
    let done = ends.iter().filter(|end| *end == "200 ok").count();
    let limited = ends.iter().filter(|end| end.starts_with("429")).count();
    let told = ends.iter().filter(|end| end.starts_with("Rate limited"));
    assert_eq!(done + limited + told.count(), ends.len(), "{ends:?}");
    assert_eq!(arrivals.len(), done + REFUSALS, "{}", trace());
}

// A-54, W-A16: pitfall 3. A wait that does not fit is told at once, with the moment to come back.
#[tokio::test(start_paused = true)]
async fn a_wait_that_nobody_has_time_for_is_told_to_all_at_once() {
    for protocol in BOTH {
        let server = Server::new(protocol, &[TooMany(600)]);
        let client = Client::new(&server);
        let first = client.call("/issue", Idempotency::Safe).await;
        let others = (0..CALLERS).map(|_| client.call("/issue", Idempotency::Safe));
        let others = join_all(others).await;
        for result in others.iter().chain([&first]) {
            assert_eq!(told(result), "Rate limited: retry after 600 seconds");
        }
        assert!(server.elapsed() < Duration::from_secs(1));
        assert_eq!(server.arrivals().len(), 1, "{:#?}", server.trace());
    }
}
