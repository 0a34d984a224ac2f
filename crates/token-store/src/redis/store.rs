//! The protocol over any server.

use std::sync::Arc;
use std::time::Duration;

use super::server::Server;
use super::shared::Shared;
use crate::redis::call::Call;
use crate::redis::reply;
use crate::{Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, TokenStore};

/// A published message may be lost, so whoever waits looks for himself this often at least.
const LOOK: Duration = Duration::from_millis(250);

/// The store, for a real server and for one in memory.
#[derive(Debug)]
pub(crate) struct Protocol<S> {
    pub(crate) shared: Arc<Shared<S>>,
}

impl<S> Clone for Protocol<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S: Server> TokenStore for Protocol<S> {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.shared.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.shared.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.shared.try_lease(ttl).await
    }

    /// Waits to be told, and looks every 250 to 500 ms. What cannot be read has not changed.
    async fn changed(&self, since: Generation) {
        let server = &self.shared.server;
        let mut told = server.told().subscribe();
        loop {
            if *told.borrow_and_update() > since.number() {
                return;
            }
            let draw = getrandom::u32().unwrap_or(0);
            let pause = LOOK + LOOK.mul_f64(f64::from(draw) / f64::from(u32::MAX));
            // The sender lives as long as the server, so only the time or news ends this.
            if tokio::time::timeout(pause, told.changed()).await.is_ok() {
                continue;
            }
            let looked = server.call(&Call::Load).await.and_then(reply::seen);
            if looked.is_ok_and(|seen| seen.generation != since) {
                return;
            }
        }
    }

    fn kind(&self) -> &'static str {
        "redis"
    }
}
