//! Starts a session of tries for each request.

use std::mem;
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
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        RetryFuture::start(ready, request, session)
    }
}
