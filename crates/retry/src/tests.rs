//! The whole stack under random faults.

use std::time::Duration;

use proptest::prelude::*;
use token_core::{Failure, Idempotency, Sent};
use tokio::time::Instant;
use tower::{ServiceBuilder, ServiceExt};

use crate::fakes::{Script, Step, after, asked, call, request, secs};
use crate::{
    AttemptTimeoutLayer, DeadlineLayer, PauseGate, PauseGateLayer, RetryLayer, RetryPolicy,
};

const TOTAL: Duration = Duration::from_secs(120);

fn any_step() -> impl Strategy<Value = Step> {
    let sent = prop_oneof![Just(Sent::No), Just(Sent::Maybe), Just(Sent::Yes)];
    let failure = prop_oneof![
        Just(Failure::Connect),
        Just(Failure::Interrupted),
        Just(Failure::Timeout),
        Just(Failure::Tls),
    ];
    let now = prop_oneof![
        prop_oneof![
            Just(200_u16),
            Just(401),
            Just(404),
            Just(408),
            Just(429),
            500_u16..=504
        ]
        .prop_map(Step::Status),
        (prop_oneof![Just(429_u16), Just(503)], 0_u64..100).prop_map(|(s, w)| asked(s, w)),
        (sent, failure).prop_map(|(sent, failure)| Step::Fail(sent, failure)),
        Just(Step::Stall),
    ];
    (now, 0_u64..20).prop_map(|(step, delay)| after(secs(delay), step))
}

/// Whether a server that did this may have acted on the request, and what wait it asked for.
fn effect(step: &Step) -> (bool, Duration) {
    match step {
        Step::After(delay, step) => {
            let (acted, wait) = effect(step);
            // A try that is given up before its answer may have been acted on, and asks nothing.
            if *delay > secs(10) {
                return (true, Duration::ZERO);
            }
            (acted, wait + if wait.is_zero() { wait } else { *delay })
        }
        Step::Asked(429, wait) => (false, secs(wait.parse().unwrap())),
        Step::Asked(_, wait) => (true, secs(wait.parse().unwrap())),
        Step::Status(429) | Step::Fail(Sent::No, _) => (false, Duration::ZERO),
        Step::Status(_) | Step::Fail(..) | Step::Stall => (true, Duration::ZERO),
    }
}

async fn play(steps: Vec<Step>, class: Idempotency, seed: u64) -> (Vec<Instant>, Duration, u32) {
    let script = Script::new(steps);
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new(TOTAL))
        .layer(RetryLayer::new(RetryPolicy::default()).with_seed(seed))
        .layer(PauseGateLayer::new(PauseGate::new()))
        .layer(AttemptTimeoutLayer::new(secs(10)))
        .service(script.clone());
    let (start, call) = (Instant::now(), call(class));
    let _ = service.oneshot(request(&call)).await;
    (script.sends(), start.elapsed(), call.ledger().attempts())
}

proptest! {
    // W-A11, W-A16, W-A19, A-54, A-66
    #[test]
    fn under_random_faults_nothing_happens_twice_early_or_late(
        steps in prop::collection::vec(any_step(), 0..6), class in 0_usize..4, seed in any::<u64>(),
    ) {
        let class = [
            Idempotency::Safe,
            Idempotency::Idempotent,
            Idempotency::OnlyIfUnprocessed,
            Idempotency::Never,
        ][class];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (sends, elapsed, attempts) = runtime.block_on(play(steps.clone(), class, seed));

        prop_assert!(sends.len() <= 3 && attempts <= 3, "{} sends", sends.len());
        prop_assert!(elapsed <= TOTAL + Duration::from_millis(1), "{:?}", elapsed);
        let effects: Vec<_> = steps.iter().map(effect).chain([(true, Duration::ZERO)]).collect();
        let acted = effects.iter().take(sends.len()).filter(|(acted, _)| *acted).count();
        prop_assert!(class.repeatable() || acted <= 1, "processed {} times", acted);
        prop_assert!(class != Idempotency::Never || sends.len() == 1);
        for (pair, (_, wait)) in sends.windows(2).zip(&effects) {
            prop_assert!(pair[1] - pair[0] >= *wait, "{:?} after {:?}", pair[1] - pair[0], wait);
        }
    }
}
