//! A store in memory that fails at what it is told to, or holds what it is asked back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use token_store::{
    Commit, Committed, Generation, LeaseAttempt, Loaded, MemoryStore, StoreError, StoreErrorKind,
    TokenStore,
};
use tokio::time::sleep;

use crate::kit::millis;

#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyStore {
    pub(crate) inner: MemoryStore,
    load: Arc<AtomicBool>,
    commit: Arc<AtomicBool>,
    lease: Arc<AtomicBool>,
    pub(crate) hold: Arc<AtomicBool>,
    pub(crate) hold_loads: Arc<AtomicBool>,
}

impl FaultyStore {
    pub(crate) fn fail(&self, load: bool, commit: bool, lease: bool) {
        self.load.store(load, Ordering::SeqCst);
        self.commit.store(commit, Ordering::SeqCst);
        self.lease.store(lease, Ordering::SeqCst);
    }
}

fn check(fails: &AtomicBool) -> Result<(), StoreError> {
    if fails.load(Ordering::SeqCst) {
        return Err(StoreError::new(StoreErrorKind::NoSpace, "the disk is full"));
    }
    Ok(())
}

impl TokenStore for FaultyStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        check(&self.load)?;
        while self.hold_loads.load(Ordering::SeqCst) {
            sleep(millis(10)).await;
        }
        self.inner.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        check(&self.commit)?;
        while self.hold.load(Ordering::SeqCst) {
            sleep(millis(10)).await;
        }
        self.inner.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        match check(&self.lease) {
            Ok(()) => self.inner.try_lease(ttl).await,
            Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    async fn changed(&self, since: Generation) {
        self.inner.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "faulty"
    }
}
