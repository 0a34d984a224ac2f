//! Which requests get the token, and which token they get.

use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::poll;
use http::{HeaderValue, Request, Response, StatusCode, header};
use token_core::flight::Renewal;
use token_core::{CallContext, Idempotency, Lifetime, TokenError};
use token_manager::{AuthorizeLayer, Origins, PausedClock, Scheme, ScriptedProvider, TokenManager};
use tower::{BoxError, Layer, Service, ServiceExt};

use crate::api::{Api, ApiService, BASE, get, grant, manager, rejection};

fn provider() -> ScriptedProvider {
    ScriptedProvider::with_latency(Duration::from_secs(1))
}

// C-47
#[tokio::test(start_paused = true)]
async fn every_request_carries_the_token_in_a_sensitive_header() {
    let api = Api::default();
    let service = api.authorized(&manager(&provider()));
    for _ in 0..3 {
        assert_eq!(service.status().await, StatusCode::OK);
        let sent = api.last();
        let value = &sent.headers()[header::AUTHORIZATION];
        assert_eq!(value.as_bytes(), b"token token-1");
        assert!(value.is_sensitive());
        assert!(!format!("{sent:?}").contains("token-1"), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_scheme_is_the_managers() {
    let api = Api::default();
    let tokens = TokenManager::builder(provider())
        .clock(PausedClock::new())
        .scheme(Scheme::BEARER)
        .build();
    api.authorized(&tokens).status().await;
    assert_eq!(api.authorizations(), ["Bearer token-1"]);
}

// W-A02
#[tokio::test(start_paused = true)]
async fn a_request_to_another_origin_is_sent_without_token_and_without_login() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    for uri in [
        "http://amp.example/api/info",
        "https://amp.example:8443/api/info",
        "https://amp.example.evil.example/api/info",
        "https://evil.example/api/info",
        "https://amp.example@evil.example/api/info",
    ] {
        let request = Request::get(uri).body(Bytes::from_static(b"as it is"));
        service.send(request.unwrap()).await.unwrap();
        let sent = api.last();
        assert!(sent.headers().is_empty(), "{uri}: {:?}", sent.headers());
        assert_eq!(sent.body(), "as it is");
    }
    assert_eq!(provider.obtains(), 0);
}

// W-A02: the rejection of somebody else says nothing about our token.
#[tokio::test(start_paused = true)]
async fn a_rejection_by_another_origin_is_handed_on() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    api.accept_only([]);
    let request = Request::get("https://evil.example/info").body(Bytes::new());
    let answer = service.send(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((provider.obtains(), api.requests()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_anonymous_call_is_sent_without_token() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    api.accept_only([]);
    let call = CallContext::builder(Idempotency::Safe).anonymous().build();
    let mut request = get("/info");
    request.extensions_mut().insert(call);
    let answer = service.send(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.authorizations(), [""]);
    assert_eq!(provider.obtains(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_keeps_its_own_authorization() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    api.accept_only([]);
    let mut request = get("/info");
    let own = HeaderValue::from_static("token of-somebody-else");
    request.headers_mut().insert(header::AUTHORIZATION, own);
    let answer = service.send(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.authorizations(), ["token of-somebody-else"]);
    assert_eq!(provider.obtains(), 0);
}

fn demanding(validity: Duration) -> Request<Bytes> {
    let call = CallContext::builder(Idempotency::Safe).with_validity(validity);
    let mut request = get("/info");
    request.extensions_mut().insert(call.build());
    request
}

fn ten_minutes() -> ScriptedProvider {
    let lifetime = Lifetime::Stated(Duration::from_secs(600));
    ScriptedProvider::new(Duration::from_secs(1), Renewal::LoginOnly, lifetime)
}

#[tokio::test(start_paused = true)]
async fn a_long_call_gets_a_token_that_lives_long_enough() {
    let (provider, api) = (ten_minutes(), Api::default());
    let service = api.authorized(&manager(&provider));
    let long = || demanding(Duration::from_secs(500));
    service.send(long()).await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    service.send(long()).await.unwrap();
    assert_eq!(provider.obtains(), 1, "535 s are left");

    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(service.status().await, StatusCode::OK);
    service.send(long()).await.unwrap();
    let expected = ["token token-1"; 3].into_iter().chain(["token token-2"]);
    assert_eq!(api.authorizations(), expected.collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_demand_that_no_token_can_meet_is_an_error_and_not_a_loop() {
    let (provider, api) = (ten_minutes(), Api::default());
    let service = api.authorized(&manager(&provider));
    for _ in 0..3 {
        let request = demanding(Duration::from_secs(3_600));
        let error = service.send(request).await.unwrap_err();
        let error = error.downcast::<TokenError>().unwrap();
        let expected = "Token validation error: the token lives shorter than the 3600 s that the \
                        request needs";
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!((provider.obtains(), api.requests()), (1, 0));
}

// a login that fails is the answer, and the request is not sent without a token.
#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    let (provider, api) = (provider(), Api::default());
    provider.on_obtain(Err(TokenError::Timeout(Duration::from_secs(10))));
    let service = api.authorized(&manager(&provider));
    let error = service.send(get("/info")).await.unwrap_err();
    assert_eq!(error.to_string(), "Request timeout after 10 seconds");
    assert_eq!(api.requests(), 0);
}

//
#[tokio::test(start_paused = true)]
async fn a_token_with_odd_but_legal_characters_travels_as_it_is() {
    let (provider, api) = (provider(), Api::default());
    provider.on_obtain(Ok(grant("a.b-c_d~e+f/g==", Duration::from_secs(600))));
    api.authorized(&manager(&provider)).status().await;
    assert_eq!(api.authorizations(), ["token a.b-c_d~e+f/g=="]);
}

/// Can be called once for each time that it was polled ready, and no clone is born ready.
#[derive(Debug, Default)]
struct Strict {
    ready: bool,
    calls: Arc<AtomicU32>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        let calls = Arc::clone(&self.calls);
        Self {
            ready: false,
            calls,
        }
    }
}

impl Service<Request<Bytes>> for Strict {
    type Response = Response<Bytes>;
    type Error = BoxError;
    type Future = Ready<Result<Response<Bytes>, BoxError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Bytes>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called before it was ready"
        );
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let status = if call == 1 { 401 } else { 200 };
        ready(Ok(rejection(status, "")))
    }
}

// a layer below may have reserved something for the call that it was asked about.
#[tokio::test(start_paused = true)]
async fn the_service_is_polled_ready_before_each_send_and_replay() {
    let strict = Strict::default();
    let calls = Arc::clone(&strict.calls);
    let origins = Origins::of(&BASE.parse().unwrap());
    let layer = AuthorizeLayer::new(manager(&provider()), origins);
    let mut service = layer.layer(strict);
    for sends in [1, 3, 4] {
        let ready = service.ready().await.unwrap();
        let answer = ready.call(get("/info")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(calls.load(Ordering::SeqCst), sends);
    }
}

/// Holds its only place from the moment it is ready until it is called or dropped.
#[derive(Debug, Default)]
struct Reserving {
    taken: Arc<AtomicU32>,
    place: bool,
}

impl Reserving {
    fn leave(&mut self) {
        if std::mem::take(&mut self.place) {
            self.taken.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Clone for Reserving {
    fn clone(&self) -> Self {
        let taken = Arc::clone(&self.taken);
        let place = false;
        Self { taken, place }
    }
}

impl Drop for Reserving {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Service<Request<Bytes>> for Reserving {
    type Response = Response<Bytes>;
    type Error = BoxError;
    type Future = Ready<Result<Response<Bytes>, BoxError>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if !std::mem::replace(&mut self.place, true) {
            self.taken.fetch_add(1, Ordering::SeqCst);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Bytes>) -> Self::Future {
        assert!(self.place, "called before it was ready");
        self.leave();
        ready(Ok(rejection(200, "")))
    }
}

// W-C12: a place that is taken by being ready is free while others wait for the login.
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_a_token_keeps_no_readied_service() {
    let service = Reserving::default();
    let taken = Arc::clone(&service.taken);
    let manager = manager(&provider());
    let origins = Origins::of(&BASE.parse().unwrap());
    let mut service = AuthorizeLayer::new(manager, origins).layer(service);
    let mut answer = pin!(service.ready().await.unwrap().call(get("/info")));
    assert!(poll!(answer.as_mut()).is_pending());
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    assert_eq!(taken.load(Ordering::SeqCst), 0);
}
