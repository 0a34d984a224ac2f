//! A running sandbox: where it is, and its end.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::builder::SandboxBuilder;
use crate::connection;
use crate::error::SandboxError;
use crate::handle::SandboxHandle;
use crate::service::Service;

/// The user name that a sandbox knows unless it is told another.
pub const DEFAULT_USERNAME: &str = "sandbox_user";

/// The password that belongs to [`DEFAULT_USERNAME`].
pub const DEFAULT_PASSWORD: &str = "sandbox_pass";

/// What an in-memory connection holds in each direction.
const BUFFER: usize = 64 * 1024;

/// How long to leave the system alone after it refused a connection, for instance because files ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running service that behaves like AMP. Dropping it ends it with all its connections.
///
/// Everything that looks into it or steers it is on [`SandboxHandle`], which it dereferences to.
#[derive(Debug)]
#[must_use = "a sandbox ends when it is dropped"]
pub struct Sandbox {
    handle: SandboxHandle,
    base_url: String,
    addr: SocketAddr,
    /// Every task holds a receiver, which resolves when this is dropped and tells it when the task has ended.
    stop: watch::Sender<()>,
}

impl Sandbox {
    /// Sets up a new sandbox.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    pub(crate) async fn listen(service: Service, port: u16) -> Result<Self, SandboxError> {
        let bind_error = |source| SandboxError::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(bind_error)?;
        let addr = listener.local_addr().map_err(bind_error)?;
        let base_url = format!("http://{addr}{}", service.address_path());
        let sandbox = Self::new(service, base_url, addr);
        tokio::spawn(accept(listener, sandbox.handle(), sandbox.stop.subscribe()));
        Ok(sandbox)
    }

    pub(crate) fn without_socket(service: Service) -> Self {
        let base_url = format!("http://localhost{}", service.address_path());
        Self::new(service, base_url, (Ipv4Addr::LOCALHOST, 0).into())
    }

    fn new(service: Service, base_url: String, addr: SocketAddr) -> Self {
        Self {
            handle: SandboxHandle::new(service),
            base_url,
            addr,
            stop: watch::Sender::new(()),
        }
    }

    /// What a client is configured with, such as `http://127.0.0.1:41234/api`; no slash at the end. Clients of CIDX add
    /// `/api` themselves.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address that is listened on; its port is 0 when there is no socket.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A handle for another task.
    pub fn handle(&self) -> SandboxHandle {
        self.handle.clone()
    }

    /// Opens one more connection without a socket and serves it on the current runtime.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(BUFFER);
        tokio::spawn(connection::serve(
            server,
            self.handle(),
            self.stop.subscribe(),
        ));
        client
    }

    /// Ends the service and waits until its connections and its port are free.
    ///
    /// # Cancel safety
    /// Dropping the future still ends the service; it only stops the waiting.
    pub async fn shutdown(self) {
        self.stop.send_replace(());
        self.stop.closed().await;
    }
}

impl Deref for Sandbox {
    type Target = SandboxHandle;

    fn deref(&self) -> &SandboxHandle {
        &self.handle
    }
}

async fn accept(listener: TcpListener, sandbox: SandboxHandle, mut stop: watch::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY was not set");
                }
                tokio::spawn(connection::serve(stream, sandbox.clone(), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_shared_between_tasks() {
        fn assert_shareable<T: Send + Sync + 'static>() {}
        assert_shareable::<Sandbox>();
        assert_shareable::<SandboxHandle>();
        assert_shareable::<SandboxError>();
    }
}
