//! The end of the stack of API calls.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower::Service;
use transport::{CallError, Transport, TransportFuture};

/// The one place where the transport's error becomes that of the stack, and where the last header is set:
/// above, each try would be a copy with it.
#[derive(Clone, Debug)]
pub(crate) struct Sender(pub(crate) Transport);

impl Service<Request<Bytes>> for Sender {
    type Response = Response<Bytes>;
    type Error = CallError;
    type Future = Sending;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Sending {
        (&*self).call(request)
    }
}

impl Service<Request<Bytes>> for &Sender {
    type Response = Response<Bytes>;
    type Error = CallError;
    type Future = Sending;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Sending {
        amp_api::Request::accept(&mut request);
        Sending((&self.0).call(request))
    }
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Sending(TransportFuture);

impl Future for Sending {
    type Output = Result<Response<Bytes>, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(CallError::from)
    }
}
