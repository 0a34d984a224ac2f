//! What every clone of a store shares, and the steps of loading and committing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::call::{Acquire, Call, Swap};
use super::codec::Codec;
use super::floor::{Floor, Standing};
use super::lease::RedisLease;
use super::reply::{self, Acquired, Seen, Swapped};
use super::server::Server;
use crate::recent::{Done, RecentOps};
use crate::{
    Change, Commit, Committed, Fence, Generation, Lease, LeaseAttempt, Loaded, OpId, Record,
    StoreError, StoreErrorKind,
};

/// Each turn after the first means that somebody else stored in between, so a few are enough.
const TURNS: u32 = 8;

#[derive(Debug)]
pub(crate) struct Shared<S> {
    pub(crate) server: S,
    codec: Codec,
    wait: Option<WaitFor>,
    floor: Mutex<Floor>,
    recent: Mutex<RecentOps>,
    abandoned: Mutex<String>,
    last_fence: AtomicU64,
}

/// The replicas that must have a commit before it counts as durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitFor {
    pub(crate) replicas: u8,
    pub(crate) at_most: Duration,
}

impl<S: Server> Shared<S> {
    pub(crate) fn new(server: S, codec: Codec, wait: Option<WaitFor>) -> Self {
        Self {
            server,
            codec,
            wait,
            floor: Mutex::default(),
            recent: Mutex::default(),
            abandoned: Mutex::default(),
            last_fence: AtomicU64::new(0),
        }
    }

    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        let seen = reply::seen(self.server.call(&Call::Load).await?)?;
        self.settle(seen).await
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        if let Some(done) = lock(&self.recent).find(commit.op_id) {
            return Ok(done.into());
        }
        let floor = self.floor();
        let known = floor.generation == commit.expected;
        let mut base = (commit.expected, floor.made_by.filter(|_| known));
        let record = match commit.change {
            Change::Put(record) => Some(record),
            Change::Clear => None,
        };
        let fence = commit.fence.map_or(0, Fence::number);
        for _ in 0..TURNS {
            let next = commit.expected.next();
            let swap = self
                .swap(base, next, commit.op_id, fence, record.as_ref())
                .await?;
            match self.ask_to_swap(swap).await? {
                Swapped::Made(generation) => {
                    return Ok(self.made(generation, commit.op_id, record).await.into());
                }
                // The server lost everything, and nobody stored since.
                Swapped::Conflict(seen)
                    if seen.is_empty() && self.floor().generation == commit.expected =>
                {
                    base = (Generation::ZERO, None);
                }
                Swapped::Conflict(seen) | Swapped::Fenced(seen) => {
                    return Ok(Committed::Conflict(self.settle(seen).await?));
                }
            }
        }
        Err(unsettled())
    }

    pub(crate) async fn try_lease(self: &Arc<Self>, ttl: Duration) -> LeaseAttempt {
        match self.acquire(ttl).await {
            Ok(attempt) => attempt,
            Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    /// The server may have granted what nobody holds.
    pub(crate) fn abandon(&self, owner: &str) {
        owner.clone_into(&mut lock(&self.abandoned));
    }

    fn floor(&self) -> Floor {
        lock(&self.floor).clone()
    }

    /// Takes what the server has, or brings it up to what was seen before.
    async fn settle(&self, mut seen: Seen) -> Result<Loaded, StoreError> {
        for _ in 0..TURNS {
            let floor = self.floor();
            match floor.judge(&seen) {
                Standing::Same => return Ok(floor.loaded()),
                Standing::Newer => {
                    let record = self.open(&seen).await?;
                    return Ok(self.raise(seen.generation, seen.made_by, record));
                }
                Standing::Behind => match self.restore(&floor, &seen).await? {
                    Ok(loaded) => return Ok(loaded),
                    Err(other) => seen = other,
                },
            }
        }
        Err(unsettled())
    }

    /// Stores again what a server lost; what it has, if somebody else stored meanwhile.
    async fn restore(
        &self,
        floor: &Floor,
        seen: &Seen,
    ) -> Result<Result<Loaded, Seen>, StoreError> {
        let survivor = floor.survivor(seen.generation, self.open(seen).await?);
        let op_id = OpId::random();
        let base = (seen.generation, seen.made_by);
        let next = floor.generation.next();
        let swap = self.swap(base, next, op_id, 0, survivor.as_ref()).await?;
        match self.ask_to_swap(swap).await? {
            Swapped::Made(generation) => {
                tracing::warn!(
                    was = seen.generation.number(),
                    now = generation.number(),
                    "the Redis server had lost tokens; the newest known was stored again"
                );
                Ok(Ok(self.raise(generation, Some(op_id), survivor)))
            }
            Swapped::Conflict(seen) | Swapped::Fenced(seen) => Ok(Err(seen)),
        }
    }

    async fn swap(
        &self,
        (base, made_by): (Generation, Option<OpId>),
        next: Generation,
        op_id: OpId,
        fence: u64,
        record: Option<&Record>,
    ) -> Result<Swap, StoreError> {
        let value = match record {
            Some(record) => {
                let sealed = self.codec.seal(record.clone(), next).await?;
                Some((sealed, record.token.expires_at()))
            }
            None => None,
        };
        Ok(Swap {
            base,
            made_by,
            next,
            op_id,
            fence,
            value,
        })
    }

    async fn ask_to_swap(&self, swap: Swap) -> Result<Swapped, StoreError> {
        reply::swapped(self.server.call(&Call::Swap(swap)).await?)
    }

    async fn open(&self, seen: &Seen) -> Result<Option<Record>, StoreError> {
        let Some(value) = seen.value.clone() else {
            return Ok(None);
        };
        self.codec.open(value, seen.generation).await.map(Some)
    }

    async fn made(&self, generation: Generation, op_id: OpId, record: Option<Record>) -> Done {
        self.raise(generation, Some(op_id), record);
        let done = Done {
            op_id,
            generation,
            durable: self.is_replicated().await,
        };
        lock(&self.recent).remember(done);
        done
    }

    /// What the server's own disk keeps cannot be seen from here; how many replicas have it can.
    async fn is_replicated(&self) -> bool {
        let Some(WaitFor { replicas, at_most }) = self.wait else {
            return false;
        };
        let reply = self.server.call(&Call::Wait { replicas, at_most }).await;
        let answered = reply.and_then(|reply| reply::replicas(&reply));
        answered.is_ok_and(|answered| answered >= u64::from(replicas))
    }

    /// The floor only rises; whoever was overtaken gets what overtook him.
    fn raise(
        &self,
        generation: Generation,
        made_by: Option<OpId>,
        record: Option<Record>,
    ) -> Loaded {
        let loaded = {
            let mut floor = lock(&self.floor);
            if generation > floor.generation {
                *floor = Floor {
                    generation,
                    made_by,
                    record,
                };
            }
            floor.loaded()
        };
        tell(self.server.told(), loaded.generation.number());
        loaded
    }

    async fn acquire(self: &Arc<Self>, ttl: Duration) -> Result<LeaseAttempt, StoreError> {
        let mut name = [0; 16];
        crate::random::fill(&mut name)?;
        let owner = format!("{:032x}", u128::from_le_bytes(name));
        let asked = Instant::now();
        let asking = Asking {
            shared: self,
            owner: &owner,
            answered: false,
        };
        let acquire = Acquire {
            owner: owner.clone(),
            abandoned: lock(&self.abandoned).clone(),
            ttl,
            above: self.last_fence.load(Ordering::Relaxed),
        };
        let reply = self.server.call(&Call::Acquire(acquire)).await?;
        let acquired = reply::acquired(reply)?;
        asking.answered();
        match acquired {
            Acquired::Held(note) => Ok(LeaseAttempt::Held(note)),
            Acquired::Granted { fence, note, sent } => {
                self.last_fence.fetch_max(fence.number(), Ordering::Relaxed);
                let guard = RedisLease::new(Arc::clone(self), owner, fence, ttl, asked);
                let lease = Lease::new(fence, Box::new(guard)).with_found(sent, note);
                Ok(LeaseAttempt::Acquired(lease))
            }
        }
    }
}

/// A request for the lease that is under way. Without an answer the server may have granted it.
struct Asking<'a, S: Server> {
    shared: &'a Shared<S>,
    owner: &'a str,
    answered: bool,
}

impl<S: Server> Asking<'_, S> {
    fn answered(mut self) {
        self.answered = true;
    }
}

impl<S: Server> Drop for Asking<'_, S> {
    fn drop(&mut self) {
        if !self.answered {
            self.shared.abandon(self.owner);
        }
    }
}

/// Tells whoever waits; an older number is no news.
pub(crate) fn tell(told: &tokio::sync::watch::Sender<u64>, generation: u64) {
    told.send_if_modified(|newest| {
        let is_news = generation > *newest;
        *newest = generation.max(*newest);
        is_news
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unsettled() -> StoreError {
    let reason = "the Redis server's record keeps changing";
    StoreError::new(StoreErrorKind::Io, reason)
}
