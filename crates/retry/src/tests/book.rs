//! The book of a call counts what was let through, wherever the call waited when it ended.

use std::time::Duration;

use token_core::{CallContext, Idempotency, Ledger, StopReason};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer, ServiceExt};

use crate::fakes::{Script, Step, TestError, asked, call, request, secs};
use crate::{ConcurrencyLimitLayer, StackBuilder};

/// A call that ends while it waits.
struct Case {
    waits: &'static str,
    /// What the service does, in the order in which requests arrive.
    steps: Vec<Step>,
    /// When another caller begins, and when ours does.
    other: Duration,
    ours: Duration,
    /// How often ours was sent.
    sent: u32,
}

fn cases() -> Vec<Case> {
    let case = |waits, steps, other: f32, ours: f32, sent| Case {
        waits,
        steps,
        other: Duration::from_secs_f32(other),
        ours: Duration::from_secs_f32(ours),
        sent,
    };
    vec![
        case("for a pause", vec![asked(429, 9)], 0.0, 1.0, 0),
        case("for a probe", vec![asked(429, 1), Step::Stall], 0.0, 2.0, 0),
        case("for a permit", vec![Step::Stall], 0.0, 1.0, 0),
        case(
            "for a pause, to be sent again",
            vec![Step::Status(503), asked(429, 9)],
            0.5,
            0.0,
            1,
        ),
        case(
            "for a permit, to be sent again",
            vec![Step::Status(503), Step::Stall],
            0.5,
            0.0,
            1,
        ),
    ]
}

/// The book of our call, and the one that its verdict has, where the deadline ended it.
async fn end(case: Case, total: Duration, leaves: bool) -> (Ledger, Option<Ledger>) {
    let limit = ConcurrencyLimitLayer::new(1).with_longest_wait(secs(100));
    let stack = StackBuilder::new().with_concurrency_limit(limit);
    let service = stack.layer(Script::new(case.steps));
    let (other, delay) = (call(Idempotency::Safe), case.other);
    let other = service.clone().oneshot(request(&other));
    let other = tokio::spawn(async move {
        sleep(delay).await;
        other.await
    });
    sleep(case.ours).await;
    let call = CallContext::builder(Idempotency::Safe)
        .with_deadline(Instant::now().into_std(), total)
        .build();
    let answer = timeout(secs(5), service.oneshot(request(&call))).await;
    assert_eq!(answer.is_err(), leaves, "{}: {answer:?}", case.waits);
    let told = answer.ok().map(|answer| match answer {
        Err(TestError::Stopped(stopped)) => {
            let reason = stopped.reason();
            let expected = [StopReason::Deadline(total), StopReason::RateLimited];
            assert!(expected.contains(&reason), "{}: {reason:?}", case.waits);
            stopped.ledger()
        }
        other => panic!("{}: {other:?}", case.waits),
    });
    other.abort();
    (call.ledger(), told)
}

// W-A19: an attempt is what was let through; who waits when his deadline comes, or leaves, was not sent.
#[tokio::test(start_paused = true)]
async fn a_call_that_ends_while_it_waits_counts_nothing_that_was_not_sent() {
    for leaves in [true, false] {
        let total = if leaves { secs(60) } else { secs(4) };
        for case in cases() {
            let (name, sent) = (case.waits, case.sent);
            let (book, told) = end(case, total, leaves).await;
            assert_eq!((book.attempts(), book.tries()), (sent, sent), "{name}");
            assert_eq!(told.unwrap_or(book), book, "{name}");
        }
    }
}
