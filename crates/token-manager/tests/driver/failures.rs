//! After a failure: what is answered, and when the authority is asked again.

use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Classify, ErrorClass, Failure, Outcome, RateLimited, Sent, TokenError};
use token_manager::{
    Credentials, FixedCredentials, JsonLogin, JsonProfile, PausedClock, ScriptedProvider,
    TokenManager,
};
use token_store::{MemoryStore, TokenStore};
use tokio::time::advance;
use tower::Service;

use crate::kit::{DAY, builder, failure, millis, outage, secs, token};

fn quick() -> ScriptedProvider {
    ScriptedProvider::with_latency(Duration::ZERO)
}

/// How long callers that ask every few milliseconds hear `error` before the authority is asked.
async fn wait_for_next_try(
    manager: &TokenManager,
    provider: &ScriptedProvider,
    error: &str,
) -> Duration {
    let step = millis(10);
    let before = provider.obtains();
    let mut waited = Duration::ZERO;
    loop {
        let answer = manager.get_token().await;
        if provider.obtains() > before {
            return waited;
        }
        assert_eq!(answer.unwrap_err().to_string(), error, "after {waited:?}");
        advance(step).await;
        waited += step;
    }
}

// A-37, W-A19: the same error, at once and without a call, until the spacing is over.
#[tokio::test(start_paused = true)]
async fn after_a_failure_the_same_error_is_answered_until_the_next_try() {
    for seed in 0..20 {
        let provider = quick();
        let manager = builder(&provider).seed(seed).build();
        provider.on_obtain(Err(outage("down")));
        manager.get_token().await.unwrap_err();
        for (failures, longest) in [(1, 1_000), (2, 2_000), (3, 4_000)] {
            provider.on_obtain(Err(outage("down")));
            let text = outage("down").to_string();
            let waited = wait_for_next_try(&manager, &provider, &text).await;
            assert!(waited >= millis(250), "seed {seed}: {waited:?}");
            assert!(waited <= millis(longest), "seed {seed}: {waited:?}");
            assert_eq!(provider.obtains(), failures + 1, "seed {seed}");
        }
    }
}

// C-36, C-39: a person has to act; meanwhile nobody asks.
#[tokio::test(start_paused = true)]
async fn an_error_that_only_a_person_can_mend_is_not_asked_again_for_a_minute() {
    for class in [ErrorClass::Refused, ErrorClass::Terminal] {
        let provider = quick();
        let manager = builder(&provider).build();
        provider.on_obtain(Err(failure(class, "no such user")));
        manager.get_token().await.unwrap_err();
        let text = failure(class, "no such user").to_string();
        let waited = wait_for_next_try(&manager, &provider, &text).await;
        assert_eq!(waited, secs(60));
    }
}

// C-37: a limit counts down, and the authority is not asked before its end.
#[tokio::test(start_paused = true)]
async fn a_limit_is_told_with_what_is_left_of_it_and_never_broken() {
    let provider = quick();
    let manager = builder(&provider).build();
    provider.on_obtain(Err(TokenError::RateLimited(RateLimited::new(secs(90)))));
    for left in (1..=90).rev() {
        let error = manager.get_token().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(secs(left)), "{error}");
        advance(secs(1)).await;
    }
    assert_eq!(provider.obtains(), 1);
    assert!(manager.get_token().await.is_ok());
}

// A-32, A-34: whoever forces, or clears first, is not held back by an earlier failure.
#[tokio::test(start_paused = true)]
async fn a_forced_call_and_a_clear_end_the_wait_after_a_failure() {
    let provider = quick();
    let manager = builder(&provider).build();
    let refusal = || Err(failure(ErrorClass::Refused, "wrong password"));
    provider.on_obtain(refusal()).on_obtain(refusal());
    manager.get_token().await.unwrap_err();
    manager.clear_token().await.unwrap();
    manager.get_token().await.unwrap_err();
    assert_eq!(provider.obtains(), 2);
    assert!(manager.obtain_token().await.is_ok());
    assert!(manager.get_token().await.is_ok());
    assert_eq!(provider.obtains(), 3);
}

