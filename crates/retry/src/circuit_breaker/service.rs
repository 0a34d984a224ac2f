//! Asks the breaker before each request.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, StopReason, Stopped};
use tower_service::Service;

use super::{CircuitBreaker, CircuitBreakerFuture, Judge, Refused};
use crate::call::held_back;

/// The service that [`CircuitBreakerLayer`](super::CircuitBreakerLayer) makes.
#[derive(Clone, Debug)]
pub struct CircuitGuarded<S> {
    inner: S,
    breaker: CircuitBreaker,
    judge: Arc<Judge>,
}

impl<S> CircuitGuarded<S> {
    pub(super) const fn new(inner: S, breaker: CircuitBreaker, judge: Arc<Judge>) -> Self {
        Self {
            inner,
            breaker,
            judge,
        }
    }

    fn stopped(&self, call: Option<&CallContext>, refused: &Refused) -> Stopped {
        let stopped = Stopped::new(StopReason::CircuitOpen, held_back(call));
        match refused.wait {
            Some(wait) => stopped.with_retry_at(self.judge.wall.after(wait), wait),
            None => stopped,
        }
    }
}

impl<S> Service<Request<Bytes>> for CircuitGuarded<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CircuitBreakerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        match self.breaker.admit(|| request.extensions().get()) {
            Ok(entry) => {
                CircuitBreakerFuture::sent(self.inner.call(request), entry, Arc::clone(&self.judge))
            }
            Err(refused) => {
                // The readied service goes: it may hold something that a refusal must not keep.
                let fresh = self.inner.clone();
                drop(mem::replace(&mut self.inner, fresh));
                let call = request.extensions().get();
                CircuitBreakerFuture::refused(self.stopped(call, &refused))
            }
        }
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a CircuitGuarded<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CircuitBreakerFuture<S::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        match self.breaker.admit(|| request.extensions().get()) {
            Ok(entry) => {
                let judge = Arc::clone(&self.judge);
                CircuitBreakerFuture::sent((&self.inner).call(request), entry, judge)
            }
            Err(refused) => {
                let call = request.extensions().get();
                CircuitBreakerFuture::refused(self.stopped(call, &refused))
            }
        }
    }
}
