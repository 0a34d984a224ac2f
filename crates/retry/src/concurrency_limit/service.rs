//! Takes a permit for each request.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, StopReason, Stopped};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tower_service::Service;

use super::ConcurrencyLimitFuture;
use crate::call;

/// The service that [`ConcurrencyLimitLayer`](super::ConcurrencyLimitLayer) makes.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit<S> {
    inner: S,
    permits: Arc<Semaphore>,
    longest_wait: Duration,
}

impl<S> ConcurrencyLimit<S> {
    pub(super) const fn new(inner: S, permits: Arc<Semaphore>, longest_wait: Duration) -> Self {
        Self {
            inner,
            permits,
            longest_wait,
        }
    }
}

impl<S> ConcurrencyLimit<S>
where
    S: Service<Request<Bytes>>,
{
    /// Waits for a permit to send the request to `fresh`.
    fn wait(&self, fresh: S, request: Request<Bytes>) -> ConcurrencyLimitFuture<S> {
        let context = request.extensions().get::<CallContext>();
        let (wait, reason) = call::allowance(self.longest_wait, context, Instant::now());
        let reason = match reason {
            StopReason::AttemptTimeout(_) => StopReason::Saturated,
            other => other,
        };
        let permits = Arc::clone(&self.permits);
        ConcurrencyLimitFuture::waiting(fresh, request, permits, wait, reason)
    }
}

impl<S> Service<Request<Bytes>> for ConcurrencyLimit<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ConcurrencyLimitFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return ConcurrencyLimitFuture::sent(self.inner.call(request), permit);
        }
        // The readied service goes: what it may hold should be nobody's while he waits.
        let fresh = self.inner.clone();
        self.inner = fresh.clone();
        self.wait(fresh, request)
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a ConcurrencyLimit<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped>,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ConcurrencyLimitFuture<S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => ConcurrencyLimitFuture::sent((&self.inner).call(request), permit),
            Err(_) => self.wait(self.inner.clone(), request),
        }
    }
}
