//! Servers over `tokio::io::duplex`, played by hand, byte by byte.

pub(crate) mod tls;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, Failure, Idempotency, Outcome, Sent};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;
use tower::ServiceExt;
use transport::{TestStream, Transport, TransportBuilder, TransportError};

/// Nothing here takes so long, so a test whose request has no end fails instead of standing still.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// A transport whose connections lead to a script.
pub(crate) struct Fixture {
    pub(crate) transport: Transport,
    dials: Arc<AtomicUsize>,
}

impl Fixture {
    /// Each connection plays `script` with its number, from 0, and its end of the stream.
    pub(crate) fn http1<F, P>(script: F) -> Self
    where
        F: Fn(usize, DuplexStream) -> P + Send + Sync + 'static,
        P: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::new(Transport::builder(), |_, io| TestStream::http1(io), script)
    }

    /// The same over HTTP/2.
    pub(crate) fn http2<F, P>(script: F) -> Self
    where
        F: Fn(usize, DuplexStream) -> P + Send + Sync + 'static,
        P: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::new(Transport::builder(), |_, io| TestStream::http2(io), script)
    }

    pub(crate) fn new<F, P>(
        builder: TransportBuilder,
        end: fn(usize, DuplexStream) -> TestStream,
        script: F,
    ) -> Self
    where
        F: Fn(usize, DuplexStream) -> P + Send + Sync + 'static,
        P: Future<Output = io::Result<()>> + Send + 'static,
    {
        let dials = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&dials);
        let connect = move |_| {
            let (client, server) = duplex(64 * 1024);
            let number = count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(script(number, server));
            async move { Ok(end(number, client)) }
        };
        let transport = builder.with_connector(connect).build().unwrap();
        Self { transport, dials }
    }

    pub(crate) async fn get(&self) -> Result<Response<Bytes>, TransportError> {
        self.send(request()).await
    }

    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let answer = self.transport.clone().oneshot(request);
        timeout(PATIENCE, answer).await.expect("a request ends")
    }

    /// How many connections were opened.
    pub(crate) fn dials(&self) -> usize {
        self.dials.load(Ordering::Relaxed)
    }
}

pub(crate) fn request() -> Request<Bytes> {
    Request::post("http://api.example.com/issue?secret=1")
        .body(Bytes::from_static(b"{\"amount\":1}"))
        .unwrap()
}

pub(crate) fn request_of(call: &CallContext) -> Request<Bytes> {
    let mut request = request();
    request.extensions_mut().insert(call.clone());
    request
}

pub(crate) fn call() -> CallContext {
    CallContext::new(Idempotency::Safe)
}

/// Checks what the error means, and that its text keeps the request to itself.
pub(crate) fn assert_error(error: &TransportError, failure: Failure, sent: Sent, text: &str) {
    assert_eq!(
        error.outcome(),
        Outcome::Failed { sent, failure },
        "{error:?}"
    );
    let shown = error.to_string();
    assert!(shown.contains(text), "{shown}");
    assert!(
        !format!("{shown} {error:?}").contains("secret"),
        "{error:?}"
    );
}

/// Reads one HTTP/1.1 request, head and body; `None` when the client is gone.
pub(crate) async fn read_request(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    while !text.ends_with(b"{\"amount\":1}") {
        match io.read_u8().await {
            Ok(byte) => text.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// Answers every request of a connection with the same text.
pub(crate) async fn answer_all(mut io: DuplexStream, answer: &[u8]) -> io::Result<()> {
    while read_request(&mut io).await?.is_some() {
        io.write_all(answer).await?;
    }
    Ok(())
}

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Greets in HTTP/2 and reads until a request has arrived.
pub(crate) async fn http2_request(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<()> {
    io.write_all(&frame(4, 0, 0, b"")).await?;
    let mut preface = [0; 24];
    io.read_exact(&mut preface).await?;
    http2_next_request(io).await
}

/// Reads frames until another request has arrived.
pub(crate) async fn http2_next_request(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<()> {
    while http2_next_frame(io).await?.0 != 1 {}
    Ok(())
}

/// Reads a frame: its kind, flags and payload.
pub(crate) async fn http2_next_frame(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    io.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    io.read_exact(&mut payload).await?;
    Ok((head[3], head[4], payload))
}

/// A frame of HTTP/2 (RFC 9113 section 4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// `:status: 200` and the end of the answer.
pub(crate) fn http2_ok(stream: u32) -> Vec<u8> {
    frame(1, 0x5, stream, &[0x88])
}
