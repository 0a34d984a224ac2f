//! What a client meets when the fault script says so. No test here waits in real time.

use std::time::{Instant, SystemTime};

use crate::client::{Answer, Client, is_cut_short, issuance, seconds};
use amp_sandbox::{Fault, FaultKind, Sandbox, Timing};
use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::json;

fn sandbox(faults: &[&str]) -> Sandbox {
    let sandbox = Sandbox::builder().seed(7).in_memory();
    sandbox.inject_all(faults.iter().map(|fault| fault.parse().unwrap()));
    sandbox
}

fn http_date(answer: &Answer, name: &str) -> SystemTime {
    httpdate::parse_http_date(answer.header(name).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn latency_takes_the_time_of_the_paused_clock_and_no_real_time() {
    let sandbox = sandbox(&["latency:1h*2"]);
    let (virtual_start, real_start) = (tokio::time::Instant::now(), Instant::now());
    let mut client = Client::connect(&sandbox).await;
    assert_eq!(client.get("/info").await.status, 200);
    assert_eq!(client.get("/info").await.status, 200);
    assert_eq!(virtual_start.elapsed().as_secs(), 7200);
    assert!(
        real_start.elapsed() < seconds(3600),
        "two virtual hours took {:?}",
        real_start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gives_up_on_a_slow_answer_has_had_its_effect() {
    let sandbox = sandbox(&["POST /assets/issue=latency:30s"]);
    let mut client = Client::logged_in(&sandbox).await;
    assert!(
        tokio::time::timeout(seconds(5), client.try_issue())
            .await
            .is_err()
    );
    assert_eq!(sandbox.issued_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn server_errors_have_the_body_of_a_proxy_or_of_the_service() {
    let sandbox = sandbox(&["503*2", "500:json"]);
    let mut client = Client::connect(&sandbox).await;
    for _ in 0..2 {
        let page = client.get("/info").await;
        assert_eq!(
            (page.status.as_u16(), page.header("content-type")),
            (503, Some("text/html"))
        );
        assert!(page.body.starts_with(b"<html>"), "{page:?}");
    }
    let json = client.get("/info").await;
    assert_eq!(
        (json.status.as_u16(), json.json()),
        (500, json!({ "detail": "Internal Server Error" }))
    );
    assert_eq!(client.get("/info").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_server_error_can_hide_that_the_request_took_effect() {
    let sandbox = sandbox(&["POST /assets/issue=504", "POST /assets/issue=504-after"]);
    let mut client = Client::logged_in(&sandbox).await;
    assert_eq!(client.try_issue().await.unwrap().status, 504);
    assert_eq!(sandbox.issued_count(), 0);
    assert_eq!(client.try_issue().await.unwrap().status, 504);
    assert_eq!(sandbox.issued_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_429_says_when_to_come_back_in_seconds_as_a_date_or_not_at_all() {
    let sandbox = sandbox(&["429:2", "429:date:2", "429"]);
    let mut client = Client::connect(&sandbox).await;
    let in_seconds = client.get("/info").await;
    assert_eq!(
        (in_seconds.status.as_u16(), in_seconds.header("retry-after")),
        (429, Some("2"))
    );
    assert_eq!(
        in_seconds.json(),
        json!({ "detail": "Request was throttled. Expected available in 2 seconds." })
    );
    let as_date = client.get("/info").await;
    let wait = http_date(&as_date, "retry-after")
        .duration_since(http_date(&as_date, "date"))
        .unwrap();
    assert!(
        wait == seconds(2) || wait == seconds(3),
        "a started second counts whole: {wait:?}"
    );
    let silent = client.get("/info").await;
    assert_eq!(
        (silent.status.as_u16(), silent.header("retry-after")),
        (429, None)
    );
    assert_eq!(silent.json(), json!({ "detail": "Request was throttled." }));
}

#[tokio::test(start_paused = true)]
async fn dates_move_with_the_paused_clock() {
    let sandbox = sandbox(&[]);
    let mut client = Client::connect(&sandbox).await;
    let before = http_date(&client.get("/info").await, "date");
    tokio::time::advance(seconds(86_400)).await;
    let after = http_date(&client.get("/info").await, "date");
    assert_eq!(after.duration_since(before).unwrap(), seconds(86_400));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_shows_in_every_date_of_its_answer() {
    let sandbox = sandbox(&["clock:-1h", "clock:+1h", "429:date:5*2"]);
    let mut client = Client::connect(&sandbox).await;
    let (behind, ahead) = (client.get("/info").await, client.get("/info").await);
    let right = client.get("/info").await;
    for name in ["date", "retry-after"] {
        let apart = http_date(&ahead, name)
            .duration_since(http_date(&behind, name))
            .unwrap();
        assert_eq!(apart, seconds(7200), "{name}");
    }
    let ahead_of_right = http_date(&ahead, "date")
        .duration_since(http_date(&right, "date"))
        .unwrap();
    assert_eq!(ahead_of_right, seconds(3600));
}

#[tokio::test(start_paused = true)]
async fn a_reset_leaves_no_answer_whether_or_not_the_request_took_effect() {
    for (fault, issued) in [("reset", 0), ("reset-after", 1)] {
        let sandbox = sandbox(&[]);
        let mut client = Client::logged_in(&sandbox).await;
        sandbox.inject(fault.parse().unwrap());
        let error = client.try_issue().await.unwrap_err();
        assert!(error.is_incomplete_message(), "{fault}: {error:?}");
        assert_eq!(sandbox.issued_count(), issued, "{fault}");
        assert_eq!(sandbox.requests()[1].status(), None, "{fault}");
        assert!(
            client.try_get("/info").await.is_err(),
            "{fault}: the connection is closed"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_body_comes_with_its_head_and_took_effect() {
    let sandbox = sandbox(&[]);
    let mut client = Client::logged_in(&sandbox).await;
    sandbox.inject("half-body".parse().unwrap());
    let request = Request::post("/api/assets/issue").header("host", "localhost");
    let request = request.header(
        "authorization",
        format!("token {}", client.token().unwrap()),
    );
    let request = request.header("content-type", "application/json");
    let body = Full::new(issuance().to_string().into());
    let response = client.head(request.body(body).unwrap()).await.unwrap();
    assert_eq!(response.status(), 201);
    let length: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first.len(), length / 2);
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(is_cut_short(&error), "{error:?}");
    assert_eq!(
        (sandbox.issued_count(), sandbox.requests()[1].status()),
        (1, Some(201))
    );
}

#[tokio::test(start_paused = true)]
async fn a_stall_never_answers_whether_or_not_the_request_took_effect() {
    for (timing, issued) in [(Timing::Before, 0), (Timing::After, 1)] {
        let sandbox = sandbox(&[]);
        let mut client = Client::logged_in(&sandbox).await;
        sandbox.inject(Fault::new(FaultKind::Stall(timing)));
        assert!(
            tokio::time::timeout(seconds(86_400), client.try_issue())
                .await
                .is_err(),
            "{timing:?}"
        );
        assert_eq!(
            (sandbox.issued_count(), sandbox.requests()[1].status()),
            (issued, None),
            "{timing:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn truncated_json_arrives_whole_and_does_not_parse() {
    let sandbox = sandbox(&["truncated-json"]);
    let mut client = Client::connect(&sandbox).await;
    let answer = client.get("/info").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-length"),
        Some(answer.body.len().to_string().as_str())
    );
    let error = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap_err();
    assert!(error.is_eof(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_html_page_can_stand_in_for_the_answer() {
    let sandbox = sandbox(&["POST /assets/issue=html"]);
    let mut client = Client::logged_in(&sandbox).await;
    let page = client.try_issue().await.unwrap();
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, Some("text/html"))
    );
    assert_eq!(sandbox.issued_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_oversized_body_has_the_length_it_was_given() {
    let sandbox = sandbox(&["oversized:200000", "oversized"]);
    let mut client = Client::connect(&sandbox).await;
    let answer = client.get("/info").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 200_000));
    assert_eq!(client.get("/info").await.body.len(), 32 * 1024 * 1024);
}

#[tokio::test(start_paused = true)]
async fn faults_meet_only_the_requests_they_name_and_in_their_order() {
    let sandbox = sandbox(&["GET /assets/*=500:json", "POST 502", "/info=503*2", "429"]);
    let mut client = Client::connect(&sandbox).await;
    let mut statuses = Vec::new();
    for path in ["/info", "/info", "/changelog", "/info", "/assets/17"] {
        statuses.push(client.get(path).await.status.as_u16());
    }
    assert_eq!(statuses, [503, 503, 429, 200, 500]);
    sandbox.clear_faults();
    assert_eq!(client.log_in().await.len(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_reset_of_the_sandbox_goes_back_to_the_seeded_state() {
    let sandbox = sandbox(&[]);
    let mut client = Client::logged_in(&sandbox).await;
    let seeded = client.get("/assets").await.json();
    client.try_issue().await.unwrap();
    sandbox.inject("503*always".parse().unwrap());
    sandbox.reset();
    assert_eq!((sandbox.total(), sandbox.issued_count()), (0, 0));
    assert_eq!(client.get("/assets").await.status, 401, "its token is gone");
    let token = client.log_in().await;
    client.use_token(token);
    assert_eq!(client.get("/assets").await.json(), seeded);
}
