//! A stack that is shared against one that is cloned.

use tower::Service;

use super::*;
use crate::fakes::Answer;

const CALLERS: usize = 3;

/// When the requests were sent, and what each of the callers got when, and how often it had asked.
type Seen = (Vec<Duration>, Vec<(String, Duration, u32)>);

/// Has callers of this class ask all at the same time, through what `call` sends with.
async fn play<F>(script: &Script, class: Idempotency, send: impl Fn(Request<Bytes>) -> F) -> Seen
where
    F: Future<Output = Answer> + Send + 'static,
{
    let start = Instant::now();
    let callers = (0..CALLERS).map(|_| {
        let call = call(class);
        let answer = send(request(&call));
        tokio::spawn(async move {
            let got = match answer.await {
                Ok(answer) => answer.status().to_string(),
                // The moment to come back at is the wall clock's, which is not paused.
                Err(TestError::Stopped(stopped)) => {
                    format!("{:?} {:?}", stopped.reason(), stopped.retry_after())
                }
                Err(error) => format!("{error:?}"),
            };
            (got, start.elapsed(), call.ledger().attempts())
        })
    });
    let mut got = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        got.push(caller.await.unwrap());
    }
    let sends = script.sends().into_iter().map(|at| at - start).collect();
    (sends, got)
}

fn run(work: impl Future<Output = Seen>) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

fn stack(seed: u64) -> StackBuilder {
    let breaker = CircuitBreaker::new(NonZeroU32::new(3).unwrap(), secs(20));
    StackBuilder::new()
        .with_retry(RetryLayer::new(RetryPolicy::default()).with_seed(seed))
        .with_circuit_breaker(CircuitBreakerLayer::new(breaker))
        .with_concurrency_limit(ConcurrencyLimitLayer::new(2).with_longest_wait(TOTAL))
        .with_attempt_timeout(AttemptTimeoutLayer::new(secs(10)))
}

proptest! {
    // W-A11, W-A16, C-43
    #[test]
    fn a_stack_that_is_shared_does_what_one_that_is_cloned_does(
        steps in prop::collection::vec(any_step(), 0..10), is_safe in any::<bool>(), seed in any::<u64>(),
    ) {
        let class = if is_safe { Idempotency::Safe } else { Idempotency::OnlyIfUnprocessed };
        let script = Script::new(steps.clone());
        let cloned = run(async {
            let service = stack(seed).layer(script.clone());
            play(&script, class, |request| service.clone().oneshot(request)).await
        });
        let script = Script::new(steps);
        let shared = run(async {
            let service = Arc::new(stack(seed).share(script.clone()));
            let send = |request| {
                let service = Arc::clone(&service);
                async move { (&*service).call(request).await }
            };
            play(&script, class, send).await
        });
        prop_assert_eq!(cloned, shared);
    }
}
