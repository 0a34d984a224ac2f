//! Gives each call its deadline, and the context that carries it.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, Idempotency, Stopped};
use tokio::time::Instant;
use tower_service::Service;

use super::DeadlineFuture;
use crate::call;
use crate::observer::{Observer, Watch};

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

    /// Starts the time of a call; the last part is whether some is left.
    fn start(&self, request: &mut Request<Bytes>) -> (Started, bool) {
        let call = call::context(request, self.assumed_class);
        let now = Instant::now().into_std();
        call.start(now, self.total);
        let has_time = call.remaining(now).is_none_or(|left| !left.is_zero());
        let watch = self.observer.watch(request);
        (Started { call, now, watch }, has_time)
    }
}

/// A call that starts.
pub(super) struct Started {
    pub(super) call: CallContext,
    pub(super) now: std::time::Instant,
    pub(super) watch: Watch,
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
        let (started, has_time) = self.start(&mut request);
        match has_time {
            true => DeadlineFuture::new(self.inner.call(request), started),
            false => DeadlineFuture::over(started),
        }
    }
}

/// For whoever shares the service, over one that can be shared.
impl<'a, S, F, E> Service<Request<Bytes>> for &'a Deadline<S>
where
    &'a S: Service<Request<Bytes>, Response = Response<Bytes>, Error = E, Future = F>,
    F: Future<Output = Result<Response<Bytes>, E>>,
    E: From<Stopped> + Classify,
{
    type Response = Response<Bytes>;
    type Error = E;
    type Future = DeadlineFuture<F>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        (&self.inner).poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let (started, has_time) = self.start(&mut request);
        match has_time {
            true => DeadlineFuture::new((&self.inner).call(request), started),
            false => DeadlineFuture::over(started),
        }
    }
}
