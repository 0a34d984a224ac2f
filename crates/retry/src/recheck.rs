//! A second look at gate and breaker, right before a request is sent.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tower_layer::Layer;
use tower_service::Service;

use crate::call::held_back;
use crate::circuit_breaker::{CircuitBreaker, Refused};
use crate::pause_gate::PauseGate;
use crate::wall::Wall;

/// Holds requests back that waited for a token or a permit while their origin asked for a pause, or
/// while the circuit opened: without it every request in that queue would still be sent.
///
/// It goes right above the layer that times tries. What a pause holds back ends with
/// `StopReason::Paused`, nothing sent and not counted as an attempt, and the retry layer takes it to
/// the gate again; what an open circuit holds back ends as it would have before the wait. Only the
/// stack builder makes it, because without the layers above it nothing would wait.
#[derive(Clone, Debug)]
pub(crate) struct RecheckLayer(Arc<Check>);

#[derive(Debug)]
struct Check {
    gate: PauseGate,
    breaker: Option<CircuitBreaker>,
    wall: Wall,
}

impl RecheckLayer {
    pub(crate) fn new(gate: PauseGate, breaker: Option<CircuitBreaker>, wall: Wall) -> Self {
        Self(Arc::new(Check {
            gate,
            breaker,
            wall,
        }))
    }
}

impl<S> Layer<S> for RecheckLayer {
    type Service = Rechecked<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Rechecked {
            inner,
            check: Arc::clone(&self.0),
        }
    }
}

/// The service of a [`Stack`](crate::Stack) that sends nothing that a pause or an open circuit has
/// overtaken while it waited.
#[derive(Clone, Debug)]
pub struct Rechecked<S> {
    inner: S,
    check: Arc<Check>,
}

impl<S> Rechecked<S> {
    /// The verdict for a request that was overtaken. One without a context cannot be told from a
    /// probe, so it goes on.
    fn overtaken(&self, request: &Request<Bytes>) -> Option<Stopped> {
        if self.check.is_clear() {
            return None;
        }
        let call = request.extensions().get::<CallContext>()?;
        let (reason, wait) = self.check.refuses(request, call)?;
        let stopped = Stopped::new(reason, held_back(Some(call)));
        Some(match wait {
            Some(wait) => stopped.with_retry_at(self.check.wall.after(wait), wait),
            None => stopped,
        })
    }
}

impl Check {
    /// Whether nobody is held back.
    fn is_clear(&self) -> bool {
        let breaker = self.breaker.as_ref();
        self.gate.is_open() && breaker.is_none_or(CircuitBreaker::is_closed)
    }

    fn refuses(
        &self,
        request: &Request<Bytes>,
        call: &CallContext,
    ) -> Option<(StopReason, Option<Duration>)> {
        let breaker = self.breaker.as_ref();
        if let Some(Refused { wait }) = breaker.and_then(|breaker| breaker.holds_back(call)) {
            return Some((StopReason::CircuitOpen, wait));
        }
        let wait = self.gate.holds_back(request.uri(), call)?;
        Some((StopReason::Paused, Some(wait)))
    }
}

impl<S> Service<Request<Bytes>> for Rechecked<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RecheckFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let state = match self.overtaken(&request) {
            Some(stopped) => {
                // The readied service goes: it may hold something that a refusal must not keep.
                let fresh = self.inner.clone();
                drop(mem::replace(&mut self.inner, fresh));
                State::HeldBack { stopped }
            }
            None => State::Passing {
                inner: self.inner.call(request),
            },
        };
        RecheckFuture { state }
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a Rechecked<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RecheckFuture<S::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let state = match self.overtaken(&request) {
            Some(stopped) => State::HeldBack { stopped },
            None => State::Passing {
                inner: (&self.inner).call(request),
            },
        };
        RecheckFuture { state }
    }
}

pin_project! {
    /// The future of [`Rechecked`]. Dropping it drops the request under way.
    pub struct RecheckFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Passing { #[pin] inner: F },
        HeldBack { stopped: Stopped },
    }
}

impl<F, E> Future for RecheckFuture<F>
where
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Passing { inner } => inner.poll(cx),
            StateProj::HeldBack { stopped } => Poll::Ready(Err((*stopped).into())),
        }
    }
}
