//! Calls of the API: what is sent again, and what never is.

use amp_sandbox::RequestRecord;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use token_core::{CallContext, Idempotency};
use tokio::time::Instant;

use super::{Fixture, secs};

// C-60: X-24, twice in all, about a second apart.
#[tokio::test(start_paused = true)]
async fn a_call_that_changes_nothing_is_tried_twice() {
    for fault in ["503", "429:1", "reset", "half-body"] {
        let fixture = Fixture::new().await;
        fixture.inject(&[&format!("GET /repos={fault}")]);
        let start = Instant::now();
        fixture.call().await.unwrap();
        assert!((secs(1)..secs(2)).contains(&start.elapsed()), "{fault}");
        assert_eq!(fixture.sandbox.count("GET", "/repos"), 2, "{fault}");
    }
    let fixture = Fixture::new().await;
    fixture.inject(&["GET /repos=503*2"]);
    fixture.call().await.unwrap_err();
    assert_eq!(fixture.sandbox.count("GET", "/repos"), 2);
}

// C-45, W-C12: ten at a time, and none of them while it waits for another try or a token.
#[tokio::test(start_paused = true)]
async fn thirty_calls_go_ten_at_a_time() {
    let fixture = Fixture::new().await;
    fixture.inject(&["GET /repos=latency:1s*30"]);
    let start = Instant::now();
    for call in join_all((0..30).map(|_| fixture.call())).await {
        call.unwrap();
    }
    assert_eq!(start.elapsed().as_secs(), 3);
    let at_first = |record: &&RequestRecord| record.path() == "/repos" && record.at() < secs(1);
    let requests = fixture.sandbox.requests();
    assert_eq!(requests.iter().filter(at_first).count(), 10);
}

// C-60, W-C13: X-24, a POST may have done something, unless its caller knows better.
#[tokio::test(start_paused = true)]
async fn a_post_is_sent_again_only_when_nothing_was_done_or_its_class_allows() {
    for (fault, class, sends) in [
        ("503", None, 1),
        ("reset-after", None, 1),
        ("429:1", None, 2),
        ("503", Some(Idempotency::Safe), 2),
        ("429:1", Some(Idempotency::Never), 1),
    ] {
        let fixture = Fixture::new().await;
        fixture.inject(&[&format!("POST /query={fault}")]);
        let body = json!({ "query_text": "token" }).to_string();
        let mut request = Request::post("/api/query").body(Bytes::from(body)).unwrap();
        if let Some(class) = class {
            request.extensions_mut().insert(CallContext::new(class));
        }
        let answer = fixture.client.request(request).await;
        assert_eq!(fixture.sandbox.count("POST", "/query"), sends, "{fault}");
        let succeeded = answer.is_ok_and(|answer| answer.status() == StatusCode::OK);
        assert_eq!(succeeded, sends == 2, "{fault}");
    }
}

// C-46, C-60: answers come as they are, and a 401 of the call is no 401 of the caller.
#[tokio::test(start_paused = true)]
async fn a_post_whose_token_was_revoked_is_replayed_with_its_body() {
    let fixture = Fixture::new().await;
    fixture.call().await.unwrap();
    fixture.sandbox.revoke_tokens();
    let query = json!({ "query_text": "token" });
    let found: Value = fixture
        .client
        .post_json("/api/query", &query)
        .await
        .unwrap();
    assert_eq!(found["results"][0]["text"], "token");
    assert_eq!(fixture.sandbox.count("POST", "/query"), 2);

    let nothing = Request::get("/api/nothing").body(Bytes::new()).unwrap();
    let answer = fixture.client.request(nothing).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

// W-C22: the token goes to the client's own server, whatever a request names.
#[tokio::test(start_paused = true)]
async fn a_host_in_a_request_does_not_count() {
    let fixture = Fixture::new().await;
    let request = Request::get("https://elsewhere.example/api/repos?x=1");
    let request = request.body(Bytes::new()).unwrap();
    let answer = fixture.client.request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(fixture.sandbox.count("GET", "/repos"), 1);
}
