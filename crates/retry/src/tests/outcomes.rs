//! The table of outcomes, cell by cell: what is sent once more, for which class of operation.

use std::ops::RangeInclusive;
use std::time::Duration;

use token_core::{Failure, Idempotency, Ledger, Outcome, Sent, StopReason, Stopped};
use tower::{Layer, ServiceExt};

use crate::fakes::{Script, Step, TestError, asked, call, request, secs};
use crate::{Decision, RetryLayer, RetryPolicy, RetryState, decide};

use Cell::{End as E, Repeat as R, Tell as T};

/// What happens after a try.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    /// It is sent once more.
    Repeat,
    /// Its result is the result of the call.
    End,
    /// The caller is told when to come back.
    Tell,
}

/// What came of a try.
#[derive(Clone, Debug)]
enum Row {
    /// An answer of these statuses that asks for no wait.
    Status(RangeInclusive<u16>),
    /// An answer with a `Retry-After` of so many seconds; the longest wait is 60 s.
    Asks(u16, u64),
    Fails(Failure, Sent),
    /// A layer below ended it.
    Stops(StopReason),
}

use Row::{Asks, Fails, Status, Stops};

const CLASSES: [Idempotency; 4] = [
    Idempotency::Safe,
    Idempotency::Idempotent,
    Idempotency::OnlyIfUnprocessed,
    Idempotency::Never,
];

const TEN: Duration = Duration::from_secs(10);

/// The columns: safe, idempotent, only if unprocessed, never.
#[rustfmt::skip]
const TABLE: &[(Row, [Cell; 4])] = &[
    (Status(100..=407),                              [E, E, E, E]),
    (Status(408..=408),                              [R, R, E, E]),
    (Status(409..=424),                              [E, E, E, E]),
    (Status(425..=425),                              [R, R, E, E]),
    (Status(426..=428),                              [E, E, E, E]),
    (Status(429..=429),                              [R, R, R, E]),
    (Status(430..=501),                              [E, E, E, E]),
    (Status(502..=504),                              [R, R, E, E]),
    (Status(505..=999),                              [E, E, E, E]),

    (Asks(429, 60),                                  [R, R, R, E]),
    (Asks(429, 61),                                  [T, T, T, E]),
    (Asks(503, 60),                                  [R, R, E, E]),
    (Asks(503, 61),                                  [T, T, E, E]),
    (Asks(408, 61),                                  [T, T, E, E]),
    (Asks(200, 5),                                   [E, E, E, E]),
    (Asks(401, 5),                                   [E, E, E, E]),
    (Asks(500, 5),                                   [E, E, E, E]),

    (Fails(Failure::Resolve,     Sent::No),          [R, R, R, E]),
    (Fails(Failure::Resolve,     Sent::Maybe),       [R, R, E, E]),
    (Fails(Failure::Resolve,     Sent::Yes),         [R, R, E, E]),
    (Fails(Failure::Connect,     Sent::No),          [R, R, R, E]),
    (Fails(Failure::Connect,     Sent::Maybe),       [R, R, E, E]),
    (Fails(Failure::Connect,     Sent::Yes),         [R, R, E, E]),
    (Fails(Failure::Timeout,     Sent::No),          [R, R, R, E]),
    (Fails(Failure::Timeout,     Sent::Maybe),       [R, R, E, E]),
    (Fails(Failure::Timeout,     Sent::Yes),         [R, R, E, E]),
    (Fails(Failure::Interrupted, Sent::No),          [R, R, R, E]),
    (Fails(Failure::Interrupted, Sent::Maybe),       [R, R, E, E]),
    (Fails(Failure::Interrupted, Sent::Yes),         [R, R, E, E]),
    (Fails(Failure::Other,       Sent::No),          [R, R, R, E]),
    (Fails(Failure::Other,       Sent::Maybe),       [R, R, E, E]),
    (Fails(Failure::Other,       Sent::Yes),         [R, R, E, E]),
    (Fails(Failure::Tls,         Sent::No),          [E, E, E, E]),
    (Fails(Failure::Tls,         Sent::Maybe),       [E, E, E, E]),
    (Fails(Failure::Tls,         Sent::Yes),         [E, E, E, E]),
    (Fails(Failure::TooLarge,    Sent::No),          [E, E, E, E]),
    (Fails(Failure::TooLarge,    Sent::Maybe),       [E, E, E, E]),
    (Fails(Failure::TooLarge,    Sent::Yes),         [E, E, E, E]),
    (Fails(Failure::Protocol,    Sent::No),          [E, E, E, E]),
    (Fails(Failure::Protocol,    Sent::Maybe),       [E, E, E, E]),
    (Fails(Failure::Protocol,    Sent::Yes),         [E, E, E, E]),
    (Fails(Failure::Rejected,    Sent::No),          [E, E, E, E]),
    (Fails(Failure::Rejected,    Sent::Maybe),       [E, E, E, E]),
    (Fails(Failure::Rejected,    Sent::Yes),         [E, E, E, E]),

    (Stops(StopReason::AttemptTimeout(TEN)),         [R, R, E, E]),
    (Stops(StopReason::Paused),                      [R, R, R, T]),
    (Stops(StopReason::Deadline(TEN)),               [E, E, E, E]),
    (Stops(StopReason::RateLimited),                 [E, E, E, E]),
    (Stops(StopReason::CircuitOpen),                 [E, E, E, E]),
    (Stops(StopReason::Saturated),                   [E, E, E, E]),
];

