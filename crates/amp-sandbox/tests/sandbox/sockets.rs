//! The sandbox on a real socket: binding, steering from outside, stopping.

use crate::client::{Answer, Client, is_cut_short};
use amp_sandbox::{Sandbox, SandboxError};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::json;
use tokio::net::TcpStream;

async fn client(sandbox: &Sandbox) -> Client {
    Client::over(TcpStream::connect(sandbox.addr()).await.unwrap()).await
}

async fn control(client: &mut Client, method: &str, name: &str, body: &'static str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/_sandbox/{name}"))
        .header("host", "127.0.0.1");
    client
        .send_raw(
            request
                .body(Full::new(Bytes::from_static(body.as_bytes())))
                .unwrap(),
        )
        .await
        .unwrap()
}

#[tokio::test]
async fn it_listens_on_loopback_and_says_where() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    assert!(sandbox.addr().ip().is_loopback());
    assert_eq!(
        sandbox.base_url(),
        format!("http://127.0.0.1:{}/api", sandbox.addr().port())
    );
    let mut client = client(&sandbox).await;
    assert_eq!(client.log_in().await.len(), 40);
    assert_eq!(
        client.get("/info").await.status,
        200,
        "the connection is kept alive"
    );
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let first = Sandbox::builder().start().await.unwrap();
    let taken = first.addr().port();
    let error = Sandbox::builder().port(taken).start().await.unwrap_err();
    assert!(
        matches!(error, SandboxError::Bind { port, .. } if port == taken),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        format!("the sandbox could not listen on 127.0.0.1:{taken}")
    );
}

#[tokio::test]
async fn after_the_shutdown_its_port_and_connections_are_free() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    sandbox.inject("stall".parse().unwrap());
    let (mut client, addr, handle) = (client(&sandbox).await, sandbox.addr(), sandbox.handle());
    let (stalled, ()) = tokio::join!(client.try_get("/info"), async {
        while handle.total() == 0 {
            tokio::task::yield_now().await;
        }
        sandbox.shutdown().await;
    });
    assert!(stalled.is_err());
    // Another test may have been given the port meanwhile.
    if let Ok(stream) = TcpStream::connect(addr).await {
        Client::over(stream).await.try_get("/info").await.ok();
    }
    assert_eq!(handle.total(), 1, "nobody answers in its name");
}

#[tokio::test]
async fn dropping_it_ends_its_connections() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut client = client(&sandbox).await;
    assert_eq!(client.get("/info").await.status, 200);
    drop(sandbox);
    while client.try_get("/info").await.is_ok() {}
}

#[tokio::test]
async fn a_fault_ends_a_real_connection_too() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    sandbox.inject_all(["reset-after", "half-body"].map(|fault| fault.parse().unwrap()));
    let error = client(&sandbox).await.try_get("/info").await.unwrap_err();
    assert!(error.is_incomplete_message(), "{error:?}");
    let error = client(&sandbox).await.try_get("/info").await.unwrap_err();
    assert!(is_cut_short(&error), "{error:?}");
}

#[tokio::test]
async fn control_requests_steer_it_and_are_not_recorded() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut client = client(&sandbox).await;
    client.log_in().await;
    assert_eq!(
        control(&mut client, "POST", "revoke-tokens", "")
            .await
            .json(),
        json!({ "revoked": 1 })
    );
    let injected = control(
        &mut client,
        "POST",
        "faults",
        "GET /info=503\n\n 429:2*3 \n",
    )
    .await;
    assert_eq!(
        (injected.status.as_u16(), injected.json()),
        (200, json!({ "injected": 2 }))
    );
    assert_eq!(
        control(&mut client, "POST", "faults", r#"["html"]"#)
            .await
            .json(),
        json!({ "injected": 1 })
    );
    assert_eq!(client.get("/info").await.status, 503);
    assert_eq!(client.get("/info").await.status, 429);
    let rows = control(&mut client, "GET", "requests", "").await.json();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(rows[1]["method"], "GET");
    assert_eq!(rows[1]["path"], "/info");
    assert_eq!(rows[1]["status"], 503);
    assert!(rows[1]["at_ms"].is_u64(), "{rows}");
    assert_eq!(control(&mut client, "POST", "reset", "").await.status, 200);
    assert_eq!(
        control(&mut client, "GET", "requests", "").await.json(),
        json!([])
    );
}

#[tokio::test]
async fn a_wrong_control_request_says_why_and_changes_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut client = client(&sandbox).await;
    for (body, reason) in [
        ("503\nslow", "invalid fault \"slow\": unknown kind"),
        ("[503]", "not a JSON array of texts"),
        ("", "no fault was given"),
    ] {
        let answer = control(&mut client, "POST", "faults", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.json()["error"].as_str().unwrap().contains(reason),
            "{answer:?}"
        );
    }
    assert_eq!(
        client.get("/info").await.status,
        200,
        "no fault of a refused list is kept"
    );
    assert_eq!(control(&mut client, "GET", "reset", "").await.status, 405);
    assert_eq!(control(&mut client, "GET", "nothing", "").await.status, 404);
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut client = client(&sandbox).await;
    for path in ["/api/info", "/_sandbox/requests"] {
        let request = Request::get(path)
            .header("host", "rebound.example")
            .body(Full::default())
            .unwrap();
        let answer = client.send_raw(request).await.unwrap();
        assert_eq!(answer.status, 421, "{answer:?}");
        assert!(
            answer
                .body
                .starts_with(b"The sandbox answers only requests"),
            "{answer:?}"
        );
    }
    let unnamed = Request::get("/api/info").body(Full::default()).unwrap();
    assert_eq!(client.send_raw(unnamed).await.unwrap().status, 421);
    assert_eq!(sandbox.total(), 0);
}

#[tokio::test]
async fn a_web_page_of_another_host_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut client = client(&sandbox).await;
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:5173", 200),
    ] {
        let request = Request::post("/_sandbox/reset")
            .header("host", "127.0.0.1")
            .header("origin", origin);
        let answer = client
            .send_raw(request.body(Full::default()).unwrap())
            .await
            .unwrap();
        assert_eq!(answer.status, status, "{origin}");
    }
}
