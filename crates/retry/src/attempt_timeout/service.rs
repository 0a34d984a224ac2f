//! Gives each try its time.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, StopReason, Stopped};
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

    /// Begins a try, if there is time for one.
    fn begin(&self, request: &Request<Bytes>) -> Result<Begun, Stopped> {
        let call = request.extensions().get::<CallContext>().cloned();
        let now = Instant::now();
        let (left, reason) = call::allowance(self.limit, call.as_ref(), now);
        if left.is_zero() {
            return Err(call::not_begun(reason, call.as_ref()));
        }
        Ok(Begun {
            attempt: Try::begin(call, self.observer.watch(request)),
            end: later(now, left),
            reason,
        })
    }
}

/// A try that begins.
pub(super) struct Begun {
    pub(super) attempt: Try,
    /// When its time is over, and what it is told then.
    pub(super) end: Instant,
    pub(super) reason: StopReason,
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
        match self.begin(&request) {
            Ok(begun) => AttemptTimeoutFuture::running(self.inner.call(request), begun),
            Err(stopped) => AttemptTimeoutFuture::over(stopped),
        }
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a AttemptTimeout<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped> + Classify,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = AttemptTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        match self.begin(&request) {
            Ok(begun) => AttemptTimeoutFuture::running((&self.inner).call(request), begun),
            Err(stopped) => AttemptTimeoutFuture::over(stopped),
        }
    }
}
