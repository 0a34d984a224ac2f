//! The current token, owned and borrowed.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, header};
use token_manager::{AuthorizeLayer, Origins, PausedClock, ScriptedProvider, TokenManager};
use tower::{BoxError, Layer, Service, service_fn};

fn manager() -> TokenManager {
    let provider = ScriptedProvider::with_latency(Duration::from_millis(50));
    let builder = TokenManager::builder(provider).clock(PausedClock::new());
    builder.seed(7).build()
}

//
#[tokio::test(start_paused = true)]
async fn the_owned_and_the_borrowed_header_are_those_of_the_current_epoch() {
    let manager = manager();
    assert!(manager.borrow_current().is_none(), "nothing is held yet");
    for number in 1..=3 {
        manager.obtain_token().await.unwrap();
        let owned = manager.try_current().unwrap();
        let current = manager.borrow_current().unwrap();
        assert_eq!(current.epoch().number(), number);
        assert_eq!(current.header(), &format!("token token-{number}"));
        assert_eq!(current.header(), owned);
        assert_eq!(current.header(), current.to_header());
        assert!(owned.is_sensitive() && current.header().is_sensitive());
    }
}

// what is being sent stays whole, whatever is published meanwhile.
#[tokio::test(start_paused = true)]
async fn a_borrowed_token_stays_as_it_is_when_another_is_published_or_it_is_cleared() {
    let manager = manager();
    manager.get_token().await.unwrap();
    let old = manager.borrow_current().unwrap();
    manager.refresh_token().await.unwrap();
    let new = manager.borrow_current().unwrap();
    manager.clear_token().await.unwrap();
    assert_eq!((old.epoch().number(), new.epoch().number()), (1, 2));
    assert_eq!(old.header(), "token token-1");
    assert_eq!(new.header(), "token token-2");
}

//
#[tokio::test(start_paused = true)]
async fn debug_output_of_a_borrowed_token_shows_its_epoch_alone() {
    let manager = manager();
    manager.get_token().await.unwrap();
    let shown = format!("{:?}", manager.borrow_current().unwrap());
    assert!(shown.contains("Epoch(1)"), "{shown}");
    assert!(!shown.contains("token-1"), "{shown}");
}

// the borrowed form starts the renewal too.
#[tokio::test(start_paused = true)]
async fn borrowing_a_token_in_its_window_renews_it_behind_the_caller() {
    let manager = manager();
    manager.get_token().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_400 - 60)).await;
    let epoch = || {
        manager
            .borrow_current()
            .map(|current| current.epoch().number())
    };
    assert_eq!(epoch(), Some(1));
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(epoch(), Some(2));
}

// the layer adds no poll of its own where a token is held.
#[tokio::test(start_paused = true)]
async fn a_request_with_a_fresh_token_is_sent_and_answered_in_the_first_poll() {
    let manager = manager();
    manager.get_token().await.unwrap();
    let echo = |request: Request<Bytes>| async move {
        let sent = request.headers()[header::AUTHORIZATION].as_bytes().to_vec();
        Ok::<_, BoxError>(Response::new(Bytes::from(sent)))
    };
    let origins = Origins::of(&"https://amp.example/api".parse().unwrap());
    let mut api = AuthorizeLayer::new(manager, origins).layer(service_fn(echo));
    let request = Request::get("https://amp.example/api/info").body(Bytes::new());
    let answer = api.call(request.unwrap()).now_or_never().expect("no wait");
    assert_eq!(answer.unwrap().into_body(), "token token-1");
}
