//! Connecting in time, and not standing still for too long afterwards.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::Connection;
use tokio::time::timeout;
use tower_service::Service;

use super::dial::Connecting;
use super::idle::{Idle, IdleLimits};
use crate::error::BoxError;

/// Bounds everything before the first byte of HTTP: name, proxy, TCP and TLS together. What comes of
/// it is bounded by how long it may stand still.
///
/// hyper-util clones its connector for each request, although few of them connect, so a clone is a
/// reference count.
#[derive(Clone, Debug)]
pub(crate) struct Timed<C>(Arc<Limited<C>>);

#[derive(Debug)]
struct Limited<C> {
    inner: C,
    limit: Duration,
    idle: IdleLimits,
}

impl<C> Timed<C> {
    pub(crate) fn new(inner: C, limit: Duration, idle: IdleLimits) -> Self {
        Self(Arc::new(Limited { inner, limit, idle }))
    }
}

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri, Error = BoxError> + Clone + Send + 'static,
    C::Response: Connection + Send + 'static,
    C::Future: Send + 'static,
{
    type Response = Idle<C::Response>;
    type Error = BoxError;
    type Future = Connecting<Idle<C::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let (mut inner, limit, idle) = (self.0.inner.clone(), self.0.limit, self.0.idle);
        Box::pin(async move {
            let connecting = async move {
                poll_fn(|cx| inner.poll_ready(cx)).await?;
                inner.call(address).await
            };
            let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
            let stream = timeout(limit, connecting).await.map_err(late)??;
            Ok(Idle::new(stream, idle))
        })
    }
}
