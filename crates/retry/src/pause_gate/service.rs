//! Asks the gate before each request.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Classify, Stopped};
use tower_service::Service;

use super::{Entry, Origin, Patience, PauseGate, PauseGateFuture};

/// The service that [`PauseGateLayer`](super::PauseGateLayer) makes.
#[derive(Clone, Debug)]
pub struct PauseGated<S> {
    inner: S,
    gate: PauseGate,
    patience: Arc<Patience>,
}

impl<S> PauseGated<S> {
    pub(super) const fn new(inner: S, gate: PauseGate, patience: Arc<Patience>) -> Self {
        Self {
            inner,
            gate,
            patience,
        }
    }
}

impl<S> Service<Request<Bytes>> for PauseGated<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = PauseGateFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let entry = Entry::new(self.gate.clone(), Origin::of(request.uri()));
        let patience = Arc::clone(&self.patience);
        if self.gate.is_open() {
            return PauseGateFuture::passing(self.inner.call(request), entry, patience);
        }
        // The readied service goes: it may hold something that nobody should hold while waiting.
        let fresh = self.inner.clone();
        drop(mem::replace(&mut self.inner, fresh.clone()));
        PauseGateFuture::waiting(fresh, request, entry, patience)
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a PauseGated<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = PauseGateFuture<S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let entry = Entry::new(self.gate.clone(), Origin::of(request.uri()));
        let patience = Arc::clone(&self.patience);
        if self.gate.is_open() {
            return PauseGateFuture::passing((&self.inner).call(request), entry, patience);
        }
        PauseGateFuture::waiting(self.inner.clone(), request, entry, patience)
    }
}
