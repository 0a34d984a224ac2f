//! Connections that stand still, in memory under a paused clock.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use server::{
    Fixture, OK, answer_all, assert_error, frame, http2_next_frame, http2_request, read_request,
};
use token_core::{Failure, Sent};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep, timeout};
use transport::{TestStream, Transport};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

// C-44: 30 s to read.
#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_ends_the_connection_after_half_a_minute() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        std::future::pending().await
    });
    let start = Instant::now();
    let error = fixture.get().await.unwrap_err();
    let text = "did not react in time";
    assert_error(&error, Failure::Timeout, Sent::Maybe, text);
    assert_eq!(start.elapsed(), secs(30));
}

// C-44
#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_ends_the_connection_after_half_a_minute() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        io.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
            .await?;
        std::future::pending().await
    });
    let start = Instant::now();
    let error = fixture.get().await.unwrap_err();
    let text = "did not react in time";
    assert_error(&error, Failure::Timeout, Sent::Yes, text);
    assert_eq!(start.elapsed(), secs(30));
}

// C-44: the limit is one of standing still, not of the whole answer.
#[tokio::test(start_paused = true)]
async fn every_byte_starts_the_wait_anew() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx" {
            sleep(secs(29)).await;
            io.write_all(&[*byte]).await?;
        }
        Ok(())
    });
    assert_eq!(fixture.get().await.unwrap().body(), "x");
}

// C-44, W-A11: the next request does not pay for the time in the pool.
#[tokio::test(start_paused = true)]
async fn a_connection_that_waited_in_the_pool_gives_the_next_answer_its_full_time() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        io.write_all(OK).await?;
        read_request(&mut io).await?;
        sleep(secs(25)).await;
        io.write_all(OK).await?;
        std::future::pending().await
    });
    fixture.get().await.unwrap();
    sleep(secs(20)).await;
    assert_eq!(fixture.get().await.unwrap().body(), "ok");
    assert_eq!(fixture.dials(), 1);
}

/// More than all buffers on the way hold.
fn large() -> Request<Bytes> {
    Request::post("http://api.example.com/issue?secret=1")
        .body(Bytes::from(vec![b' '; 4 * 1024 * 1024]))
        .unwrap()
}

// C-44: 10 s to write.
#[tokio::test(start_paused = true)]
async fn a_server_that_takes_nothing_of_a_request_ends_the_connection_after_ten_seconds() {
    async fn keep(io: DuplexStream) -> std::io::Result<()> {
        let _io = io;
        std::future::pending().await
    }
    let fixture = Fixture::http1(|_, io| keep(io));
    let start = Instant::now();
    let error = fixture.send(large()).await.unwrap_err();
    let text = "did not react in time";
    assert_error(&error, Failure::Timeout, Sent::Maybe, text);
    assert_eq!(start.elapsed(), secs(10));
}

// C-44: pings say whether the server lives; how long it may think is the try's business.
#[tokio::test(start_paused = true)]
async fn a_slow_answer_over_http2_is_waited_for_as_long_as_pings_are_answered() {
    let fixture = Fixture::http2(|_, mut io| async move {
        http2_request(&mut io).await?;
        loop {
            // PING is 6, and its answer has the flag 1 (RFC 9113 section 6.7).
            if let (6, 0, payload) = http2_next_frame(&mut io).await? {
                io.write_all(&frame(6, 1, 0, &payload)).await?;
            }
        }
    });
    let start = Instant::now();
    timeout(secs(300), fixture.get()).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(300));
}

#[tokio::test(start_paused = true)]
async fn both_limits_can_be_set() {
    let builder = || {
        Transport::builder()
            .with_read_timeout(secs(60))
            .with_write_timeout(secs(2))
    };
    let silent = Fixture::new(
        builder(),
        |_, io| TestStream::http1(io),
        |_, mut io| async move {
            read_request(&mut io).await?;
            std::future::pending().await
        },
    );
    let start = Instant::now();
    silent.get().await.unwrap_err();
    assert_eq!(start.elapsed(), secs(60));
    let fixture = Fixture::new(
        builder(),
        |_, io| TestStream::http1(io),
        |_, io| answer_all(io, OK),
    );
    fixture.get().await.unwrap();
    let deaf = Fixture::new(
        builder(),
        |_, io| TestStream::http1(io),
        |_, io| async move {
            let _io = io;
            std::future::pending().await
        },
    );
    deaf.send(large()).await.unwrap_err();
    assert_eq!(start.elapsed(), secs(62));
}
