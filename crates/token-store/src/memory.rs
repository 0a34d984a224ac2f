//! A store that ends with its process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::recent::{Done, RecentOps};
use crate::{
    Change, Commit, Committed, FailureNote, Fence, Generation, Lease, LeaseAttempt, LeaseFuture,
    LeaseGuard, Loaded, Record, StoreError, TokenStore,
};

/// Keeps the record in memory. A clone is another handle to the same record.
///
/// Nothing it does waits, so nothing can be cancelled half-way; nothing it stores is durable. A
/// lease ends with its guard and needs no `ttl`: no holder can die without dropping it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    moved: watch::Sender<Generation>,
}

#[derive(Debug, Default)]
struct State {
    record: Option<Record>,
    generation: Generation,
    recent: RecentOps,
    lease: LeaseState,
}

/// What outlives a lease, and whether there is one.
#[derive(Debug, Default)]
struct LeaseState {
    held: bool,
    last_fence: u64,
    sent: Option<Generation>,
    failure: Option<FailureNote>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    /// The state is whole between any two statements, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn loaded(&self) -> Loaded {
        Loaded::new(self.record.clone(), self.generation)
    }

    fn commit(&mut self, commit: Commit) -> Committed {
        if let Some(done) = self.recent.find(commit.op_id) {
            return done.into();
        }
        if commit.expected != self.generation {
            return Committed::Conflict(self.loaded());
        }
        self.record = match commit.change {
            Change::Put(record) => Some(record),
            Change::Clear => None,
        };
        self.generation = self.generation.next();
        let done = Done {
            op_id: commit.op_id,
            generation: self.generation,
            durable: false,
        };
        self.recent.remember(done);
        done.into()
    }
}

impl TokenStore for MemoryStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        Ok(self.state().loaded())
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let (committed, generation) = {
            let mut state = self.state();
            (state.commit(commit), state.generation)
        };
        // Outside the lock, and so perhaps after a later commit.
        self.shared.moved.send_if_modified(|moved| {
            let is_later = generation > *moved;
            *moved = generation.max(*moved);
            is_later
        });
        Ok(committed)
    }

    async fn try_lease(&self, _ttl: Duration) -> LeaseAttempt {
        let mut state = self.state();
        let lease = &mut state.lease;
        if lease.held {
            return LeaseAttempt::Held(lease.failure);
        }
        lease.held = true;
        lease.last_fence += 1;
        let guard = Box::new(MemoryLease(Arc::clone(&self.shared)));
        let granted = Lease::new(Fence::new(lease.last_fence), guard);
        LeaseAttempt::Acquired(granted.with_found(lease.sent, lease.failure))
    }

    async fn changed(&self, since: Generation) {
        let mut moved = self.shared.moved.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = moved.wait_for(|generation| *generation != since).await;
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}

#[derive(Debug)]
struct MemoryLease(Arc<Shared>);

impl LeaseGuard for MemoryLease {
    fn mark_sent(&mut self, basis: Generation) -> LeaseFuture<'_> {
        self.0.state().lease.sent = Some(basis);
        Box::pin(async { Ok(()) })
    }

    fn note(&mut self, note: Option<FailureNote>) -> LeaseFuture<'_> {
        self.0.state().lease.failure = note;
        Box::pin(async { Ok(()) })
    }

    fn release(self: Box<Self>, keep_mark: bool) -> LeaseFuture<'static> {
        if !keep_mark {
            self.0.state().lease.sent = None;
        }
        Box::pin(async { Ok(()) })
    }
}

impl Drop for MemoryLease {
    fn drop(&mut self) {
        self.0.state().lease.held = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::check_contract;

    #[tokio::test]
    async fn the_memory_store_keeps_the_contract() {
        check_contract(async || MemoryStore::new()).await;
    }

    #[tokio::test]
    async fn a_shared_memory_store_keeps_the_contract() {
        check_contract(async || crate::SharedTokenStore::new(MemoryStore::new())).await;
    }

    // W-C09: whoever is woken may look at once, and on the very thread that stored.
    #[test]
    fn who_waits_for_a_change_is_told_outside_the_lock() {
        use std::pin::pin;
        use std::task::{Context, Poll, Wake};

        struct LooksAtOnce(MemoryStore);
        impl Wake for LooksAtOnce {
            fn wake(self: Arc<Self>) {
                assert!(self.0.shared.state.try_lock().is_ok(), "still locked");
            }
        }

        let store = MemoryStore::new();
        let waker = Arc::new(LooksAtOnce(store.clone())).into();
        let mut context = Context::from_waker(&waker);
        let mut changed = pin!(store.changed(Generation::ZERO));
        assert!(changed.as_mut().poll(&mut context).is_pending());
        let record = crate::contract::record("t");
        let commit = Commit::new(Generation::ZERO, Change::Put(record), crate::OpId::new(1));
        let stored = pin!(store.commit(commit)).poll(&mut context);
        assert!(matches!(stored, Poll::Ready(Ok(Committed::Stored { .. }))));
        assert!(changed.poll(&mut context).is_ready());
    }

    //
    #[tokio::test]
    async fn debug_output_hides_the_token() {
        let store = MemoryStore::new();
        let record = crate::contract::record("s3cret");
        let commit = Commit::new(Generation::ZERO, Change::Put(record), crate::OpId::new(1));
        store.commit(commit).await.unwrap();
        let shown = format!("{store:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
