use proptest::prelude::*;
use token_core::{Failure, RetryConfig, Sent};

use super::*;
use crate::ServerErrors;
use crate::fakes::secs;

const CLASSES: [Idempotency; 4] = [
    Idempotency::Safe,
    Idempotency::Idempotent,
    Idempotency::OnlyIfUnprocessed,
    Idempotency::Never,
];

fn ledger(attempts: u32) -> Ledger {
    let mut ledger = Ledger::default();
    (0..attempts).for_each(|_| ledger.note_attempt());
    ledger
}

fn state(idempotency: Idempotency, attempts: u32) -> RetryState<'static> {
    RetryState {
        idempotency,
        ledger: ledger(attempts),
        remaining: None,
        budget: None,
    }
}

fn answered(status: u16, retry_after: Option<u64>) -> Outcome {
    Outcome::Answered {
        status,
        retry_after: retry_after.map(secs),
    }
}

fn retried(policy: &RetryPolicy, class: Idempotency, outcome: &Outcome) -> bool {
    matches!(
        decide(policy, state(class, 1), outcome, 0.5),
        Decision::Retry { .. }
    )
}

/// Which classes a cell of the table repeats: `s` safe, `i` idempotent, `u` only if unprocessed.
fn repeated_by(policy: &RetryPolicy, outcome: &Outcome) -> String {
    let classes = CLASSES.into_iter().zip(['s', 'i', 'u', 'n']);
    classes
        .filter(|(class, _)| retried(policy, *class, outcome))
        .map(|(_, letter)| letter)
        .collect()
}

// A-58, C-38
#[test]
fn with_all_server_errors_every_500_is_repeated_where_it_may() {
    let policy = RetryPolicy::default().with_server_errors(ServerErrors::All);
    for status in [500, 501, 502, 503, 504, 507, 599] {
        assert_eq!(repeated_by(&policy, &answered(status, None)), "si");
    }
    assert_eq!(repeated_by(&policy, &answered(404, None)), "");
}

// A-03, C-42, W-A31
#[test]
fn the_last_attempt_brings_its_own_result_back() {
    let policy = RetryPolicy::default();
    for outcome in [answered(429, Some(1)), answered(503, None)] {
        let decide = |attempts| decide(&policy, state(Idempotency::Safe, attempts), &outcome, 0.5);
        assert!(matches!(decide(2), Decision::Retry { .. }));
        assert_eq!(decide(3), Decision::GiveUp);
        assert_eq!(decide(100), Decision::GiveUp);
    }
}

fn pause(policy: &RetryPolicy, outcome: &Outcome, draw: f64) -> Duration {
    match decide(policy, state(Idempotency::Safe, 1), outcome, draw) {
        Decision::Retry { after } => after,
        other => panic!("{other:?}"),
    }
}

// C-37, W-A16.
#[test]
fn the_wait_is_the_longer_of_the_servers_and_the_clients() {
    let policy = RetryPolicy::default();
    let cases = [
        (answered(429, Some(5)), 5000),
        (answered(429, Some(60)), 60_000),
        (answered(503, Some(7)), 7000),
        (answered(429, Some(1)), 1250),
        (answered(429, Some(0)), 1250),
        (answered(429, None), 1250),
        (answered(503, None), 1250),
    ];
    for (outcome, millis) in cases {
        let expected = Duration::from_millis(millis);
        assert_eq!(pause(&policy, &outcome, 0.5), expected, "{outcome:?}");
    }
}

//
#[test]
fn a_limit_without_a_wait_gets_a_pause_worth_the_name() {
    let fast = RetryPolicy::new(&RetryConfig::instant());
    assert_eq!(pause(&fast, &answered(429, None), 0.0), secs(1));
    let seed = RetryPolicy::default().with_default_retry_after(secs(60));
    assert_eq!(pause(&seed, &answered(429, None), 0.0), secs(60));
    let full = RetryPolicy::default().with_full_jitter();
    assert_eq!(pause(&full, &answered(429, Some(0)), 0.0), secs(1));
    assert_eq!(pause(&full, &answered(503, None), 0.0), Duration::ZERO);
}

// A-56, W-A15, W-A16: X-22.
#[test]
fn a_wait_beyond_the_patience_or_the_deadline_stops_the_call_with_the_servers_wait() {
    let policy = RetryPolicy::default();
    let stop = |retry_after| Decision::Stop {
        reason: StopReason::RateLimited,
        retry_after,
    };
    let with = |remaining, asked| {
        let state = RetryState {
            remaining: Some(secs(remaining)),
            ..state(Idempotency::Never, 1)
        };
        let state = RetryState {
            idempotency: Idempotency::OnlyIfUnprocessed,
            ..state
        };
        decide(&policy, state, &answered(429, asked), 0.5)
    };
    assert_eq!(with(1000, Some(61)), stop(secs(61)));
    assert_eq!(with(1000, Some(u64::MAX)), stop(secs(u64::MAX)));
    assert_eq!(with(5, Some(5)), stop(secs(5)));
    assert_eq!(with(6, Some(5)), Decision::Retry { after: secs(5) });
}

