//! A service that plays a script, for the tests of all layers.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{
    CallContext, Classify, Failure, Idempotency, Ledger, Outcome, Sent, StopReason, Stopped,
};
use tokio::time::Instant;
use tower_service::Service;

/// The error of a stack under test: one enum, as a real stack has.
#[derive(Debug, PartialEq)]
pub(crate) enum TestError {
    Stopped(Stopped),
    Failed(Sent, Failure),
}

impl From<Stopped> for TestError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl Classify for TestError {
    fn stopped(&self) -> Option<Stopped> {
        match self {
            Self::Stopped(stopped) => Some(*stopped),
            Self::Failed(..) => None,
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Failed(sent, failure) => Outcome::Failed {
                sent: *sent,
                failure: *failure,
            },
        }
    }
}

pub(crate) type Answer = Result<Response<Bytes>, TestError>;

/// What happens to one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Status(u16),
    /// A status with the value of a `Retry-After` header.
    Asked(u16, String),
    Fail(Sent, Failure),
    /// The verdict of a layer further down.
    Stop(StopReason),
    /// No answer, ever.
    Stall,
    /// Another step, this much later.
    After(Duration, Box<Step>),
}

pub(crate) fn asked(status: u16, retry_after: impl ToString) -> Step {
    Step::Asked(status, retry_after.to_string())
}

pub(crate) fn after(delay: Duration, step: Step) -> Step {
    Step::After(delay, Box::new(step))
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn request(call: &CallContext) -> Request<Bytes> {
    Request::post("https://api.example.com/issue?secret=1")
        .extension(call.clone())
        .body(Bytes::from_static(b"{}"))
        .unwrap()
}

pub(crate) fn call(class: Idempotency) -> CallContext {
    CallContext::new(class)
}

/// Plays its steps, then answers 200. It panics when it is called without having been ready.
#[derive(Debug)]
pub(crate) struct Script {
    shared: Arc<Mutex<Shared>>,
    ready: bool,
}

#[derive(Debug)]
struct Shared {
    steps: VecDeque<Step>,
    sends: Vec<Instant>,
    readied: usize,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let shared = Shared {
            steps: steps.into_iter().collect(),
            sends: Vec::new(),
            readied: 0,
        };
        Self {
            shared: Arc::new(Mutex::new(shared)),
            ready: false,
        }
    }

    /// When each request arrived.
    pub(crate) fn sends(&self) -> Vec<Instant> {
        self.shared.lock().unwrap().sends.clone()
    }

    /// How many clones are ready and not called: each could keep a place from others.
    pub(crate) fn readied(&self) -> usize {
        self.shared.lock().unwrap().readied
    }

    fn send(&self) -> <Self as Service<Request<Bytes>>>::Future {
        let mut shared = self.shared.lock().unwrap();
        shared.sends.push(Instant::now());
        let step = shared.steps.pop_front().unwrap_or(Step::Status(200));
        Box::pin(play(step))
    }

    fn set_ready(&mut self, ready: bool) -> bool {
        let before = std::mem::replace(&mut self.ready, ready);
        let mut shared = self.shared.lock().unwrap();
        shared.readied += usize::from(ready);
        shared.readied -= usize::from(before);
        before
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.set_ready(false);
    }
}

/// A clone is the same script, but has to be asked for its readiness itself.
impl Clone for Script {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            ready: false,
        }
    }
}

impl Service<Request<Bytes>> for Script {
    type Response = Response<Bytes>;
    type Error = TestError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TestError>> {
        self.set_ready(true);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        assert!(self.set_ready(false), "called without being ready");
        self.send()
    }
}

/// By reference it is always ready.
impl Service<Request<Bytes>> for &Script {
    type Response = Response<Bytes>;
    type Error = TestError;
    type Future = <Script as Service<Request<Bytes>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TestError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        self.send()
    }
}

async fn play(mut step: Step) -> Answer {
    while let Step::After(delay, next) = step {
        tokio::time::sleep(delay).await;
        step = *next;
    }
    match answer(step) {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}

/// What a step answers without any delay, if it does.
pub(crate) fn answer(step: Step) -> Option<Answer> {
    let answer = Response::builder();
    let answer = match step {
        Step::Status(status) => answer.status(status),
        Step::Asked(status, wait) => answer.status(status).header("retry-after", wait),
        Step::Fail(sent, failure) => return Some(Err(TestError::Failed(sent, failure))),
        Step::Stop(reason) => {
            let stopped = Stopped::new(reason, Ledger::default());
            return Some(Err(TestError::Stopped(stopped)));
        }
        Step::Stall | Step::After(..) => return None,
    };
    Some(Ok(answer.body(Bytes::new()).unwrap()))
}
