//! The ways to get the token of the moment that are measured.

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use token_manager::TokenManager;

use crate::{Floor, SlowProvider};

/// One way to get the token of the moment.
pub trait Subject: Clone + Send + Sync + 'static {
    /// Its name in the rows.
    const NAME: &'static str;
    /// Whether callers at the same time keep each other waiting, so that fewer of them will do.
    const WAITS: bool = false;

    /// Gets it so many times, and drops it each time. The loop is inside, so that a subject that
    /// needs no await pays for none.
    fn repeat(&self, times: u64) -> impl Future<Output = ()> + Send;
}

/// What is done with a subject, whichever it is.
pub trait Visitor {
    /// Does it.
    fn visit<S: Subject>(&mut self, subject: &S);
}

/// All subjects over one token, so that they can be taken in turn.
#[derive(Clone, Debug)]
pub struct Named {
    floor: Floor,
    borrowed: Borrowed,
    request_header: RequestHeader,
    tokio_mutex_string: TokioMutexString,
}

impl Named {
    /// The names of the rows. [`Empty`] is a subject too, but no row.
    pub const ALL: [&str; 4] = [
        Floor::NAME,
        Borrowed::NAME,
        RequestHeader::NAME,
        TokioMutexString::NAME,
    ];

    /// A manager that holds a fresh token, and the others with the same token.
    ///
    /// # Panics
    ///
    /// When no token comes, which cannot be.
    pub fn new() -> Self {
        let provider = SlowProvider::new(Duration::ZERO, Duration::from_secs(86_400));
        let manager = TokenManager::builder(provider).build();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime without I/O needs nothing");
        let token = runtime
            .block_on(manager.get_token())
            .expect("the provider never fails");
        let text = format!("token {}", token.expose_secret());
        let header = HeaderValue::from_str(&text).expect("digits make a header");
        Self {
            floor: Floor::new(header),
            borrowed: Borrowed(manager.clone()),
            request_header: RequestHeader(manager),
            tokio_mutex_string: TokioMutexString(Arc::new(tokio::sync::Mutex::new(text))),
        }
    }

    /// Hands the subject of this name to the visitor; an unknown name is the empty loop.
    pub fn visit(&self, name: &str, visitor: &mut impl Visitor) {
        match name {
            Floor::NAME => visitor.visit(&self.floor),
            Borrowed::NAME => visitor.visit(&self.borrowed),
            RequestHeader::NAME => visitor.visit(&self.request_header),
            TokioMutexString::NAME => visitor.visit(&self.tokio_mutex_string),
            _ => visitor.visit(&Empty),
        }
    }
}

impl Default for Named {
    fn default() -> Self {
        Self::new()
    }
}

/// The loop alone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Empty;

impl Subject for Empty {
    const NAME: &'static str = "empty";

    async fn repeat(&self, times: u64) {
        for turn in 0..times {
            black_box(turn);
        }
    }
}

/// The header of the current token, looked at.
#[derive(Clone, Debug)]
pub struct Borrowed(TokenManager);

impl Subject for Borrowed {
    const NAME: &'static str = "borrowed";

    async fn repeat(&self, times: u64) {
        for _ in 0..times {
            if let Some(current) = self.0.borrow_current() {
                black_box(current.header());
            }
        }
    }
}

/// A header value of one's own, ready to insert.
#[derive(Clone, Debug)]
pub struct RequestHeader(TokenManager);

impl Subject for RequestHeader {
    const NAME: &'static str = "request_header";

    async fn repeat(&self, times: u64) {
        for _ in 0..times {
            black_box(self.0.try_current());
        }
    }
}

/// What the seeds describe: a copy of the text from under an asynchronous lock. Nothing is
/// checked and no header is made.
#[derive(Clone, Debug)]
pub struct TokioMutexString(Arc<tokio::sync::Mutex<String>>);

impl Subject for TokioMutexString {
    const NAME: &'static str = "tokio_mutex_string";
    const WAITS: bool = true;

    async fn repeat(&self, times: u64) {
        for _ in 0..times {
            let text = self.0.lock().await.clone();
            black_box(text);
        }
    }
}
