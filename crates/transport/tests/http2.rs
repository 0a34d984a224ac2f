//! What goes wrong on an HTTP/2 connection, in memory under a paused clock.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::time::Duration;

use server::{
    Fixture, assert_error, call, frame, http2_next_request, http2_ok, http2_request, request_of,
};
use token_core::{Failure, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use transport::{TestStream, Transport};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The first connection is dead; all others answer.
fn dead_http2() -> Fixture {
    Fixture::http2(|number, mut io| async move {
        http2_request(&mut io).await?;
        if number > 0 {
            io.write_all(&http2_ok(1)).await?;
        }
        loop {
            http2_next_request(&mut io).await?;
        }
    })
}

// Pitfall 7.
// C-44
#[tokio::test(start_paused = true)]
async fn a_dead_http2_connection_is_not_used_again_after_its_try_was_aborted() {
    let fixture = dead_http2();
    let call = call();
    timeout(secs(10), fixture.send(request_of(&call)))
        .await
        .unwrap_err();
    call.abort_attempt();
    let answer = timeout(secs(10), fixture.send(request_of(&call)))
        .await
        .unwrap();
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(fixture.dials(), 2);
}

// Pitfall 7.
#[tokio::test(start_paused = true)]
async fn a_dead_http2_connection_after_one_of_http1_is_left_after_two_tries() {
    let end = |number, io| match number {
        0 => TestStream::http1(io),
        _ => TestStream::http2(io),
    };
    let fixture = Fixture::new(Transport::builder(), end, |number, mut io| async move {
        if number == 0 {
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            io.read_u8().await?;
            return io.write_all(answer).await;
        }
        http2_request(&mut io).await?;
        if number > 1 {
            io.write_all(&http2_ok(1)).await?;
        }
        loop {
            http2_next_request(&mut io).await?;
        }
    });
    assert_eq!(fixture.get().await.unwrap().status(), 200);
    let call = call();
    for _ in 0..2 {
        let stalled = timeout(secs(10), fixture.send(request_of(&call))).await;
        stalled.unwrap_err();
        call.abort_attempt();
    }
    let answer = timeout(secs(10), fixture.send(request_of(&call))).await;
    assert_eq!(answer.unwrap().unwrap().status(), 200);
    assert_eq!(fixture.dials(), 3);
}

// Pitfall 18.
#[tokio::test(start_paused = true)]
async fn a_dead_http2_connection_is_noticed_by_its_pings_too() {
    let fixture = dead_http2();
    let start = Instant::now();
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::Timeout,
        Sent::Maybe,
        "did not react in time",
    );
    assert_eq!(start.elapsed(), secs(40));
    assert_eq!(fixture.get().await.unwrap().status(), 200);
}

async fn http2_fault(bytes: Vec<u8>) -> transport::TransportError {
    let fixture = Fixture::http2(move |_, mut io| {
        let bytes = bytes.clone();
        async move {
            http2_request(&mut io).await?;
            io.write_all(&bytes).await?;
            std::future::pending().await
        }
    });
    fixture.get().await.unwrap_err()
}

fn goaway(last_stream: u32, reason: u32) -> Vec<u8> {
    let payload = [last_stream.to_be_bytes(), reason.to_be_bytes()].concat();
    frame(7, 0, 0, &payload)
}

fn reset(reason: u32) -> Vec<u8> {
    frame(3, 0, 1, &reason.to_be_bytes())
}

// W-A11: REFUSED_STREAM is 7, INTERNAL_ERROR 2, CANCEL 8 (RFC 9113 section 7).
#[tokio::test(start_paused = true)]
async fn a_refused_http2_stream_sent_nothing_and_any_other_reset_maybe() {
    for (reason, sent) in [(7, Sent::No), (2, Sent::Maybe), (8, Sent::Maybe)] {
        let error = http2_fault(reset(reason)).await;
        assert_error(
            &error,
            Failure::Interrupted,
            sent,
            "broke before it answered",
        );
    }
}

// W-A11: a request that was written just before the farewell ends with the very same error.
#[tokio::test(start_paused = true)]
async fn a_farewell_is_maybe_sent_however_peaceful_it_is() {
    for reason in [0, 2] {
        let error = http2_fault(goaway(0, reason)).await;
        assert_error(
            &error,
            Failure::Interrupted,
            Sent::Maybe,
            "broke before it answered",
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_farewell_after_the_stream_and_an_early_end_is_maybe_sent() {
    let fixture = Fixture::http2(|_, mut io| async move {
        http2_request(&mut io).await?;
        io.write_all(&goaway(1, 0)).await
    });
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::Interrupted,
        Sent::Maybe,
        "broke before it answered",
    );
}

// RFC 9113 section 8.1: with NO_ERROR (0) a server asks to stop sending the request; its answer must be whole even then.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_off_without_an_error_is_not_taken_for_a_whole_one() {
    for reason in [0, 8] {
        let head = frame(1, 0x4, 1, &[0x88]);
        let half = frame(0, 0, 1, b"half");
        let error = http2_fault([head, half, reset(reason)].concat()).await;
        assert_error(&error, Failure::Interrupted, Sent::Yes, "ended too early");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_dies_within_an_answer_is_noticed_by_its_pings() {
    let head = frame(1, 0x4, 1, &[0x88]);
    let half = frame(0, 0, 1, b"half");
    let start = Instant::now();
    let error = http2_fault([head, half].concat()).await;
    assert_error(&error, Failure::Interrupted, Sent::Yes, "ended too early");
    assert_eq!(start.elapsed(), secs(40));
}