impl Row {
    /// What a service does for this row.
    fn steps(&self) -> Vec<Step> {
        match self {
            Status(statuses) => statuses.clone().map(Step::Status).collect(),
            Asks(status, wait) => vec![asked(*status, wait)],
            Fails(failure, sent) => vec![Step::Fail(*sent, *failure)],
            Stops(reason) => vec![Step::Stop(*reason)],
        }
    }

    /// What the decision is told of it; what the layer deals with before it asks is left out.
    fn outcomes(&self) -> Vec<Outcome> {
        let answered = |status, wait: Option<u64>| Outcome::Answered {
            status,
            retry_after: wait.map(secs),
        };
        match self {
            Status(statuses) => statuses
                .clone()
                .map(|status| answered(status, None))
                .collect(),
            Asks(status, wait) => vec![answered(*status, Some(*wait))],
            Fails(failure, sent) => vec![Outcome::Failed {
                sent: *sent,
                failure: *failure,
            }],
            Stops(StopReason::Paused) => vec![],
            Stops(reason) => vec![token_core::Classify::outcome(&Stopped::new(
                *reason,
                Ledger::default(),
            ))],
        }
    }
}

fn decided(class: Idempotency, outcome: &Outcome) -> Cell {
    let mut ledger = Ledger::default();
    ledger.note_attempt();
    let state = RetryState {
        idempotency: class,
        ledger,
        remaining: None,
        budget: None,
    };
    match decide(&RetryPolicy::default(), state, outcome, 0.5) {
        Decision::Retry { .. } => Cell::Repeat,
        Decision::GiveUp => Cell::End,
        Decision::Stop { .. } => Cell::Tell,
    }
}

// Pitfalls 2, 3 and 5.
// C-39, W-A11, W-A12: X-24, cell by cell.
#[test]
fn the_decision_is_the_table() {
    for (row, cells) in TABLE {
        for outcome in row.outcomes() {
            let decided = CLASSES.map(|class| decided(class, &outcome));
            assert_eq!(decided, *cells, "{outcome:?}");
        }
    }
}

// W-A11, W-A12: and so is what reaches the service.
#[tokio::test(start_paused = true)]
async fn the_layer_sends_what_the_table_says() {
    for (row, cells) in TABLE {
        for step in row.steps() {
            for (class, cell) in CLASSES.into_iter().zip(cells) {
                assert_eq!(
                    done(class, step.clone()).await,
                    *cell,
                    "{class:?}: {step:?}"
                );
            }
        }
    }
}

async fn done(class: Idempotency, step: Step) -> Cell {
    let script = Script::new([step.clone()]);
    let layer = RetryLayer::new(RetryPolicy::default());
    let answer = layer
        .layer(script.clone())
        .oneshot(request(&call(class)))
        .await;
    match (script.sends().len(), answer) {
        (2, Ok(_)) => Cell::Repeat,
        (1, Err(TestError::Stopped(stopped))) if !matches!(step, Step::Stop(reason) if reason == stopped.reason()) =>
        {
            assert_eq!(stopped.reason(), StopReason::RateLimited);
            Cell::Tell
        }
        (1, _) => Cell::End,
        (sends, answer) => panic!("{sends} sends: {answer:?}"),
    }
}
