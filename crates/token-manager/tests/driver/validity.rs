//! Requests that need a token with some life left.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use token_core::{CallContext, Idempotency, TokenError};
use token_manager::{AuthorizeLayer, Origins, ScriptedProvider, TokenManager};
use token_store::{MemoryStore, SharedTokenStore};
use tokio::time::{advance, timeout};
use tower::{BoxError, ServiceExt, service_fn};
use tower_layer::Layer;

use crate::kit::{builder, grant, secs};

/// Sends a request whose token must stay valid for this long; the answer is what it carried.
async fn send(manager: &TokenManager, validity: Duration) -> Result<Bytes, BoxError> {
    send_without(manager, validity, "token none").await
}

/// The same to a service that rejects this token.
async fn send_without(
    manager: &TokenManager,
    validity: Duration,
    rejected: &'static str,
) -> Result<Bytes, BoxError> {
    let url = "https://amp.example/api".parse().unwrap();
    let echo = service_fn(async move |request: Request<Bytes>| {
        let sent = request.headers()[header::AUTHORIZATION].as_bytes();
        let status = if sent == rejected.as_bytes() {
            401
        } else {
            200
        };
        let answer = Response::builder().status(status);
        Ok::<_, BoxError>(answer.body(Bytes::copy_from_slice(sent))?)
    });
    let call = CallContext::builder(Idempotency::Safe)
        .with_validity(validity)
        .build();
    let request = Request::get("https://amp.example/api/info").extension(call);
    let service = AuthorizeLayer::new(manager.clone(), Origins::of(&url)).layer(echo);
    let answer = service.oneshot(request.body(Bytes::new()).unwrap()).await?;
    Ok(answer.into_body())
}

// a token in its window is enough for one request and not for another.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_too_short_for_a_request_is_renewed_first() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    advance(secs(86_200)).await;
    let sent = send(&manager, secs(100)).await.unwrap();
    assert_eq!(sent, "token token-1");
    let sent = send(&manager, secs(300)).await.unwrap();
    assert_eq!(sent, "token token-2");
}

// the same demand without a request.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_too_short_for_its_user_is_renewed_first() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    advance(secs(86_200)).await;
    let enough = manager.get_token_valid_for(secs(100)).await.unwrap();
    assert_eq!(enough.expose_secret(), "token-1");
    let renewed = manager.get_token_valid_for(secs(300)).await.unwrap();
    assert_eq!(renewed.expose_secret(), "token-2");
    let error = manager.get_token_valid_for(secs(86_400)).await.unwrap_err();
    assert!(matches!(error, TokenError::Validation(_)), "{error:?}");
}

// W-A19: an authority whose tokens have lost too much life on their way is not asked for ever.
#[tokio::test(start_paused = true)]
async fn tokens_that_are_always_too_short_on_arrival_end_in_an_error() {
    let provider = ScriptedProvider::with_latency(secs(10));
    for number in 0..100 {
        provider.on_obtain(Ok(grant(&format!("short-{number}"), secs(60))));
        provider.on_refresh(Ok(grant(&format!("shorter-{number}"), secs(60))));
    }
    let manager = builder(&provider).build();
    let answer = timeout(secs(600), send(&manager, secs(50))).await;
    let error = answer.expect("an answer at all").unwrap_err();
    let error = error.downcast::<TokenError>().unwrap();
    assert!(matches!(*error, TokenError::Validation(_)), "{error:?}");
    assert!(provider.obtains() + provider.refreshes() <= 3);
}

// A-65, C-46: what somebody else stored meanwhile is newer, and may still be too short.
#[tokio::test(start_paused = true)]
async fn a_replay_needs_a_token_that_lives_long_enough_too() {
    let store = SharedTokenStore::new(MemoryStore::new());
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let described = || builder(&provider).store(store.clone());
    let (here, there) = (described().build(), described().build());
    provider.on_obtain(Ok(grant("long", secs(200_000))));
    here.get_token().await.unwrap();
    there.obtain_token().await.unwrap();
    advance(secs(86_200)).await;
    let sent = send_without(&here, secs(300), "token long").await;
    assert_eq!(sent.unwrap(), "token token-2", "token-1 has 200 s left");
}
