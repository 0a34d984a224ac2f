//! The table of outcomes in `docs/layers.md`, beside what the layers do.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use token_core::{Failure, Idempotency, Sent, StopReason};
use tokio::time::{Instant, timeout};
use tower::{Layer, Service, ServiceExt};

use crate::fakes::{Script, Step, TestError, asked, call, request, secs};
use crate::{
    CircuitBreaker, CircuitBreakerLayer, CircuitState, PauseGate, PauseGateLayer, RetryLayer,
    RetryPolicy,
};

const PAGE: &str = include_str!("../../../../docs/layers.md");

/// What the row of the page is about, and everything that it covers.
type Case = (&'static str, Vec<Step>);

fn statuses(statuses: impl IntoIterator<Item = u16>) -> Vec<Step> {
    statuses.into_iter().map(Step::Status).collect()
}

fn failures(
    sent: impl IntoIterator<Item = Sent> + Clone,
    failures: impl IntoIterator<Item = Failure>,
) -> Vec<Step> {
    let each = |failure| {
        let sent = sent.clone().into_iter();
        sent.map(move |sent| Step::Fail(sent, failure))
    };
    failures.into_iter().flat_map(each).collect()
}

fn cases() -> Vec<Case> {
    let special = |status: &u16| ![401, 408, 425, 429].contains(status);
    let maybe = [Sent::Maybe, Sent::Yes];
    vec![
        ("2xx, 3xx", statuses((200..400).step_by(7))),
        ("401", statuses([401])),
        ("408, 425", statuses([408, 425])),
        ("429", vec![Step::Status(429), asked(429, 2)]),
        ("other 4xx", statuses((400..500).filter(special))),
        ("503 with `Retry-After`", vec![asked(503, 2)]),
        ("503 without", statuses([503])),
        ("502, 504", statuses([502, 504])),
        (
            "other 5xx",
            statuses([500, 501].into_iter().chain(505..600)),
        ),
        (
            "no connection, no address: certainly not sent",
            failures([Sent::No], [Failure::Resolve, Failure::Connect]),
        ),
        (
            "a time-out, or a connection that broke: maybe sent",
            failures(maybe, [Failure::Timeout, Failure::Interrupted]),
        ),
        (
            "TLS failed, the answer is too large or not HTTP",
            failures(
                [Sent::No, Sent::Maybe, Sent::Yes],
                [Failure::Tls, Failure::TooLarge, Failure::Protocol],
            ),
        ),
        (
            "the client refused to send it",
            failures([Sent::No], [Failure::Rejected]),
        ),
        (
            "a layer ended the call",
            vec![Step::Stop(StopReason::CircuitOpen)],
        ),
        ("the caller left", vec![Step::Stall]),
    ]
}

/// Sends one request, and leaves when there is no answer.
async fn send(service: impl Service<Request<Bytes>, Error = TestError>, class: Idempotency) {
    let answer = service.oneshot(request(&call(class)));
    drop(timeout(secs(100), answer).await);
}

async fn repeated_for(step: &Step) -> &'static str {
    let mut classes = Vec::new();
    for class in [
        Idempotency::Safe,
        Idempotency::Idempotent,
        Idempotency::OnlyIfUnprocessed,
        Idempotency::Never,
    ] {
        let script = Script::new([step.clone()]);
        let layer = RetryLayer::new(RetryPolicy::default());
        send(layer.layer(script.clone()), class).await;
        classes.push(script.sends().len() > 1);
    }
    match classes[..] {
        [false, false, false, false] => "nobody",
        [true, true, false, false] => "`Safe`, `Idempotent`",
        [true, true, true, false] => "all but `Never`",
        _ => panic!("{step:?}: {classes:?}"),
    }
}

/// A breaker that opens at the second failure in a row sees one, then this, and then another.
async fn counted_as(step: &Step) -> &'static str {
    let breaker = CircuitBreaker::new(NonZeroU32::new(2).unwrap(), secs(300));
    let script = Script::new([Step::Status(500), step.clone(), Step::Status(500)]);
    let service = CircuitBreakerLayer::new(breaker.clone()).layer(script);
    let mut states = Vec::new();
    for _ in 0..3 {
        send(service.clone(), Idempotency::Safe).await;
        states.push(breaker.state());
    }
    match states[1..] {
        [CircuitState::Open, _] => "a failure",
        [_, CircuitState::Open] => "nothing",
        _ => "a success",
    }
}

async fn does_at_the_gate(step: &Step) -> &'static str {
    let gate = PauseGate::new();
    let script = Script::new([step.clone()]);
    let service = PauseGateLayer::new(gate.clone()).layer(script);
    send(service, Idempotency::Safe).await;
    if !gate.is_open() {
        return "closes it for all";
    }
    let script = Script::new([asked(429, 1), step.clone()]);
    let service = PauseGateLayer::new(gate.clone()).layer(script.clone());
    send(service.clone(), Idempotency::Safe).await;
    send(service.clone(), Idempotency::Safe).await;
    if gate.is_open() {
        return "opens it";
    }
    let since = Instant::now();
    send(service, Idempotency::Safe).await;
    match script.sends()[2] - since {
        Duration::ZERO => "leaves the turn to the next",
        _ => "keeps it closed",
    }
}

// C-40, C-41, X-24, X-36
#[tokio::test(start_paused = true)]
async fn the_page_says_what_follows_from_each_outcome() {
    for (what, steps) in cases() {
        for step in &steps {
            let (repeated, counted) = (repeated_for(step).await, counted_as(step).await);
            let gate = does_at_the_gate(step).await;
            let row = format!("| {what} | {repeated} | {counted} | {gate} |");
            assert!(PAGE.lines().any(|line| line == row), "{step:?}: {row}");
        }
    }
    let head = "| what came of a try |";
    let table = PAGE.lines().skip_while(|line| !line.starts_with(head));
    let rows = table.take_while(|line| line.starts_with('|')).count() - 2;
    assert_eq!(rows, cases().len());
}
