//! Requests that need a token with some life left.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use token_core::{CallContext, Idempotency, TokenError};
use token_manager::{AuthorizeLayer, Origins, ScriptedProvider, TokenManager};
use tokio::time::{advance, timeout};
use tower::{BoxError, ServiceExt, service_fn};
use tower_layer::Layer;

use crate::kit::{builder, grant, secs};

/// Sends a request whose token must stay valid for this long; the answer is what it carried.
async fn send(manager: &TokenManager, validity: Duration) -> Result<Bytes, BoxError> {
    let url = "https://amp.example/api".parse().unwrap();
    let echo = service_fn(async |request: Request<Bytes>| {
        let sent = request.headers()[header::AUTHORIZATION].as_bytes();
        Ok::<_, BoxError>(Response::new(Bytes::copy_from_slice(sent)))
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
