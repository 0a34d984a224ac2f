//! Connections that were used before: which request gets one, and how long one is kept. In memory under a paused clock.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use server::{
    Fixture, OK, answer_all, assert_error, http2_next_frame, http2_ok, http2_request, read_request,
};
use token_core::{Failure, Sent};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio::time::sleep;
use transport::{TestStream, Transport, TransportBuilder};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// With limits of the socket that nobody lives to see, so that only the pool ends a connection.
fn patient() -> TransportBuilder {
    Transport::builder()
        .with_read_timeout(secs(24 * 3600))
        .with_write_timeout(secs(24 * 3600))
}

/// A server that answers one request, and says when the client ends the connection. It takes offence at a ping on one
/// that is idle (6 is PING).
async fn answers_once(mut io: DuplexStream, http2: bool, ended: Arc<AtomicBool>) -> io::Result<()> {
    if http2 {
        http2_request(&mut io).await?;
        io.write_all(&http2_ok(1)).await?;
        while let Ok((kind, ..)) = http2_next_frame(&mut io).await {
            assert_ne!(kind, 6, "nobody waits for anything");
        }
    } else {
        read_request(&mut io).await?;
        io.write_all(OK).await?;
        while read_request(&mut io).await?.is_some() {}
    }
    ended.store(true, Ordering::Relaxed);
    Ok(())
}

// C-44: pitfall 18. Nobody asks any more, and the connection ends all the same: the pool looks every half minute.
#[tokio::test(start_paused = true)]
async fn the_pool_closes_a_connection_that_nobody_needs_within_a_minute() {
    for http2 in [false, true] {
        let end: fn(usize, DuplexStream) -> TestStream = match http2 {
            true => |_, io| TestStream::http2(io),
            false => |_, io| TestStream::http1(io),
        };
        let ended = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&ended);
        let fixture = Fixture::new(patient(), end, move |_, io| {
            answers_once(io, http2, Arc::clone(&noted))
        });
        fixture.get().await.unwrap();
        sleep(secs(29)).await;
        assert!(!ended.load(Ordering::Relaxed), "http2: {http2}");
        sleep(secs(32)).await;
        assert!(ended.load(Ordering::Relaxed), "http2: {http2}");
    }
}

// C-44: pitfall 18.
#[tokio::test(start_paused = true)]
async fn a_connection_is_used_again_until_it_was_idle_for_half_a_minute() {
    for builder in [Transport::builder(), patient()] {
        let fixture = Fixture::new(
            builder,
            |_, io| TestStream::http1(io),
            |_, io| answer_all(io, OK),
        );
        for idle in [1, 29, 31] {
            fixture.get().await.unwrap();
            sleep(secs(idle)).await;
        }
        assert_eq!(fixture.dials(), 1);
        fixture.get().await.unwrap();
        assert_eq!(fixture.dials(), 2);
    }
}

// W-A11: pitfall 6. The request was already given to the connection when the end of it is read, and not a byte of it
// had left.
#[tokio::test(start_paused = true)]
async fn a_request_that_meets_the_end_of_a_connection_before_it_left_is_sent_on_another() {
    let (closing, read) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (close, late) = (Arc::clone(&closing), Arc::clone(&read));
    let fixture = Fixture::http1(move |number, mut io| {
        let (close, late) = (Arc::clone(&close), Arc::clone(&late));
        async move {
            read_request(&mut io).await?;
            io.write_all(OK).await?;
            if number == 0 {
                close.notified().await;
                io.shutdown().await?;
                late.store(read_request(&mut io).await?.is_some(), Ordering::Relaxed);
            }
            Ok(())
        }
    });
    fixture.get().await.unwrap();
    sleep(secs(1)).await;
    closing.notify_one();
    assert_eq!(fixture.get().await.unwrap().body(), "ok");
    assert_eq!(fixture.dials(), 2);
    assert!(!read.load(Ordering::Relaxed), "it was sent on both");
}

// Pitfall 6.
// W-A11
#[tokio::test(start_paused = true)]
async fn a_reused_connection_that_breaks_after_the_request_is_not_replayed() {
    let fixture = Fixture::http1(|number, mut io| async move {
        assert_eq!(number, 0, "nobody may send the second request again");
        read_request(&mut io).await?;
        io.write_all(OK).await?;
        read_request(&mut io).await?;
        Ok(())
    });
    fixture.get().await.unwrap();
    let error = fixture.get().await.unwrap_err();
    assert_error(
        &error,
        Failure::Interrupted,
        Sent::Maybe,
        "broke before it answered",
    );
    assert_eq!(fixture.dials(), 1);
}

// Pitfall 6.
#[tokio::test(start_paused = true)]
async fn a_connection_that_the_server_closed_while_idle_is_replaced() {
    let fixture = Fixture::http1(|_, mut io| async move {
        read_request(&mut io).await?;
        io.write_all(OK).await
    });
    for _ in 0..3 {
        fixture.get().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(fixture.dials(), 3);
}
