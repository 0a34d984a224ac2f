//! The network of a test and the server at its other end.

mod http1;
mod http2;
mod tls;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use http::Uri;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::time::{Duration, Instant, sleep};
use transport::{TestStream, Transport};

use crate::fault::Fault;

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

pub(crate) const BOTH: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// A request that the server read.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Duration,
    pub(crate) path: String,
    pub(crate) token: String,
    /// What it met.
    pub(crate) fault: Option<Fault>,
}

/// The network, its server and what both saw. A clone is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    protocol: Protocol,
    latency: Duration,
    start: Instant,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    script: VecDeque<Fault>,
    dials: usize,
    arrivals: Vec<Arrival>,
    trace: Vec<String>,
}

/// Any stream of bytes.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

impl Server {
    /// A server that commits these faults, one after the other, and none after the last.
    pub(crate) fn new(protocol: Protocol, script: &[Fault]) -> Self {
        let server = Self {
            protocol,
            latency: Duration::ZERO,
            start: Instant::now(),
            seen: Arc::default(),
        };
        server.seen().script.extend(script);
        server
    }

    /// Takes this long for each request, of which a connection has one at a time.
    pub(crate) fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// A transport into this network.
    pub(crate) fn transport(&self) -> Transport {
        let server = self.clone();
        Transport::builder()
            .with_root_certificates(tls::AUTHORITY)
            .with_body_limit(Transport::TOKEN_BODY_LIMIT)
            .with_connector(move |address| server.clone().dial(address))
            .build()
            .unwrap()
    }

    /// The requests that arrived.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.seen().arrivals.clone()
    }

    /// How often somebody dialled.
    pub(crate) fn dials(&self) -> usize {
        self.seen().dials
    }

    /// What happened, in order, with the time of each event.
    pub(crate) fn trace(&self) -> Vec<String> {
        self.seen().trace.clone()
    }

    /// Writes an event of the client into the trace.
    pub(crate) fn note(&self, event: &str) {
        let line = format!("{:>7} ms {event}", self.start.elapsed().as_millis());
        self.seen().trace.push(line);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    async fn dial(self, address: Uri) -> io::Result<TestStream> {
        let number = self.dialled();
        let fault = self.next(Fault::is_of_connection);
        self.note(&format!("dial {number}: {fault:?}"));
        match fault {
            Some(Fault::Refuse) => return Err(io::ErrorKind::ConnectionRefused.into()),
            Some(Fault::StallConnect) => return std::future::pending().await,
            _ => {}
        }
        let (client, server) = duplex(64 * 1024);
        let secure = address.scheme_str() == Some("https");
        let stream = match self.protocol {
            Protocol::Http2 if !secure => TestStream::http2(client),
            _ => TestStream::http1(client),
        };
        tokio::spawn(self.serve(number, server, secure, fault));
        Ok(stream)
    }

    async fn serve(
        self,
        number: usize,
        io: DuplexStream,
        secure: bool,
        fault: Option<Fault>,
    ) -> io::Result<()> {
        match fault {
            Some(Fault::StallTls) => hold(io).await,
            Some(Fault::ClearText) => tls::answer_in_clear_text(io).await,
            _ if secure => {
                let io = tls::accept(io, self.protocol).await?;
                self.speak(number, io).await
            }
            _ => self.speak(number, io).await,
        }
    }

    async fn speak(self, number: usize, io: impl Io) -> io::Result<()> {
        match self.protocol {
            Protocol::Http1 => http1::serve(self, number, io).await,
            Protocol::Http2 => http2::serve(self, number, io).await,
        }
    }

    /// Notes a request and tells what it meets, after the time that the server takes.
    async fn arrive(&self, number: usize, path: &str, token: &str) -> Option<Fault> {
        let fault = self.next(|fault| !fault.is_of_connection());
        self.note_arrival(number, path, token, fault);
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
        fault
    }

    /// Notes a request.
    fn note_arrival(&self, number: usize, path: &str, token: &str, fault: Option<Fault>) {
        self.note(&format!(
            "connection {number}: {path} with {token}: {fault:?}"
        ));
        let arrival = Arrival {
            at: self.elapsed(),
            path: path.to_owned(),
            token: token.to_owned(),
            fault,
        };
        self.seen().arrivals.push(arrival);
    }

    fn dialled(&self) -> usize {
        let mut seen = self.seen();
        seen.dials += 1;
        seen.dials - 1
    }

    /// The next fault of the script, if it is of this kind.
    fn next(&self, is_kind: impl Fn(Fault) -> bool) -> Option<Fault> {
        let script = &mut self.seen().script;
        let fault = script.front().copied().filter(|fault| is_kind(*fault));
        if fault.is_some() {
            script.pop_front();
        }
        fault
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }
}

/// Keeps a connection open and does nothing with it.
async fn hold<T>(io: T) -> io::Result<()> {
    let _io = io;
    std::future::pending().await
}
