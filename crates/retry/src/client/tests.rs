use token_core::{CallContext, Failure, Idempotency, RetryConfig, Sent};
use tokio::time::Instant;
use tower::{Service, ServiceExt};

use crate::RetryClient;
use crate::fakes::{Answer, Script, Step, call, request, secs};

async fn run(script: &Script, call: &CallContext) -> Answer {
    let client = RetryClient::new(&RetryConfig::default()).with_seed(1);
    let send = || {
        let (mut script, request) = (script.clone(), request(call));
        async move { script.ready().await?.call(request).await }
    };
    client.execute_with_retry(call, send).await
}

// C-40
#[tokio::test(start_paused = true)]
async fn the_closure_form_repeats_by_the_same_rules() {
    let fail = Step::Fail(Sent::Maybe, Failure::Interrupted);
    let script = Script::new([Step::Stall, fail]);
    let call = call(Idempotency::Idempotent);
    let start = Instant::now();
    let answer = run(&script, &call).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(call.ledger().attempts(), 3);
    assert!(start.elapsed() >= secs(13), "{:?}", start.elapsed());
}

//
#[tokio::test(start_paused = true)]
async fn a_last_try_that_takes_too_long_is_a_time_out() {
    let script = Script::new([Step::Stall, Step::Stall, Step::Stall]);
    let error = run(&script, &call(Idempotency::Idempotent))
        .await
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("AttemptTimeout(10s)"),
        "{error:?}"
    );
    assert_eq!(script.sends().len(), 3);
}

// W-A11
#[tokio::test(start_paused = true)]
async fn the_closure_is_not_called_again_when_it_may_have_taken_effect() {
    let script = Script::new([Step::Stall]);
    run(&script, &call(Idempotency::OnlyIfUnprocessed))
        .await
        .unwrap_err();
    assert_eq!(script.sends().len(), 1);
}

// W-A19
#[tokio::test(start_paused = true)]
async fn the_closure_is_not_called_after_the_deadline() {
    let script = Script::new([]);
    let call = call(Idempotency::Safe);
    call.start(Instant::now().into_std(), secs(0));
    let error = run(&script, &call).await.unwrap_err();
    assert!(format!("{error:?}").contains("Deadline(0ns)"), "{error:?}");
    assert_eq!(script.sends(), []);
    assert!(!call.ledger().maybe_processed());
    assert_eq!(call.ledger().attempts(), 0);
}
