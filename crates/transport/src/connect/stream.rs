//! The stream below TLS and HTTP.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connected stream. Unlike hyper-util's own it puts no addresses into each answer.
pub(crate) enum Stream {
    Tcp(TokioIo<TcpStream>),
    #[cfg(feature = "test-util")]
    Test(TestStream),
}

macro_rules! delegate {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match $stream.get_mut() {
            Stream::Tcp(io) => Pin::new(io).$method($($argument),*),
            #[cfg(feature = "test-util")]
            Stream::Test(test) => Pin::new(&mut test.io).$method($($argument),*),
        }
    };
}

impl Read for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self, poll_read(cx, buffer))
    }
}

impl Write for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(io) => io.is_write_vectored(),
            #[cfg(feature = "test-util")]
            Self::Test(test) => test.io.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self, poll_write_vectored(cx, slices))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        match self {
            Self::Tcp(_) => Connected::new(),
            #[cfg(feature = "test-util")]
            Self::Test(test) if test.http2 => Connected::new().negotiated_h2(),
            #[cfg(feature = "test-util")]
            Self::Test(_) => Connected::new(),
        }
    }
}

#[cfg(feature = "test-util")]
mod test_stream {
    use tokio::io::{AsyncRead, AsyncWrite};

    use super::*;

    /// One end of any stream, such as `tokio::io::duplex` makes.
    pub struct TestStream {
        pub(super) io: TokioIo<Box<dyn Duplex>>,
        pub(super) http2: bool,
    }

    pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

    impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

    impl TestStream {
        /// A stream to a server that speaks HTTP/1.1.
        pub fn http1(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
            Self {
                io: TokioIo::new(Box::new(io)),
                http2: false,
            }
        }

        /// A stream to a server that speaks HTTP/2, as if ALPN had chosen it.
        pub fn http2(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
            Self {
                http2: true,
                ..Self::http1(io)
            }
        }
    }

    impl std::fmt::Debug for TestStream {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("TestStream")
                .field("http2", &self.http2)
                .finish_non_exhaustive()
        }
    }
}

#[cfg(feature = "test-util")]
pub use test_stream::TestStream;
