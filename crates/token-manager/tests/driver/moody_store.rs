//! A store that dawdles, fails and hangs by chance.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use token_store::{
    Commit, Committed, Generation, LeaseAttempt, Loaded, MemoryStore, StoreError, StoreErrorKind,
    TokenStore,
};
use tokio::time::sleep;

use crate::kit::millis;

#[derive(Clone, Debug)]
pub(crate) struct MoodyStore {
    memory: MemoryStore,
    rng: Arc<Mutex<fastrand::Rng>>,
}

impl MoodyStore {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            memory: MemoryStore::new(),
            rng: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))),
        }
    }

    async fn mood(&self) -> Result<(), StoreError> {
        let (luck, latency) = {
            let mut rng = self.rng.lock().unwrap();
            (rng.u8(..20), millis(rng.u64(..500)))
        };
        sleep(latency).await;
        match luck {
            0 => std::future::pending().await,
            1..=4 => Err(StoreError::new(StoreErrorKind::Io, "the disk fails")),
            _ => Ok(()),
        }
    }
}

impl TokenStore for MoodyStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.mood().await?;
        self.memory.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.mood().await?;
        let committed = self.memory.commit(commit).await?;
        self.mood().await?;
        Ok(committed)
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        match self.mood().await {
            Ok(()) => self.memory.try_lease(ttl).await,
            Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    async fn changed(&self, since: Generation) {
        self.memory.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "moody"
    }
}

/// A store of which nothing works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenStore;

fn broken() -> StoreError {
    StoreError::new(StoreErrorKind::Io, "the disk fails")
}

impl TokenStore for BrokenStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        Err(broken())
    }

    async fn commit(&self, _commit: Commit) -> Result<Committed, StoreError> {
        Err(broken())
    }

    async fn try_lease(&self, _ttl: Duration) -> LeaseAttempt {
        LeaseAttempt::Unavailable(broken())
    }

    async fn changed(&self, _since: Generation) {
        std::future::pending().await
    }

    fn kind(&self) -> &'static str {
        "broken"
    }
}
