//! A service that answers by a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amp_client::ApiClient;
use token_manager::PausedClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;
use transport::{TestStream, Transport};

/// What the service does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// It answers with this status and this body.
    Answer(u16, String),
    /// It takes the request, and closes the connection.
    Lose,
    /// It takes the request, and never answers.
    Stall,
}

/// An answer of this status.
pub(crate) fn answer(status: u16, body: impl Into<String>) -> Act {
    Act::Answer(status, body.into())
}

/// What was asked, and when.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and target, as in `GET /assets?count=1`.
    pub(crate) line: String,
    pub(crate) body: String,
    /// Seconds since the service began.
    pub(crate) second: u64,
}

/// The requests that a service took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book(Arc<Mutex<Vec<Asked>>>);

impl Book {
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.body).collect()
    }

    pub(crate) fn seconds(&self) -> Vec<u64> {
        self.asked().into_iter().map(|asked| asked.second).collect()
    }
}

/// A client of a service whose script is told what is asked and the number of the request, from 0.
pub(crate) async fn scripted(
    script: impl Fn(&str, usize) -> Act + Send + Sync + 'static,
) -> (ApiClient, Book) {
    let (book, script) = (Book::default(), Arc::new(script));
    let (kept, begun) = (book.clone(), Instant::now());
    let connect = move |_| {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (book, script) = (kept.clone(), Arc::clone(&script));
        tokio::spawn(async move {
            let act = |line: String, body: String| {
                let mut asked = book.0.lock().unwrap();
                let second = begun.elapsed().as_secs();
                let act = script(&line, asked.len());
                asked.push(Asked { line, body, second });
                act
            };
            serve(far, act).await;
        });
        std::future::ready(Ok(TestStream::http1(near)))
    };
    // As the client sets it for its own transport: the time of a try is what ends it.
    let sixty = Duration::from_secs(60);
    let transport = Transport::builder()
        .with_connector(connect)
        .with_read_timeout(sixty)
        .build();
    let client = ApiClient::builder()
        .base_url("http://127.0.0.1:9/api")
        .mock_token("fixed")
        .transport(transport.unwrap())
        .clock(PausedClock::new())
        .build()
        .await
        .unwrap();
    (client, book)
}

/// Serves one connection until it ends.
async fn serve(mut stream: DuplexStream, act: impl Fn(String, String) -> Act) {
    let mut bytes = Vec::new();
    while let Some((line, body)) = request(&mut stream, &mut bytes).await {
        match act(line, body) {
            Act::Answer(status, body) => {
                let length = body.len();
                let text = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(text.as_bytes()).await.unwrap();
            }
            Act::Lose => return,
            Act::Stall => std::future::pending().await,
        }
    }
}

/// Method and target of the next request, without the path of the service, and its body.
async fn request(stream: &mut DuplexStream, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        if let Some((request, used)) = parse(bytes) {
            bytes.drain(..used);
            return Some(request);
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn parse(bytes: &[u8]) -> Option<((String, String), usize)> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let length = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    let body = rest.get(..length)?;
    let line = format!("{method} {}", target.strip_prefix("/api").unwrap());
    Some(((line, body.to_owned()), head.len() + 4 + length))
}
