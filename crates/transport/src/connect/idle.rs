//! Connections on which nothing moves.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// The server took or sent no byte for too long.
#[derive(Debug, thiserror::Error)]
#[error("no byte moved in time")]
pub(crate) struct Silent;

/// How long a connection may stand still while somebody waits for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleLimits {
    pub(crate) read: Duration,
    pub(crate) write: Duration,
}

/// A stream that ends when it stands still for too long.
///
/// The wait for the next byte starts anew with every byte in either direction, so a connection that
/// was idle in the pool does not pass its age on to the next request. HTTP/2 has no limit for reading:
/// a server may think for as long as the try allows, and pings tell whether it lives.
pub(crate) struct Idle<T> {
    inner: T,
    reading: Option<Watch>,
    writing: Watch,
}

impl<T: Connection> Idle<T> {
    pub(crate) fn new(inner: T, limits: IdleLimits) -> Self {
        let http2 = inner.connected().is_negotiated_h2();
        Self {
            inner,
            reading: (!http2).then(|| Watch::new(limits.read)),
            writing: Watch::new(limits.write),
        }
    }
}

impl<T: Unpin> Idle<T> {
    /// Passes on what a write came to, and watches over one that has to wait.
    fn wrote<R>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if result.is_ready() {
            self.writing.stop();
            if let Some(reading) = &mut self.reading {
                reading.restart();
            }
            return result;
        }
        Poll::Ready(Err(ready!(self.writing.poll(cx))))
    }

    fn inner(&mut self) -> Pin<&mut T>
    where
        T: Unpin,
    {
        Pin::new(&mut self.inner)
    }
}

impl<T: Read + Unpin> Read for Idle<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let result = self.inner().poll_read(cx, buffer);
        match &mut self.reading {
            Some(reading) if result.is_pending() => Poll::Ready(Err(ready!(reading.poll(cx)))),
            Some(reading) => {
                reading.stop();
                result
            }
            None => result,
        }
    }
}

impl<T: Write + Unpin> Write for Idle<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.inner().poll_write(cx, bytes);
        self.wrote(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.inner().poll_flush(cx);
        if result.is_ready() {
            self.writing.stop();
            return result;
        }
        Poll::Ready(Err(ready!(self.writing.poll(cx))))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.inner().poll_shutdown(cx);
        self.wrote(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.inner().poll_write_vectored(cx, slices);
        self.wrote(cx, result)
    }
}

impl<T: Connection> Connection for Idle<T> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

/// Measures one wait after another with one timer, which is only set again when it goes off: most
/// waits are over long before.
struct Watch {
    limit: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whom the timer will wake.
    waker: Option<Waker>,
}

impl Watch {
    const fn new(limit: Duration) -> Self {
        Self {
            limit,
            since: None,
            timer: None,
            waker: None,
        }
    }

    /// The wait is over.
    const fn stop(&mut self) {
        self.since = None;
    }

    /// The wait, if there is one, starts anew.
    fn restart(&mut self) {
        if self.since.is_some() {
            self.since = Some(Instant::now());
        }
    }

    /// Whether the timer is still to go off, and will wake this task: it need not be asked then.
    fn will_wake(&self, waker: &Waker) -> bool {
        let known = self
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker));
        known && self.timer.as_ref().is_some_and(|timer| !timer.is_elapsed())
    }

    /// Waits on; ready with the reason when it took too long.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.will_wake(cx.waker()) {
            return Poll::Pending;
        }
        let Some(end) = since.checked_add(self.limit) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        self.waker = Some(cx.waker().clone());
        loop {
            // Out of the task's budget, so that a timer that is pending will wake.
            ready!(pin!(unconstrained(timer.as_mut())).poll(cx));
            if timer.deadline() >= end {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, Silent));
            }
            timer.as_mut().reset(end);
        }
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use std::future::poll_fn;

    use hyper::rt::ReadBuf;
    use tokio::task::consume_budget;
    use tokio::time::timeout;

    use super::super::TestStream;
    use super::super::stream::Stream;
    use super::*;

    // C-44: tokio makes whoever has done much wait, and such a wait wakes nobody.
    #[tokio::test(start_paused = true)]
    async fn the_limit_holds_for_a_task_that_had_used_up_its_budget() {
        let (client, _server) = tokio::io::duplex(64);
        let limits = IdleLimits {
            read: Duration::from_secs(30),
            write: Duration::from_secs(10),
        };
        let mut idle = Idle::new(Stream::Test(TestStream::http1(client)), limits);
        let mut has_budget = true;
        let start = Instant::now();
        let read = poll_fn(|cx| {
            while has_budget {
                has_budget = pin!(consume_budget()).poll(cx).is_ready();
            }
            let mut room = [0; 8];
            Pin::new(&mut idle).poll_read(cx, ReadBuf::new(&mut room).unfilled())
        });
        let read = timeout(Duration::from_secs(100), read).await;
        let error = read.expect("it ends").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), limits.read);
    }
}
