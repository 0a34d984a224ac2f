//! Leases that end before their holder is done.

use std::time::Duration;

use token_core::Lifetime;
use token_core::flight::Renewal;
use token_manager::{PausedClock, ScriptedProvider};
use token_store::{
    Commit, Committed, FailureNote, Generation, Lease, LeaseAttempt, LeaseFuture, LeaseGuard,
    Loaded, MemoryStore, StoreError, TokenStore,
};
use tokio::time::advance;

use crate::kit::{builder, secs, token};

/// A store in memory whose leases last for `left` more.
#[derive(Clone, Debug)]
struct ShortLeases {
    memory: MemoryStore,
    left: Duration,
}

struct ShortLease {
    lease: Option<Lease>,
    left: Duration,
}

impl LeaseGuard for ShortLease {
    fn mark_sent(&mut self, basis: Generation) -> LeaseFuture<'_> {
        let lease = self.lease.as_mut().unwrap();
        Box::pin(lease.mark_sent(basis))
    }

    fn note(&mut self, _note: Option<FailureNote>) -> LeaseFuture<'_> {
        Box::pin(async { Ok(()) })
    }

    fn release(mut self: Box<Self>, keep_mark: bool) -> LeaseFuture<'static> {
        let lease = self.lease.take().unwrap();
        let lease = if keep_mark { lease.keep_mark() } else { lease };
        Box::pin(lease.release())
    }

    fn covers(&self, span: Duration) -> bool {
        span <= self.left
    }
}

impl TokenStore for ShortLeases {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.memory.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.memory.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        let LeaseAttempt::Acquired(lease) = self.memory.try_lease(ttl).await else {
            return LeaseAttempt::Held(None);
        };
        let guard = ShortLease {
            left: self.left,
            lease: Some(lease),
        };
        let fence = guard.lease.as_ref().unwrap().fence();
        LeaseAttempt::Acquired(Lease::new(fence, Box::new(guard)))
    }

    async fn changed(&self, since: Generation) {
        self.memory.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "short leases"
    }
}

// W-C16: what two hosts show looks stolen, and is taken away from both.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_may_outlast_its_lease_is_not_sent() {
    for (left, obtains, refreshes) in [(Duration::ZERO, 2, 0), (secs(60), 1, 1)] {
        let hour = Lifetime::Stated(secs(3_600));
        let provider = ScriptedProvider::new(Duration::ZERO, Renewal::RefreshToken, hour);
        let store = ShortLeases {
            memory: MemoryStore::new(),
            left,
        };
        let builder = builder(&provider).clock(PausedClock::new());
        let manager = builder.store(store.clone()).build();
        manager.get_token().await.unwrap();
        advance(secs(3_400)).await;
        assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
        manager.close().await;
        assert_eq!(
            (provider.obtains(), provider.refreshes()),
            (obtains, refreshes)
        );
        let stored = store.load().await.unwrap().record.unwrap();
        assert_eq!(*stored.token.token(), token("token-2"));
    }
}
