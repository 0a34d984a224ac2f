//! Connecting in time, and not standing still for too long afterwards.

use std::io;
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
#[derive(Clone, Debug)]
pub(crate) struct Timed<C> {
    inner: C,
    limit: Duration,
    idle: IdleLimits,
}

impl<C> Timed<C> {
    pub(crate) const fn new(inner: C, limit: Duration, idle: IdleLimits) -> Self {
        Self { inner, limit, idle }
    }
}

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri, Error = BoxError>,
    C::Response: Connection + Send + 'static,
    C::Future: Send + 'static,
{
    type Response = Idle<C::Response>;
    type Error = BoxError;
    type Future = Connecting<Idle<C::Response>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let (connecting, limit, idle) = (self.inner.call(address), self.limit, self.idle);
        Box::pin(async move {
            let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
            let stream = timeout(limit, connecting).await.map_err(late)??;
            Ok(Idle::new(stream, idle))
        })
    }
}
