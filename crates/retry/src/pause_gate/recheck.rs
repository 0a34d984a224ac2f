//! A second look at the gate, right before a request is sent.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use token_core::{CallContext, Classify, StopReason, Stopped};
use tower_layer::Layer;
use tower_service::Service;

use super::PauseGate;
use crate::call::held_back;
use crate::wall::Wall;

/// Holds requests back whose origin asked for a pause after they had passed the gate, while they
/// waited for a token or a permit: without it every request in that queue would still be sent.
///
/// It goes right above the layer that times tries. What it holds back ends with
/// `StopReason::Paused`, nothing sent and not counted as an attempt, and the retry layer takes it to
/// the gate again. Only the stack builder makes it, because without both above it nothing would
/// wait.
#[derive(Clone, Debug)]
pub(crate) struct RecheckLayer {
    gate: PauseGate,
    wall: Wall,
}

impl RecheckLayer {
    pub(super) const fn new(gate: PauseGate, wall: Wall) -> Self {
        Self { gate, wall }
    }
}

impl<S> Layer<S> for RecheckLayer {
    type Service = Rechecked<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Rechecked {
            inner,
            check: self.clone(),
        }
    }
}

/// The service of a [`Stack`](crate::Stack) that sends nothing to an origin whose pause began while
/// the request waited.
#[derive(Clone, Debug)]
pub struct Rechecked<S> {
    inner: S,
    check: RecheckLayer,
}

impl<S> Rechecked<S> {
    /// The verdict for a request that has to go back. One without a context cannot be told from the
    /// probe, so it goes on.
    fn overtaken(&self, request: &Request<Bytes>) -> Option<Stopped> {
        if self.check.gate.is_open() {
            return None;
        }
        let call = request.extensions().get::<CallContext>()?;
        let wait = self.check.gate.holds_back(request.uri(), call)?;
        let stopped = Stopped::new(StopReason::Paused, held_back(Some(call)));
        Some(stopped.with_retry_at(self.check.wall.after(wait), wait))
    }
}

impl<S> Service<Request<Bytes>> for Rechecked<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
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
            Some(stopped) => State::HeldBack { stopped },
            None => State::Passing {
                inner: self.inner.call(request),
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
