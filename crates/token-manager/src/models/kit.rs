//! What the models are made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use shuttle::future::{block_on, yield_now};
use shuttle::thread::{self, JoinHandle};
use token_core::flight::{FlightSettings, Renewal};
use token_core::lifecycle::{Epoch, Goal};
use token_core::{
    AccessToken, Clock, ErrorClass, Grant, Lifetime, ManualClock, RefreshPolicy, TokenData,
    TokenError, TokenFailure,
};
use token_store::{
    Change, Commit, Committed, Generation, LeaseAttempt, Loaded, MemoryStore, OpId, Record,
    SharedTokenStore, StoreError, TokenStore,
};

use crate::driver::Shared;
use crate::events::Outbox;
use crate::token_future::{Demand, TokenFuture};
use crate::{FlightContext, Scheme, SharedTokenProvider, TokenManager, TokenProvider};

const DAY: Duration = Duration::from_secs(86_400);

/// A manager, its authority and its store, and a clock that stands still.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) manager: TokenManager,
    pub(super) shared: Arc<Shared>,
    pub(super) authority: Authority,
    pub(super) store: MemoryStore,
}

impl World {
    /// Nobody has a token.
    pub(super) fn empty() -> Self {
        Self::of(Authority::default(), MemoryStore::new())
    }

    /// Nobody has a token, and the authority gives none for now.
    pub(super) fn down() -> Self {
        let authority = Authority {
            is_down: true,
            ..Authority::default()
        };
        Self::of(authority, MemoryStore::new())
    }

    /// The manager has no token; the store has `token-0`.
    pub(super) fn stored() -> Self {
        let store = MemoryStore::new();
        let change = Change::Put(Record::new(token_0()));
        let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
        block_on(store.commit(commit)).expect("memory takes everything");
        Self::of(Authority::default(), store)
    }

    /// The manager has the token of the store.
    pub(super) fn loaded() -> Self {
        let world = Self::stored();
        block_on(world.manager.load());
        assert!(world.epoch().is_some());
        world
    }

    fn of(authority: Authority, store: MemoryStore) -> Self {
        let shared = Arc::new(Shared::new(
            SharedTokenProvider::new(authority.clone()),
            SharedTokenStore::new(Store(store.clone())),
            Arc::new(ManualClock::default()),
            FlightSettings::new(authority.renewal(), RefreshPolicy::default()),
            Scheme::TOKEN,
            fastrand::Rng::with_seed(1),
            Outbox::new(Vec::new()),
        ));
        Self {
            manager: TokenManager::from_shared(Arc::clone(&shared)),
            shared,
            authority,
            store,
        }
    }

    /// The epoch that the hot path serves. It asks nobody, so it starts no flight.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        let fresh = self.shared.published().fresh()?;
        let token = fresh.data().expect("a fresh one has a token").token();
        let text = format!("token {}", token.expose_secret());
        let header = fresh.stamp().header;
        assert_eq!(header.as_bytes(), text.as_bytes(), "a mix of two tokens");
        Some(fresh.epoch())
    }

    /// What the store has, by its text.
    pub(super) fn in_store(&self) -> Option<String> {
        let loaded = block_on(self.store.load()).expect("memory can be read");
        let record = loaded.record?;
        Some(record.token.token().expose_secret().to_owned())
    }

    /// Somebody does this in a thread of their own.
    pub(super) fn thread<T: Send + 'static>(
        &self,
        act: impl FnOnce(Self) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let world = self.clone();
        thread::spawn(move || act(world))
    }

    /// A caller in this thread.
    pub(super) fn call(&self, demand: Demand) -> Heard {
        block_on(hear(self.manager.demand(demand)))
    }

    /// A caller in a thread of its own.
    pub(super) fn caller(&self, demand: Demand) -> JoinHandle<Heard> {
        self.thread(move |world| world.call(demand))
    }

    /// A caller who has asked here, and waits in a thread of its own.
    pub(super) fn caller_who_asked(&self, demand: Demand) -> JoinHandle<Heard> {
        let mut asked = Box::pin(hear(self.manager.demand(demand)));
        let mut first = |context: &mut Context<'_>| Poll::Ready(asked.as_mut().poll(context));
        match block_on(std::future::poll_fn(|context| first(context))) {
            Poll::Ready(heard) => thread::spawn(move || heard),
            Poll::Pending => thread::spawn(move || block_on(asked)),
        }
    }
}

/// What a caller heard: the epoch of its token, and its text.
pub(super) type Heard = Result<(Epoch, String), TokenError>;

async fn hear(future: TokenFuture) -> Heard {
    let snapshot = future.await?;
    let token = snapshot.data().expect("whoever is served gets a token");
    let text = token.token().expose_secret().to_owned();
    Ok((snapshot.epoch(), text))
}

pub(super) const GET: Demand = Demand::Get(Duration::ZERO);

pub(super) const RENEWAL: Demand = Demand::Force(Goal::Refresh);

/// The service rejected the token of this epoch, which it had accepted before.
pub(super) fn rejected(epoch: Epoch) -> Demand {
    Demand::Another {
        epoch,
        accepted: true,
    }
}

/// What every thread of a model did.
pub(super) fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("the thread of a model does not panic")
}

/// A store in memory; others may go on before each of its steps.
#[derive(Debug)]
struct Store(MemoryStore);

impl TokenStore for Store {
    async fn load(&self) -> Result<Loaded, StoreError> {
        thread::yield_now();
        self.0.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        thread::yield_now();
        self.0.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.0.try_lease(ttl).await
    }

    async fn changed(&self, since: Generation) {
        self.0.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        "model"
    }
}

/// An authority that answers `token-1`, `token-2`, … and counts what it was asked. While it does,
/// others may go on.
#[derive(Clone, Debug, Default)]
pub(super) struct Authority {
    requests: Arc<AtomicU32>,
    is_down: bool,
}

impl Authority {
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }

    async fn answer(&self) -> Result<Grant, TokenError> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        yield_now().await;
        if self.is_down {
            let failure = TokenFailure::new(ErrorClass::Transient, "the authority is down");
            return Err(TokenError::ObtainFailed(failure));
        }
        let token = AccessToken::new(format!("token-{number}")).expect("visible ASCII");
        Ok(Grant::new(token, Lifetime::Assumed(DAY)))
    }
}

impl TokenProvider for Authority {
    async fn obtain(&self, _: &FlightContext) -> Result<Grant, TokenError> {
        self.answer().await
    }

    async fn refresh(&self, _: &TokenData, _: &FlightContext) -> Result<Grant, TokenError> {
        self.answer().await
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}

fn token_0() -> TokenData {
    let now = ManualClock::default().now().wall;
    let token = AccessToken::new("token-0").expect("visible ASCII");
    TokenData::new(token, now, now + DAY)
}
