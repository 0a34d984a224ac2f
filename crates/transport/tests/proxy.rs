//! Requests through a proxy, in memory under a paused clock.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use server::tls::{AUTHORITY, acceptor, serve};
use server::{OK, answer_all, assert_error};
use token_core::{Failure, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;
use tower::ServiceExt;
use transport::{Proxy, TestStream, Transport, TransportError};

/// A proxy that answers every tunnel with the same text, and a TLS server behind it.
struct Fixture {
    transport: Transport,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Fixture {
    fn new(proxy: &str, answer: &'static str) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let connect = move |address: http::Uri| {
            let (client, server) = duplex(64 * 1024);
            log.lock().unwrap().push(address.to_string());
            tokio::spawn(play(server, answer, Arc::clone(&log)));
            async move { Ok(TestStream::http1(client)) }
        };
        let transport = Transport::builder()
            .with_root_certificates(AUTHORITY)
            .with_proxy(Proxy::new(proxy).unwrap())
            .with_connector(connect)
            .build()
            .unwrap();
        Self { transport, seen }
    }

    async fn get(&self, address: &str) -> Result<Response<Bytes>, TransportError> {
        let request = Request::post(address).body(Bytes::from_static(b"{\"amount\":1}"));
        self.transport.clone().oneshot(request.unwrap()).await
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn play(mut io: DuplexStream, answer: &str, log: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let tunnel = head.starts_with("CONNECT ");
    log.lock().unwrap().push(head);
    if !tunnel {
        io.write_all(OK).await?;
        return answer_all(io, OK).await;
    }
    io.write_all(answer.as_bytes()).await?;
    if answer.is_empty() {
        std::future::pending().await
    } else if answer.starts_with("HTTP/1.1 200") {
        serve(acceptor(&[b"h2"]), io).await
    } else {
        Ok(())
    }
}

const OPEN: &str = "HTTP/1.1 200 Connection established\r\nvia: 1.1 proxy\r\n\r\n";
const SECURE: &str = "https://api.example.com/issue?secret=1";

#[tokio::test(start_paused = true)]
async fn a_secure_request_goes_through_a_tunnel_and_the_proxy_sees_only_its_host() {
    let fixture = Fixture::new("http://user:pass@proxy.example:3128", OPEN);
    let answer = fixture.get(SECURE).await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    let connect = "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\
                   Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n";
    assert_eq!(fixture.seen(), ["http://proxy.example:3128/", connect]);
}

// W-A26
#[tokio::test(start_paused = true)]
async fn a_plain_request_goes_past_the_proxy() {
    let fixture = Fixture::new("http://user:pass@proxy.example:3128", OPEN);
    let answer = fixture.get("http://127.0.0.1:8080/issue").await.unwrap();
    assert_eq!(answer.body(), "ok");
    let seen = fixture.seen();
    assert_eq!(seen[0], "http://127.0.0.1:8080/");
    assert!(!seen[1].contains("Proxy-"), "{seen:?}");
}

// W-A11: whatever the proxy does, the server has seen nothing.
#[tokio::test(start_paused = true)]
async fn without_a_tunnel_nothing_was_sent() {
    let through = "could not connect to api.example.com through the proxy";
    let refused = "the proxy refused to connect to api.example.com";
    let long: &str = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(9000)).leak();
    for (answer, failure, text) in [
        ("HTTP/1.1 407 Who\r\n\r\n", Failure::Rejected, refused),
        ("HTTP/1.1 403 No\r\n\r\n", Failure::Rejected, refused),
        (
            "HTTP/1.1 502 Bad Gateway\r\n\r\n",
            Failure::Connect,
            through,
        ),
        ("SSH-2.0-OpenSSH_9.9\r\n\r\n", Failure::Connect, through),
        ("HTTP/1.1 200 ", Failure::Connect, "api.example.com"),
        (long, Failure::Connect, through),
    ] {
        let fixture = Fixture::new("user:pass@proxy.example", answer);
        let error = fixture.get(SECURE).await.unwrap_err();
        assert_error(&error, failure, Sent::No, text);
        assert!(!format!("{error:?}").contains("pass"), "{error:?}");
    }
}

// C-44
#[tokio::test(start_paused = true)]
async fn a_proxy_that_says_nothing_costs_the_time_of_a_connection() {
    let fixture = Fixture::new("proxy.example", "");
    let start = Instant::now();
    let error = fixture.get(SECURE).await.unwrap_err();
    assert_error(&error, Failure::Connect, Sent::No, "could not connect");
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}
