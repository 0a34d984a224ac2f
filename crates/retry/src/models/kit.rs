//! What the models of the gate are made of.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::fakes::{Answer, Step, TestError, answer};
use crate::{PauseGate, PauseGateLayer, PauseGated, runtime};

/// A gate and the service behind it, in a world in which time passes.
#[derive(Clone)]
pub(super) struct World {
    pub(super) gate: PauseGate,
    pub(super) server: Server,
    gated: PauseGated<Server>,
}

impl World {
    /// The gate is open; the service answers with these, and then with 200.
    pub(super) fn open(steps: impl IntoIterator<Item = Step>) -> Self {
        let gate = PauseGate::new();
        let server = Server::new(steps);
        let gated = PauseGateLayer::new(gate.clone()).layer(server.clone());
        runtime::start();
        Self {
            gate,
            server,
            gated,
        }
    }

    /// What a caller hears in the end.
    pub(super) async fn call(mut self) -> u16 {
        let request = Request::get("https://api.example.com/");
        let request = request.body(Bytes::new()).expect("a valid request");
        let ready = poll_fn(|context| self.gated.poll_ready(context));
        ready.await.expect("the service is always ready");
        let answer = self.gated.call(request).await;
        answer.expect("the service answers").status().as_u16()
    }

    /// A caller in a thread of its own.
    pub(super) fn caller(&self) -> JoinHandle<u16> {
        spawn(self.clone().call())
    }

    /// A caller who has sent already, and waits for the answer in a thread of its own.
    pub(super) fn caller_who_sent(&self) -> JoinHandle<u16> {
        let mut call = Box::pin(self.clone().call());
        let first = block_on(poll_fn(|context| {
            Poll::Ready(call.as_mut().poll(context).is_ready())
        }));
        assert!(!first, "the answer takes a moment");
        spawn(call)
    }
}

/// What a caller in a thread of its own heard.
pub(super) fn join(caller: JoinHandle<u16>) -> u16 {
    block_on(caller).expect("the thread of a model does not panic")
}

/// A service that plays its steps, and then answers 200. While it does, others may go on.
#[derive(Clone)]
pub(super) struct Server(Arc<Mutex<State>>);

struct State {
    steps: VecDeque<Step>,
    arrivals: Vec<Instant>,
    under_way: usize,
    /// Whether it answered 200 since the last look.
    works: bool,
    /// The most requests that were under way before that.
    most: usize,
}

impl Server {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Arc::new(Mutex::new(State {
            steps: steps.into_iter().collect(),
            arrivals: Vec::new(),
            under_way: 0,
            works: false,
            most: 0,
        })))
    }

    /// When requests arrived.
    pub(super) fn arrivals(&self) -> Vec<Instant> {
        self.lock().arrivals.clone()
    }

    /// How many requests were at the service at once before it answered one with 200.
    pub(super) fn most_before_success(&self) -> usize {
        self.lock().most
    }

    /// Forgets what was.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        state.arrivals.clear();
        state.works = false;
        state.most = 0;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request at the service.
struct UnderWay(Server);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
    }
}

impl Service<Request<Bytes>> for Server {
    type Response = Response<Bytes>;
    type Error = TestError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TestError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        let mut state = self.lock();
        state.arrivals.push(runtime::now());
        state.under_way += 1;
        if !state.works {
            state.most = state.most.max(state.under_way);
        }
        let step = state.steps.pop_front().unwrap_or(Step::Status(200));
        drop(state);
        let under_way = UnderWay(self.clone());
        Box::pin(async move {
            yield_now().await;
            let answer = answer(step).expect("a step that answers")?;
            under_way.0.lock().works |= answer.status().is_success();
            Ok(answer)
        })
    }
}
