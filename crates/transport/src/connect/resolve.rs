//! From a name to addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use super::PlainHttpRefused;
use crate::error::BoxError;

/// The name has no address.
#[derive(Debug, Default, thiserror::Error)]
#[error("the name could not be resolved")]
pub(crate) struct NoAddress(#[source] Option<io::Error>);

/// The system's resolver, narrowed to the addresses that may be connected to.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    system: GaiResolver,
    loopback_only: bool,
}

impl Resolver {
    pub(crate) fn new(loopback_only: bool) -> Self {
        Self {
            system: GaiResolver::new(),
            loopback_only,
        }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.system.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (resolving, loopback_only) = (self.system.call(name), self.loopback_only);
        Box::pin(async move {
            let found = resolving.await.map_err(|error| NoAddress(Some(error)))?;
            Ok(allowed(found.collect(), loopback_only)?.into_iter())
        })
    }
}

fn allowed(mut found: Vec<SocketAddr>, loopback_only: bool) -> Result<Vec<SocketAddr>, BoxError> {
    if found.is_empty() {
        return Err(NoAddress::default().into());
    }
    if loopback_only {
        found.retain(|address| address.ip().is_loopback());
        if found.is_empty() {
            return Err(PlainHttpRefused.into());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A26
    #[test]
    fn without_tls_only_loopback_addresses_are_left() {
        let far: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let near: SocketAddr = "[::1]:80".parse().unwrap();
        assert_eq!(allowed(vec![far, near], true).unwrap(), [near]);
        assert_eq!(allowed(vec![far, near], false).unwrap(), [far, near]);
        let refused = allowed(vec![far], true).unwrap_err();
        assert!(refused.is::<PlainHttpRefused>(), "{refused:?}");
        assert!(allowed(Vec::new(), true).unwrap_err().is::<NoAddress>());
    }
}
