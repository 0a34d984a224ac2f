//! Takes a permit for each request.

use std::mem;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::Stopped;
use tower_service::Service;

use super::{ConcurrencyLimit, ConcurrencyLimitFuture};

/// The service that [`ConcurrencyLimitLayer`](super::ConcurrencyLimitLayer) makes.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimited<S> {
    inner: S,
    limit: ConcurrencyLimit,
    longest_wait: Duration,
}

impl<S> ConcurrencyLimited<S> {
    pub(super) const fn new(inner: S, limit: ConcurrencyLimit, longest_wait: Duration) -> Self {
        Self {
            inner,
            limit,
            longest_wait,
        }
    }
}

impl<S> Service<Request<Bytes>> for ConcurrencyLimited<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ConcurrencyLimitFuture<S>;

    /// Takes no permit: whoever is ready and does not call must not keep others waiting.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        if let Some(permit) = self.limit.take_spare() {
            return ConcurrencyLimitFuture::sending(self.inner.call(request), permit);
        }
        // The readied service goes: it may hold something that nobody should hold while waiting.
        let fresh = self.inner.clone();
        drop(mem::replace(&mut self.inner, fresh.clone()));
        ConcurrencyLimitFuture::waiting(fresh, request, self.limit.place(), self.longest_wait)
    }
}
