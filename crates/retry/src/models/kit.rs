//! What the models of the gate are made of.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use token_core::{Idempotency, StopReason};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::fakes::{Answer, Step, TestError, answer, call, request};
use crate::{PauseGate, PauseGateLayer, PauseGated, Rechecked, runtime};

/// A gate and the service behind it, in a world in which time passes.
#[derive(Clone)]
pub(super) struct World {
    pub(super) gate: PauseGate,
    pub(super) server: Server,
    gated: PauseGated<Queue>,
}

impl World {
    /// The gate is open; the service answers with these, and then with 200.
    pub(super) fn open(steps: impl IntoIterator<Item = Step>) -> Self {
        let gate = PauseGate::new();
        let server = Server::new(steps);
        let layer = PauseGateLayer::new(gate.clone());
        let gated = layer.layer(Queue(layer.recheck(None).layer(server.clone())));
        runtime::start();
        Self {
            gate,
            server,
            gated,
        }
    }

    /// What a caller hears in the end. Who is held back goes to the gate again, as the retry layer
    /// does it.
    pub(super) async fn call(mut self) -> u16 {
        let call = call(Idempotency::Safe);
        loop {
            let ready = poll_fn(|context| self.gated.poll_ready(context));
            ready.await.expect("the service is always ready");
            match self.gated.call(request(&call)).await {
                Ok(answer) => return answer.status().as_u16(),
                Err(TestError::Stopped(stopped)) if stopped.reason() == StopReason::Paused => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// A caller in a thread of its own.
    pub(super) fn caller(&self) -> JoinHandle<u16> {
        spawn(self.clone().call())
    }

    /// A caller who has sent already, and waits for the answer in a thread of its own.
    pub(super) fn caller_who_sent(&self) -> JoinHandle<u16> {
        let mut call = Box::pin(self.clone().call());
        let sent = self.server.arrivals().len();
        block_on(poll_fn(|context| {
            while self.server.arrivals().len() == sent {
                assert!(call.as_mut().poll(context).is_pending());
            }
            Poll::Ready(())
        }));
        spawn(call)
    }
}

/// What a caller in a thread of its own heard.
pub(super) fn join(caller: JoinHandle<u16>) -> u16 {
    block_on(caller).expect("the thread of a model does not panic")
}

/// What is between the gate and the service: each request waits, as for a token or a permit.
#[derive(Clone)]
struct Queue(Rechecked<Server>);

impl Service<Request<Bytes>> for Queue {
    type Response = Response<Bytes>;
    type Error = TestError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TestError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let mut below = self.0.clone();
        Box::pin(async move {
            yield_now().await;
            below.call(request).await
        })
    }
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
