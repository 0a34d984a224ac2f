//! Real sockets, where they are the point: what plain http may connect to.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

use bytes::Bytes;
use http::Request;
use token_core::{Failure, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::ServiceExt;
use transport::{Transport, TransportError};

/// A server that answers one request, and its port.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        let _ = io.read(&mut [0; 1024]).await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        io.write_all(answer).await.unwrap();
    });
    port
}

async fn get(address: String) -> Result<Bytes, TransportError> {
    let transport = Transport::builder().build().unwrap();
    let request = Request::get(address).body(Bytes::new()).unwrap();
    Ok(transport.oneshot(request).await?.into_body())
}

#[tokio::test]
async fn plain_http_reaches_a_server_on_this_machine() {
    let port = server().await;
    assert_eq!(
        get(format!("http://127.0.0.1:{port}/")).await.unwrap(),
        "ok"
    );
    let port = server().await;
    assert_eq!(
        get(format!("http://localhost:{port}/")).await.unwrap(),
        "ok"
    );
}

// W-A26
#[tokio::test]
async fn plain_http_to_another_machine_is_refused_before_connecting() {
    let error = get("http://192.0.2.1/?secret".to_owned())
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Rejected);
    assert_eq!(error.sent(), Sent::No);
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_closed_port_is_an_unreachable_host() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = get(format!("http://127.0.0.1:{port}/")).await.unwrap_err();
    assert_eq!(error.failure(), Failure::Connect);
    assert_eq!(error.sent(), Sent::No);
}

// The label is longer than DNS allows, so no name server is asked.
#[tokio::test]
async fn a_name_without_address_is_told_apart() {
    let error = get(format!("http://{}/", "a".repeat(70)))
        .await
        .unwrap_err();
    assert_eq!(error.failure(), Failure::Resolve, "{error:?}");
    assert_eq!(error.sent(), Sent::No);
}
