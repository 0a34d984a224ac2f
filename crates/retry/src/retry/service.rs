//! Starts a session of tries for each request.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use token_core::{Classify, Stopped};
use tower_service::Service;

use super::{RetryFuture, Rules, Session};

/// The service that [`RetryLayer`](super::RetryLayer) makes.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> Retry<S> {
    pub(super) const fn new(inner: S, rules: Arc<Rules>) -> Self {
        Self { inner, rules }
    }
}

impl<S> Service<Request<Bytes>> for Retry<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RetryFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let session = Session::of(&mut request, Arc::clone(&self.rules));
        let copy = session.begin_with(&request);
        // The readied service sends; further tries ready a clone of it.
        let future = self.inner.call(request);
        RetryFuture::trying(future, session, copy, self.inner.clone())
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a Retry<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<Stopped> + Classify,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = RetryFuture<S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let session = Session::of(&mut request, Arc::clone(&self.rules));
        let copy = session.begin_with(&request);
        let future = (&self.inner).call(request);
        RetryFuture::trying(future, session, copy, self.inner.clone())
    }
}
