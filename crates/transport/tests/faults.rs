//! What goes wrong between a request and its answer, on an in-memory connection under a paused
//! clock.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::io;
use std::time::Duration;

use http::Request;
use server::{Fixture, OK, answer_all, assert_error, call, read_request, request, request_of};
use token_core::{Failure, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;
use transport::{TestStream, Transport};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

// A-60, C-40, W-A11
#[tokio::test(start_paused = true)]
async fn a_refused_connection_sent_nothing() {
    let transport = Transport::builder()
        .with_connector(|_| async { Err(io::ErrorKind::ConnectionRefused.into()) })
        .build()
        .unwrap();
    let error = transport.oneshot(request()).await.unwrap_err();
    assert_error(
        &error,
        Failure::Connect,
        Sent::No,
        "could not connect to api.example.com",
    );
}

// C-44, X-05, W-A38: upstream's client had no time-out for connecting.
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_made_in_time_sent_nothing() {
    let transport = Transport::builder()
        .with_connector(|_| std::future::pending::<io::Result<TestStream>>())
        .build()
        .unwrap();
    let start = Instant::now();
    let error = transport.oneshot(request()).await.unwrap_err();
    assert_error(&error, Failure::Connect, Sent::No, "could not connect");
    assert_eq!(start.elapsed(), secs(10));
}

// W-A11: what upstream repeats, although the server had the request.
#[tokio::test(start_paused = true)]
async fn a_reset_after_the_request_was_read_is_maybe_sent() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        Ok(())
    });
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::Interrupted,
        Sent::Maybe,
        "broke before it answered",
    );
    assert_eq!(fixture.dials(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reset_within_the_head_is_maybe_sent() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        io.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").await
    });
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::Interrupted,
        Sent::Maybe,
        "broke before it answered",
    );
}

#[tokio::test(start_paused = true)]
async fn half_a_body_is_told_apart_from_no_answer() {
    let halves: [&[u8]; 2] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"token\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"to\r\n",
    ];
    for half in halves {
        let fixture = Fixture::http1(move |_, mut io| async move {
            read_request(&mut io).await?;
            io.write_all(half).await
        });
        let error = fixture.get().await.unwrap_err();
        assert_error(&error, Failure::Interrupted, Sent::Yes, "ended too early");
    }
}

// W-A16: the wait that a server asks for is not lost with the body.
#[tokio::test(start_paused = true)]
async fn an_answer_that_says_failure_counts_even_if_its_body_breaks_off_or_is_too_large() {
    let bodies: [&[u8]; 2] = [
        b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 100\r\n\r\n{\"de",
        b"HTTP/1.1 503 Unavailable\r\nretry-after: 60\r\ncontent-length: 99999999999\r\n\r\n",
    ];
    for answer in bodies {
        let fixture = Fixture::http1(move |_, mut io| async move {
            read_request(&mut io).await?;
            io.write_all(answer).await
        });
        let answer = fixture.get().await.unwrap();
        assert!(!answer.status().is_success());
        assert_eq!(answer.headers()["retry-after"], "60");
        assert_eq!(answer.body(), "");
    }
}

// W-A16: however short a try is, what the head said reaches whoever asked.
#[tokio::test(start_paused = true)]
async fn an_aborted_try_whose_head_had_come_hands_the_head_out() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        let head =
            b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 9\r\n\r\n";
        io.write_all(head).await?;
        std::future::pending().await
    });
    let call = call();
    let mut sent = std::pin::pin!(fixture.send(request_of(&call)));
    timeout(secs(2), sent.as_mut()).await.unwrap_err();
    call.abort_attempt();
    let answer = timeout(secs(0), sent).await.unwrap().unwrap();
    assert_eq!(answer.headers()["retry-after"], "60");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_http1_connection_ends_with_its_try() {
    let fixture = Fixture::http1(|number, mut io| async move {
        read_request(&mut io).await?;
        if number == 0 {
            let rest = io.read(&mut [0; 8]).await?;
            assert_eq!(rest, 0, "the connection is closed, not used again");
            return Ok(());
        }
        io.write_all(OK).await
    });
    let call = call();
    timeout(secs(10), fixture.send(request_of(&call)))
        .await
        .unwrap_err();
    call.abort_attempt();
    assert_eq!(fixture.send(request_of(&call)).await.unwrap().body(), "ok");
    assert_eq!(fixture.dials(), 2);
}

// W-A16: the wait that a server asks for is known at once.
#[tokio::test(start_paused = true)]
async fn the_body_of_a_failure_is_not_waited_for() {
    let fixture = Fixture::http1(|number, mut io| async move {
        read_request(&mut io).await?;
        let head =
            b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 9\r\n\r\n";
        io.write_all(head).await?;
        if number == 1 {
            sleep(secs(4)).await;
            io.write_all(b"try later").await?;
        }
        std::future::pending().await
    });
    let start = Instant::now();
    for (body, elapsed) in [("", 5), ("try later", 4)] {
        let before = start.elapsed();
        let answer = fixture.get().await.unwrap();
        assert_eq!(answer.headers()["retry-after"], "60");
        assert_eq!(answer.body(), body);
        assert_eq!(start.elapsed() - before, secs(elapsed));
    }
    assert_eq!(fixture.dials(), 2, "what was not read is not used again");
}

