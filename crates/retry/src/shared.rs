//! A service that calls share instead of cloning it.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use tower_service::Service;

/// A service that is called by reference, so that a clone is a reference count, however many layers there
/// are. It is always ready: what is called by reference has nothing to get ready beforehand.
#[derive(Debug)]
pub struct Shared<S>(Arc<S>);

impl<S> Shared<S> {
    pub(crate) fn new(service: S) -> Self {
        Self(Arc::new(service))
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Service<Request<Bytes>> for Shared<S>
where
    S: Service<Request<Bytes>>,
    for<'a> &'a S:
        Service<Request<Bytes>, Response = S::Response, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> S::Future {
        (&*self.0).call(request)
    }
}

impl<S> Service<Request<Bytes>> for &Shared<S>
where
    S: Service<Request<Bytes>>,
    for<'a> &'a S:
        Service<Request<Bytes>, Response = S::Response, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> S::Future {
        (&*self.0).call(request)
    }
}