// W-A19: nor where the server's own wait would fit, and what there is to tell is its answer.
#[test]
fn a_pause_that_does_not_fit_the_deadline_is_not_begun() {
    let policy = RetryPolicy::default();
    for outcome in [
        answered(503, None),
        answered(429, None),
        answered(503, Some(0)),
        answered(503, Some(1)),
    ] {
        let state = RetryState {
            remaining: Some(Duration::from_millis(1250)),
            ..state(Idempotency::Safe, 1)
        };
        assert_eq!(decide(&policy, state, &outcome, 0.5), Decision::GiveUp);
    }
}

#[test]
fn only_a_repetition_is_paid_for_and_an_empty_purse_ends_the_call() {
    let policy = RetryPolicy::default();
    let mut bucket = Bucket::full(1);
    let mut decide = |class, outcome: Outcome| {
        let state = RetryState {
            budget: Some(&mut bucket),
            ..state(class, 1)
        };
        decide(&policy, state, &outcome, 0.0)
    };
    assert_eq!(
        decide(Idempotency::Never, answered(503, None)),
        Decision::GiveUp
    );
    let stopped = decide(Idempotency::Safe, answered(429, Some(600)));
    assert!(matches!(stopped, Decision::Stop { .. }));
    let first = decide(Idempotency::Safe, answered(503, None));
    assert_eq!(first, Decision::Retry { after: secs(1) });
    assert_eq!(
        decide(Idempotency::Safe, answered(503, None)),
        Decision::GiveUp
    );
}

// A-54, W-A16: a limit that names its time is the server's own pacing; the purse pays for guesses.
#[test]
fn the_purse_pays_for_what_the_client_guesses_and_not_for_the_time_that_a_limit_names() {
    let interrupted = Outcome::Failed {
        sent: Sent::No,
        failure: Failure::Interrupted,
    };
    for (outcome, pays) in [
        (answered(429, Some(1)), false),
        (answered(429, Some(60)), false),
        (answered(429, Some(0)), true),
        (answered(429, None), true),
        (answered(503, Some(5)), true),
        (answered(503, None), true),
        (answered(408, None), true),
        (interrupted, true),
    ] {
        let mut bucket = Bucket::full(1);
        for nothing_left in [false, true] {
            let state = RetryState {
                budget: Some(&mut bucket),
                ..state(Idempotency::Safe, 1)
            };
            let decision = decide(&RetryPolicy::default(), state, &outcome, 0.0);
            let ends = decision == Decision::GiveUp;
            assert_eq!(ends, nothing_left && pays, "{outcome:?}");
        }
    }
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let sent = prop_oneof![Just(Sent::No), Just(Sent::Maybe), Just(Sent::Yes)];
    let failure = prop_oneof![
        Just(Failure::Connect),
        Just(Failure::Timeout),
        Just(Failure::Interrupted)
    ];
    let wait = (0_u64..100_000_000, 0_u32..1_000_000_000).prop_map(|(s, n)| Duration::new(s, n));
    prop_oneof![
        (
            prop_oneof![400_u16..600, Just(429), Just(503)],
            proptest::option::of(wait)
        )
            .prop_map(|(status, retry_after)| Outcome::Answered {
                status,
                retry_after
            }),
        (sent, failure).prop_map(|(sent, failure)| Outcome::Failed { sent, failure }),
    ]
}

proptest! {
    // A-54, W-A11, W-A15, W-A16, W-A19
    #[test]
    fn no_decision_is_early_late_or_repeats_what_may_have_happened(
        outcome in any_outcome(), class in 0_usize..4, attempts in 1_u32..6, draw in any::<f64>(),
        remaining in proptest::option::of(0_u64..200_000), full in any::<bool>(),
    ) {
        let mut policy = RetryPolicy::default();
        if full { policy = policy.with_full_jitter(); }
        let remaining = remaining.map(Duration::from_millis);
        let state = RetryState { remaining, ..state(CLASSES[class], attempts) };
        let asked = asked(&outcome);
        match decide(&policy, state, &outcome, draw) {
            Decision::Retry { after } => {
                prop_assert!(asked.is_none_or(|asked| after >= asked && asked <= secs(60)));
                prop_assert!(remaining.is_none_or(|left| after < left));
                prop_assert!(attempts < 3);
                prop_assert!(CLASSES[class].repeatable() || outcome.is_unprocessed());
            }
            Decision::Stop { retry_after, .. } => prop_assert_eq!(Some(retry_after), asked),
            Decision::GiveUp => {}
        }
    }
}
