//! A token that was cleared does not come back.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join;
use token_manager::ScriptedProvider;
use token_store::{
    Commit, Committed, Generation, LeaseAttempt, Loaded, MemoryStore, StoreError, TokenStore,
};
use tokio::time::{advance, sleep};

use crate::kit::{DAY, GatedProvider, builder, millis, secs, token};

// W-A20, A-34: who waited gets the token; nobody else ever sees it.
#[tokio::test(start_paused = true)]
async fn a_token_that_was_under_way_at_a_clear_does_not_come_back() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    let mut caller = Box::pin(manager.get_token());
    assert!((&mut caller).now_or_never().is_none());
    provider.started().await;
    manager.clear_token().await.unwrap();
    provider.open();
    assert_eq!(caller.await.unwrap(), token("token-1"));
    assert_eq!(manager.try_current(), None);
    assert_eq!(store.load().await.unwrap().record, None);

    provider.open();
    assert_eq!(manager.get_token().await.unwrap(), token("token-2"));
}

// W-A20: the old flight is not what a caller after the clear waits for.
#[tokio::test(start_paused = true)]
async fn who_asks_after_a_clear_gets_a_token_of_a_later_login() {
    let provider = GatedProvider::new();
    let manager = builder(&provider).build();
    assert!(manager.get_token().now_or_never().is_none());
    provider.started().await;
    manager.clear_token().await.unwrap();
    let mut late = Box::pin(manager.get_token());
    assert!((&mut late).now_or_never().is_none());
    assert_eq!(provider.logins(), 1, "never two at a time");
    provider.open();
    provider.open();
    assert_eq!(late.await.unwrap(), token("token-2"));
}

// W-A20: the store still has the token when the next caller looks.
#[tokio::test(start_paused = true)]
async fn a_caller_in_the_middle_of_a_clear_does_not_bring_the_token_back() {
    for moment in [0, 5, 15, 25, 35] {
        let provider = ScriptedProvider::with_latency(Duration::ZERO);
        let store = SlowStore(MemoryStore::new());
        let manager = builder(&provider).store(store).build();
        manager.get_token().await.unwrap();
        let clear = async {
            manager.clear_token().await.unwrap();
            let served = manager.try_current();
            assert_ne!(
                served,
                Some("token token-1".parse().unwrap()),
                "{moment} ms"
            );
        };
        let caller = async {
            sleep(millis(moment)).await;
            manager.get_token_info().await;
            manager.get_token().await.unwrap();
        };
        join(clear, caller).await;
        let later = manager.get_token().await.unwrap();
        assert_ne!(later, token("token-1"), "{moment} ms");
    }
}

// W-A20, A-34: what it stores would be what the next caller finds.
#[tokio::test(start_paused = true)]
async fn a_flight_that_meets_the_cleared_store_leaves_it_empty() {
    let provider = ScriptedProvider::with_latency(secs(1));
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    manager.get_token().await.unwrap();
    advance(DAY - secs(60)).await;
    assert!(
        manager.try_current().is_some(),
        "and a refresh is on its way"
    );
    manager.clear_token().await.unwrap();
    sleep(secs(10)).await;
    assert_eq!(provider.refreshes(), 0, "what was cleared is not renewed");
    assert_eq!(store.load().await.unwrap().record, None);

    assert_eq!(manager.get_token().await.unwrap(), token("token-3"));
    assert_eq!(provider.obtains(), 3, "at first, by that flight, and now");
}

// W-A20: what was read before the clear is not news after it.
#[tokio::test(start_paused = true)]
async fn a_load_that_was_under_way_at_a_clear_brings_nothing_back() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let memory = MemoryStore::new();
    let earlier = builder(&provider).store(memory.clone()).build();
    earlier.get_token().await.unwrap();
    let manager = builder(&provider).store(SlowStore(memory)).build();
    let clear = async {
        sleep(millis(5)).await;
        manager.clear_token().await.unwrap();
    };
    join(manager.load(), clear).await;
    assert_eq!(manager.try_current(), None);
}

/// A store that takes 10 ms for whatever it does.
#[derive(Debug)]
struct SlowStore(MemoryStore);

impl TokenStore for SlowStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        let loaded = self.0.load().await;
        sleep(millis(10)).await;
        loaded
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        sleep(millis(10)).await;
        self.0.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.0.try_lease(ttl).await
    }

    async fn changed(&self, since: Generation) {
        self.0.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "slow"
    }
}
