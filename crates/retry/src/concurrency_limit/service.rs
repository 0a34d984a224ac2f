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
