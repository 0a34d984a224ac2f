//! Gives each call its deadline, and the context that carries it.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Classify, Idempotency, Stopped};
use tokio::time::Instant;
use tower_service::Service;

use super::DeadlineFuture;
use crate::call;
use crate::observer::Observer;

/// The service that [`DeadlineLayer`](super::DeadlineLayer) makes.
#[derive(Clone, Debug)]
pub struct Deadline<S> {
    inner: S,
    total: Duration,
    assumed_class: Idempotency,
    observer: Observer,
}

impl<S> Deadline<S> {
    pub(super) const fn new(
        inner: S,
        total: Duration,
        assumed_class: Idempotency,
        observer: Observer,
    ) -> Self {
        Self {
            inner,
            total,
            assumed_class,
            observer,
        }
    }
}

impl<S> Service<Request<Bytes>> for Deadline<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let call = call::context(&mut request, self.assumed_class);
        let now = Instant::now().into_std();
        call.start(now, self.total);
        if call.remaining(now).is_some_and(|left| left.is_zero()) {
            return DeadlineFuture::expired(call, self.observer.watch(&request));
        }
        let deadline = call.deadline();
        let watch = self.observer.watch(&request);
        DeadlineFuture::running(self.inner.call(request), call, deadline, watch)
    }
}