#[tokio::test(start_paused = true)]
async fn a_slow_drip_is_as_long_as_whoever_waits_allows() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
            .await?;
        for _ in 0..100 {
            sleep(secs(1)).await;
            io.write_all(b"x").await?;
        }
        Ok(())
    });
    timeout(secs(60), fixture.get()).await.unwrap_err();
    let start = Instant::now();
    assert_eq!(fixture.get().await.unwrap().body().len(), 100);
    assert_eq!(start.elapsed(), secs(100));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_is_refused_before_it_is_read() {
    let builder = Transport::builder().with_body_limit(Transport::TOKEN_BODY_LIMIT);
    let fixture = Fixture::new(
        builder,
        |_, io| TestStream::http1(io),
        |_, mut io| async move {
            read_request(&mut io).await?;
            io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
                .await?;
            std::future::pending().await
        },
    );
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::TooLarge,
        Sent::Yes,
        "larger than 65536 bytes",
    );
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_is_cut_off_at_the_limit() {
    let builder = Transport::builder().with_body_limit(1000);
    let fixture = Fixture::new(
        builder,
        |_, io| TestStream::http1(io),
        |_, mut io| async move {
            read_request(&mut io).await?;
            io.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .await?;
            loop {
                io.write_all(b"8\r\nxxxxxxxx\r\n").await?;
            }
        },
    );
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::TooLarge,
        Sent::Yes,
        "larger than 1000 bytes",
    );
}

// Pitfall 8.
#[tokio::test(start_paused = true)]
async fn an_error_answer_keeps_its_connection() {
    let limited = format!(
        "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 30000\r\n\r\n{}",
        "x".repeat(30_000)
    );
    let limited: &'static [u8] = limited.leak().as_bytes();
    let fixture = Fixture::http1(move |_, io| answer_all(io, limited));
    for _ in 0..5 {
        assert_eq!(fixture.get().await.unwrap().body().len(), 30_000);
    }
    assert_eq!(fixture.dials(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_http_is_told_apart() {
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1024 * 1024));
    for answer in ["SSH-2.0-OpenSSH_9.9\r\n\r\n".to_owned(), head] {
        let answer: &'static [u8] = answer.leak().as_bytes();
        let fixture = Fixture::http1(move |_, mut io| async move {
            read_request(&mut io).await?;
            io.write_all(answer).await?;
            std::future::pending().await
        });
        let error = fixture.get().await.unwrap_err();
        assert_error(
            &error,
            Failure::Protocol,
            Sent::Yes,
            "did not answer in HTTP",
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_tls_is_a_tls_failure_and_sent_nothing() {
    let fixture = Fixture::http1(|_, mut io| async move {
        io.read_u8().await?;
        io.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        std::future::pending().await
    });
    let mut request = request();
    *request.uri_mut() = "https://api.example.com/issue?secret=1".parse().unwrap();
    let error = fixture.send(request).await.unwrap_err();
    assert_error(
        &error,
        Failure::Tls,
        Sent::No,
        "no trusted TLS connection to api.example.com",
    );
}

// W-A38, W-C22: upstream's client followed up to 10 redirects.
#[tokio::test(start_paused = true)]
async fn a_redirect_is_an_answer_like_any_other() {
    let moved =
        b"HTTP/1.1 302 Found\r\nlocation: http://evil.example.com/\r\ncontent-length: 0\r\n\r\n";
    let fixture = Fixture::http1(|_, io| answer_all(io, moved));
    assert_eq!(fixture.get().await.unwrap().status(), 302);
    assert_eq!(fixture.dials(), 1);
}

// W-A38: upstream's client sent no user agent.
#[tokio::test(start_paused = true)]
async fn the_client_says_who_it_is_unless_the_request_does() {
    let fixture = Fixture::http1(|_, mut io| async move {
        while let Some(request) = read_request(&mut io).await? {
            let line = request
                .lines()
                .find(|line| line.starts_with("user-agent: "));
            let body = line.unwrap_or("none");
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            io.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        Ok(())
    });
    let answer = fixture.get().await.unwrap();
    assert_eq!(answer.body(), "user-agent: amp-rust/0.1.0");
    let mut own = request();
    own.headers_mut()
        .insert("user-agent", "mine".parse().unwrap());
    assert_eq!(fixture.send(own).await.unwrap().body(), "user-agent: mine");
}

// RFC 9110 section 7.2: the usual port is not said.
#[tokio::test(start_paused = true)]
async fn every_request_names_its_host_once() {
    let fixture = Fixture::http1(|_, mut io| async move {
        while let Some(request) = read_request(&mut io).await? {
            let hosts = request.lines().filter(|line| line.starts_with("host: "));
            let body = hosts.collect::<Vec<_>>().join(" ");
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            io.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        Ok(())
    });
    for (address, host) in [
        ("http://api.example.com:80/", "host: api.example.com"),
        ("http://api.example.com:8080/", "host: api.example.com:8080"),
    ] {
        for _ in 0..3 {
            let mut request = request();
            *request.uri_mut() = address.parse().unwrap();
            assert_eq!(fixture.send(request).await.unwrap().body(), host);
        }
    }
    let mut own = request();
    own.headers_mut().insert("host", "mine".parse().unwrap());
    assert_eq!(fixture.send(own).await.unwrap().body(), "host: mine");
}

// W-A26
#[tokio::test(start_paused = true)]
async fn an_address_that_cannot_be_sent_to_is_refused_before_anything_is_opened() {
    let fixture = Fixture::http1(|_, io| answer_all(io, OK));
    for address in ["/issue?secret=1", "https://user:secret@api.example.com/"] {
        let request = Request::get(address).body(Default::default()).unwrap();
        let error = fixture.send(request).await.unwrap_err();
        assert_error(
            &error,
            Failure::Rejected,
            Sent::No,
            "needs http or https and a host",
        );
    }
    assert_eq!(fixture.dials(), 0);
}