// A-37: a success forgets the failures before it, so the next outage starts at the short waits.
#[tokio::test(start_paused = true)]
async fn a_success_starts_the_spacing_anew() {
    let provider = quick();
    let manager = builder(&provider).build();
    let text = outage("down").to_string();
    for _ in 0..8 {
        provider.on_obtain(Err(outage("down")));
        manager.obtain_token().await.unwrap_err();
    }
    manager.obtain_token().await.unwrap();
    manager.clear_token().await.unwrap();
    provider.on_obtain(Err(outage("down")));
    manager.get_token().await.unwrap_err();
    let waited = wait_for_next_try(&manager, &provider, &text).await;
    assert!(waited <= secs(1), "{waited:?}");
}

// A-37: a setting from outside, as far as it goes.
#[tokio::test(start_paused = true)]
async fn a_budget_without_end_is_no_overflow() {
    let provider = ScriptedProvider::with_latency(secs(3_600));
    let manager = builder(&provider).flight_budget(Duration::MAX).build();
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
}

// A-39, A-29: through the real provider; what was there before stays.
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_token_is_a_parse_error_and_the_old_record_stays() {
    let bodies = [
        "",
        "<html>",
        r#"{"detail":"fine"}"#,
        r#"{"token":null}"#,
        r#"{"token":["a"]}"#,
        r#"{"token":"a"#,
    ];
    for body in bodies {
        let service = Canned::default();
        let store = MemoryStore::new();
        let manager = json_manager(&service, &store);
        service.answer(body);
        let error = manager.get_token().await.unwrap_err();
        assert!(
            matches!(error, TokenError::Serialization(_)),
            "{body}: {error:?}"
        );
        assert_eq!(store.load().await.unwrap().record, None, "{body}");

        advance(secs(2)).await;
        service.answer(r#"{"token":"0123abcd"}"#);
        manager.get_token().await.unwrap();
        let stored = store.load().await.unwrap().record;
        service.answer(body);
        service.answer(body);
        let error = manager.refresh_token().await.unwrap_err();
        assert!(
            matches!(error, TokenError::Serialization(_)),
            "{body}: {error:?}"
        );
        assert_eq!(store.load().await.unwrap().record, stored, "{body}");
        assert_eq!(manager.get_token().await.unwrap(), token("0123abcd"));
    }
}

// A-19, X-11: the authority states no lifetime, so a day is assumed from just before the request.
#[tokio::test(start_paused = true)]
async fn both_ways_give_a_token_a_day() {
    let service = Canned::default();
    let manager = json_manager(&service, &MemoryStore::new());
    for renew in [false, true] {
        service.answer(r#"{"token":"0123abcd"}"#);
        let answer = if renew {
            manager.refresh_token().await
        } else {
            manager.get_token().await
        };
        answer.unwrap();
        let info = manager.get_token_info().await.unwrap();
        assert_eq!(info.expires_at, info.obtained_at + DAY);
        assert_eq!(info.age, Duration::ZERO);
        advance(secs(100)).await;
    }
}

fn json_manager(service: &Canned, store: &MemoryStore) -> TokenManager {
    let base = "https://amp.example/api".parse().unwrap();
    let credentials = FixedCredentials::new(Credentials::new("issuer", "secret"));
    let provider = JsonLogin::new(service.clone(), &base, JsonProfile::amp(), credentials);
    TokenManager::builder(provider)
        .clock(PausedClock::new())
        .store(store.clone())
        .seed(7)
        .build()
}

/// A service that answers 200 with the bodies it was given, then nothing.
#[derive(Clone, Debug, Default)]
struct Canned(Arc<Mutex<Vec<&'static str>>>);

impl Canned {
    fn answer(&self, body: &'static str) {
        self.0.lock().unwrap().insert(0, body);
    }
}

impl Service<Request<Bytes>> for Canned {
    type Response = Response<Bytes>;
    type Error = NothingLeft;
    type Future = Ready<Result<Response<Bytes>, NothingLeft>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), NothingLeft>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Bytes>) -> Self::Future {
        let body = self.0.lock().unwrap().pop();
        ready(
            body.map(|body| Response::new(body.into()))
                .ok_or(NothingLeft),
        )
    }
}

#[derive(Debug)]
struct NothingLeft;

impl fmt::Display for NothingLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the script is at its end")
    }
}

impl std::error::Error for NothingLeft {}

impl Classify for NothingLeft {
    fn outcome(&self) -> Outcome {
        Outcome::Failed {
            sent: Sent::No,
            failure: Failure::Connect,
        }
    }
}
