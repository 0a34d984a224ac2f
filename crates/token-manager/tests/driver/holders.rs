//! Somebody else has the lease: what a manager does until they are done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use token_core::{Clock, TokenData};
use token_manager::{PausedClock, ScriptedProvider, TokenManager};
use token_store::{
    Change, Commit, Committed, Generation, Lease, LeaseAttempt, Loaded, MemoryStore, OpId, Record,
    StoreError, TokenStore,
};
use tokio::time::{Instant, sleep};

use crate::kit::{DAY, GatedProvider, builder, millis, secs, token};

/// A store in memory that counts what it is asked.
#[derive(Clone, Debug, Default)]
struct CountingStore {
    memory: MemoryStore,
    loads: Arc<AtomicU32>,
    tries: Arc<AtomicU32>,
    /// How often somebody began to wait for a change.
    watches: Arc<AtomicU32>,
}

impl CountingStore {
    fn counts(&self) -> [u32; 3] {
        [&self.loads, &self.tries, &self.watches].map(|count| count.load(Ordering::SeqCst))
    }
}

impl TokenStore for CountingStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.memory.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.memory.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.tries.fetch_add(1, Ordering::SeqCst);
        self.memory.try_lease(ttl).await
    }

    async fn changed(&self, since: Generation) {
        self.watches.fetch_add(1, Ordering::SeqCst);
        self.memory.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "counting"
    }
}

async fn lease(store: &MemoryStore) -> Lease {
    match store.try_lease(secs(45)).await {
        LeaseAttempt::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// Stores a token that is as old as this, as the holder of the lease would.
async fn stores(memory: &MemoryStore, text: &str, age: Duration) {
    let expected = memory.load().await.unwrap().generation;
    let obtained_at = PausedClock::new().now().wall - age;
    let data = TokenData::with_lifetime(token(text), obtained_at, DAY);
    let op_id = OpId::new(u128::from(expected.number()) + 1);
    let commit = Commit::new(expected, Change::Put(Record::new(data)), op_id);
    let committed = memory.commit(commit).await.unwrap();
    assert!(matches!(committed, Committed::Stored { .. }));
}

fn manager_over(provider: &ScriptedProvider, store: &CountingStore) -> TokenManager {
    builder(provider).store(store.clone()).build()
}

// the token is taken over when it is stored, without a turn at the lease, and the store is
// not asked over and over until then.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_holder_is_served_at_its_commit_and_asks_the_store_little() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = CountingStore::default();
    let lease = lease(&store.memory).await;
    let manager = manager_over(&provider, &store);
    let started = Instant::now();
    let holder = async {
        sleep(secs(10)).await;
        stores(&store.memory, "theirs", Duration::ZERO).await;
    };
    let (answer, ()) = tokio::join!(manager.get_token(), holder);
    assert_eq!(answer.unwrap(), token("theirs"));
    assert_eq!(
        started.elapsed(),
        secs(10),
        "the holder still has the lease"
    );
    assert_eq!(provider.obtains(), 0);

    let [loads, tries, watches] = store.counts();
    assert_eq!((loads, watches), (2, 1));
    assert!((200..=401).contains(&tries), "{tries}");
    drop(lease);
}

// one that was stored before may be what the caller wants to get rid of.
#[tokio::test(start_paused = true)]
async fn a_forced_refresh_beside_a_holder_is_not_content_with_what_was_stored_before() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = CountingStore::default();
    stores(&store.memory, "before", secs(60)).await;
    let lease = lease(&store.memory).await;
    let manager = manager_over(&provider, &store);
    let mut forced = Box::pin(manager.force_refresh());
    let waits = tokio::time::timeout(secs(5), &mut forced).await;
    assert!(waits.is_err(), "{waits:?}");
    lease.release().await.unwrap();
    assert_eq!(forced.await.unwrap(), token("token-1"));
    assert_eq!((provider.obtains(), provider.refreshes()), (0, 1));
}

//
#[tokio::test(start_paused = true)]
async fn a_forced_refresh_takes_over_what_the_holder_stored_meanwhile() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = CountingStore::default();
    stores(&store.memory, "before", secs(60)).await;
    let _lease = lease(&store.memory).await;
    let manager = manager_over(&provider, &store);
    let holder = async {
        sleep(secs(3)).await;
        stores(&store.memory, "theirs", Duration::ZERO).await;
    };
    let (answer, ()) = tokio::join!(manager.refresh_token(), holder);
    assert_eq!(answer.unwrap(), token("theirs"));
    assert_eq!((provider.obtains(), provider.refreshes()), (0, 0));
}

// whoever only wanted a token gets the stored one, and the renewal follows.
#[tokio::test(start_paused = true)]
async fn a_forced_refresh_that_shares_the_flight_of_a_reader_renews_what_that_found() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = CountingStore::default();
    stores(&store.memory, "before", secs(60)).await;
    let manager = manager_over(&provider, &store);
    let mut plain = Box::pin(manager.get_token());
    assert!((&mut plain).now_or_never().is_none());
    let (plain, forced) = tokio::join!(plain, manager.refresh_token());
    assert_eq!(plain.unwrap(), token("before"));
    assert_eq!(forced.unwrap(), token("token-1"));
    assert_eq!((provider.obtains(), provider.refreshes()), (0, 1));
}

// each wants a login of its own; nobody waits long for its turn after another's commit.
#[tokio::test(start_paused = true)]
async fn forced_logins_of_two_managers_follow_each_other_within_moments() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let manager = || builder(&provider).store(store.clone()).build();
    let (first, second) = (manager(), manager());
    let mut theirs = Box::pin(first.obtain_token());
    assert!((&mut theirs).now_or_never().is_none());
    provider.started().await;
    let mut ours = Box::pin(second.obtain_token());
    assert!((&mut ours).now_or_never().is_none());
    sleep(secs(10)).await;
    let started = Instant::now();
    provider.open();
    theirs.await.unwrap();
    provider.open();
    assert_eq!(ours.await.unwrap(), token("token-2"));
    assert!(started.elapsed() <= millis(50), "{:?}", started.elapsed());
}
