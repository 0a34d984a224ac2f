//! Gives each try its time.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, Stopped};
use tokio::time::Instant;
use tower_service::Service;

use super::AttemptTimeoutFuture;
use crate::call::{self, Try};
use crate::monotonic::later;
use crate::observer::Observer;

/// The service that [`AttemptTimeoutLayer`](super::AttemptTimeoutLayer) makes.
#[derive(Clone, Debug)]
pub struct AttemptTimeout<S> {
    inner: S,
    limit: Duration,
    observer: Observer,
}

impl<S> AttemptTimeout<S> {
    pub(super) const fn new(inner: S, limit: Duration, observer: Observer) -> Self {
        Self {
            inner,
            limit,
            observer,
        }
    }
}

impl<S> Service<Request<Bytes>> for AttemptTimeout<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = AttemptTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let call = request.extensions().get::<CallContext>().cloned();
        let now = Instant::now();
        let (left, reason) = call::allowance(self.limit, call.as_ref(), now);
        if left.is_zero() {
            return AttemptTimeoutFuture::over(call::not_begun(reason, call.as_ref()));
        }
        let attempt = Try::begin(call, self.observer.watch(&request));
        AttemptTimeoutFuture::running(self.inner.call(request), attempt, later(now, left), reason)
    }
}
