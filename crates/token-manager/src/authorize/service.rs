//! The service.

use std::mem;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, TokenError};
use tower_service::Service;

use super::{Origins, ResponseFuture};
use crate::TokenManager;

/// Puts the token on requests; see [`AuthorizeLayer`](super::AuthorizeLayer).
#[derive(Clone, Debug)]
pub struct Authorize<S> {
    inner: S,
    tokens: TokenManager,
    origins: Origins,
}

impl<S> Authorize<S> {
    pub(super) fn new(inner: S, tokens: TokenManager, origins: Origins) -> Self {
        Self {
            inner,
            tokens,
            origins,
        }
    }

    /// Whether the token belongs on this request of this call.
    fn concerns(&self, request: &Request<Bytes>, call: Option<&CallContext>) -> bool {
        let anonymous = call.is_some_and(CallContext::is_anonymous)
            || request.headers().contains_key(http::header::AUTHORIZATION);
        !anonymous && self.origins.allow(request.uri())
    }
}

/// A request to another origin, one whose call is anonymous, and one that brings its own
/// `Authorization` pass through untouched.
impl<S> Service<Request<Bytes>> for Authorize<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<TokenError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let clone = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, clone);
        let context = request.extensions().get::<CallContext>();
        if !self.concerns(&request, context) {
            return ResponseFuture::untouched(ready.call(request));
        }
        let context = context.cloned();
        ResponseFuture::authorized(ready, self.tokens.clone(), request, context)
    }
}

/// For whoever shares the service, over one that is shared, too.
impl<'a, S> Service<Request<Bytes>> for &'a Authorize<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<TokenError>,
    &'a S:
        Service<Request<Bytes>, Response = Response<Bytes>, Error = S::Error, Future = S::Future>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let context = request.extensions().get::<CallContext>();
        if !self.concerns(&request, context) {
            return ResponseFuture::untouched((&self.inner).call(request));
        }
        let context = context.cloned();
        ResponseFuture::authorized(self.inner.clone(), self.tokens.clone(), request, context)
    }
}
