//! Rejected tokens and failing requests in one call: how often it is sent at most.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{RetryLayer, RetryPolicy};
use token_core::{CallContext, Idempotency, RetryConfig};
use token_manager::{AuthorizeLayer, Origins, PausedClock, ScriptedProvider, TokenManager};
use tower::{BoxError, Layer, ServiceExt, service_fn};

const ATTEMPTS: u32 = 3;
const URL: &str = "https://amp.example/api/assets";

/// So long that a token is not new any more when the next try meets a 401.
const WAIT: Duration = Duration::from_secs(20);

/// Sends one call through retry and authorization to a service that answers by this script, and
/// then with 200. Says how often it was sent, and what the book of the call says.
async fn sends(script: &[u16]) -> (usize, token_core::Ledger) {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let manager = TokenManager::builder(provider).clock(PausedClock::new());
    let manager = manager.build();
    manager.get_token().await.unwrap();
    tokio::time::advance(WAIT).await;

    let script = script.iter().copied().collect::<VecDeque<_>>();
    let (script, sent) = (Arc::new(Mutex::new(script)), Arc::new(Mutex::new(0)));
    let count = Arc::clone(&sent);
    let service = service_fn(move |_: Request<Bytes>| {
        *count.lock().unwrap() += 1;
        let status = script.lock().unwrap().pop_front().unwrap_or(200);
        let answer = Response::builder().status(status).body(Bytes::new());
        async move { Ok::<_, BoxError>(answer.unwrap()) }
    });
    let retry = RetryConfig::builder()
        .with_max_attempts(ATTEMPTS)
        .with_base_delay(WAIT)
        .with_max_delay(WAIT);
    let policy = RetryPolicy::new(&retry.build().unwrap());
    let origins = Origins::of(&URL.parse().unwrap());
    let service = AuthorizeLayer::new(manager, origins).layer(service);
    let service = RetryLayer::new(policy).layer(service);

    let call = CallContext::new(Idempotency::Idempotent);
    let request = Request::get(URL).extension(call.clone());
    let request = request.body(Bytes::new()).unwrap();
    service.oneshot(request).await.unwrap();
    let sent = *sent.lock().unwrap();
    (sent, call.ledger())
}

// C-46, W-A11, W-A12: one replay for the whole call comes on top of its tries, not one for each of
// them, whatever the order of the answers.
#[tokio::test(start_paused = true)]
async fn a_call_is_sent_at_most_once_more_than_it_may_be_tried() {
    const ANSWERS: [u16; 4] = [401, 503, 429, 200];
    let mut most = 0;
    for number in 0..ANSWERS.len().pow(6) {
        let digit = |place| number / ANSWERS.len().pow(place) % ANSWERS.len();
        let script = [0, 1, 2, 3, 4, 5].map(|place| ANSWERS[digit(place)]);
        let (sent, ledger) = sends(&script).await;
        assert!(sent <= ATTEMPTS as usize + 1, "{sent} sends for {script:?}");
        assert!(ledger.replays() <= 1, "{ledger:?} for {script:?}");
        assert_eq!(ledger.sends() as usize, sent, "{ledger:?} for {script:?}");
        most = most.max(sent);
    }
    assert_eq!(most, ATTEMPTS as usize + 1, "the bound is reached");
}
