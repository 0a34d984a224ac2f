//! What the layers tell about calls and tries.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use token_core::{Classify, Ledger, Outcome};
use tokio::time::Instant;
use tracing::debug;

/// Hears of the end of every call and of every try. It is called on the task of the call, so it must
/// be quick and must not block; it sees no header and no body.
///
/// A try is what OpenTelemetry's HTTP client metrics count (`http.client.request.duration`,
/// `http.request.resend_count`); a call is what the caller waited for.
pub trait CallObserver: Debug + Send + Sync + 'static {
    /// A try ended, as [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer) saw it.
    fn attempt_ended(&self, attempt: &AttemptEnd<'_>) {
        let _ = attempt;
    }

    /// A call ended, as [`DeadlineLayer`](crate::DeadlineLayer) saw it.
    fn call_ended(&self, call: &CallEnd<'_>) {
        let _ = call;
    }

    /// A call begins to wait for its next try, as [`RetryLayer`](crate::RetryLayer) decided. A pause
    /// that another call's 429 brought is none of its own, and is not told.
    fn retry_waits(&self, wait: &RetryWait) {
        let _ = wait;
    }
}

/// The wait between two tries of one call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RetryWait {
    /// What came of the try before.
    pub outcome: Outcome,
    /// How many tries there were.
    pub attempts: u32,
    /// How many there may be at most.
    pub max_attempts: u32,
    /// How long the call waits.
    pub wait: Duration,
}

/// How one try ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptEnd<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The address of the request. Its path and query may name what is secret to somebody.
    pub uri: &'a Uri,
    /// How many tries of the same call were sent before: repetitions, and replays after a rejected
    /// token (`http.request.resend_count`).
    pub resend_count: u32,
    /// What came of it; `None` when it was given up from outside.
    pub outcome: Option<Outcome>,
    /// How long it took.
    pub elapsed: Duration,
}

/// How one call ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallEnd<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The address of the request. Its path and query may name what is secret to somebody.
    pub uri: &'a Uri,
    /// What came of it; `None` when the caller gave it up.
    pub outcome: Option<Outcome>,
    /// What it did.
    pub ledger: Ledger,
    /// How long it took, waits included.
    pub elapsed: Duration,
}

/// Who hears, if anybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observer(Option<Arc<dyn CallObserver>>);

impl Observer {
    pub(crate) fn of(observer: Arc<dyn CallObserver>) -> Self {
        Self(Some(observer))
    }

    pub(crate) fn retry_waits(&self, wait: &RetryWait) {
        if let Some(observer) = &self.0 {
            observer.retry_waits(wait);
        }
    }

    /// Watches this request. Without an observer nothing is kept of it.
    #[inline]
    pub(crate) fn watch(&self, request: &Request<Bytes>) -> Watch {
        Watch(self.0.as_ref().map(|observer| {
            Box::new(Watched {
                observer: Arc::clone(observer),
                method: request.method().clone(),
                uri: request.uri().clone(),
                since: Instant::now(),
            })
        }))
    }
}

/// One request under watch, until its end was told; by default nobody watches. Boxed, because every
/// future that holds one is moved from layer to layer.
#[derive(Default)]
pub(crate) struct Watch(Option<Box<Watched>>);

struct Watched {
    observer: Arc<dyn CallObserver>,
    method: Method,
    uri: Uri,
    since: Instant,
}

impl Watch {
    #[inline]
    pub(crate) fn attempt_ended(&mut self, resend_count: u32, outcome: Option<Outcome>) {
        if resend_count > 0 {
            debug!(
                http.request.resend_count = resend_count,
                ?outcome,
                "a repeated try ended"
            );
        }
        if let Some(watched) = self.0.take() {
            watched.observer.attempt_ended(&AttemptEnd {
                method: &watched.method,
                uri: &watched.uri,
                resend_count,
                outcome,
                elapsed: watched.since.elapsed(),
            });
        }
    }

    pub(crate) fn call_ended(&mut self, ledger: Ledger, outcome: Option<Outcome>) {
        if let Some(watched) = self.0.take() {
            watched.observer.call_ended(&CallEnd {
                method: &watched.method,
                uri: &watched.uri,
                outcome,
                ledger,
                elapsed: watched.since.elapsed(),
            });
        }
    }

    /// Whether somebody still wants to hear.
    pub(crate) const fn is_on(&self) -> bool {
        self.0.is_some()
    }
}

/// What to tell about a result: the wait that an answer asks for was read by the layers that heed
/// it.
pub(crate) fn outcome_of<E: Classify>(result: &Result<Response<Bytes>, E>) -> Outcome {
    match result {
        Ok(answer) => Outcome::Answered {
            status: answer.status().as_u16(),
            retry_after: None,
        },
        Err(error) => error.outcome(),
    }
}

#[cfg(test)]
mod tests;
