//! Clients that renew a token in turns, stall, and lose their server.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use integration_tests::stored_token;
use token_store::{
    Change, Commit, Committed, Fence, Generation, Lease, LeaseAttempt, OpId, RedisStore, TokenStore,
};
use tokio::sync::Notify;

use crate::log::Made;
use crate::server::RedisServer;

/// The life of a lease: short, so that many stalls fit.
const TTL: Duration = Duration::from_millis(4);

/// A stalled client goes on at the latest now, if nobody else wants the lease any more.
const LONGEST_STALL: Duration = Duration::from_millis(500);

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) clients: u32,
    pub(crate) cycles: u32,
    pub(crate) kills: u32,
}

/// What the clients were told.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Acknowledged commits.
    pub(crate) stored: Vec<Made>,
    /// Operations that were answered with a conflict.
    pub(crate) conflicts: Vec<u128>,
    /// A generation below one that the same client had seen.
    pub(crate) regressions: u32,
    pub(crate) stalls: u32,
    pub(crate) errors: u32,
    pub(crate) commit_times: Vec<Duration>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.stored.extend(other.stored);
        self.conflicts.extend(other.conflicts);
        self.regressions += other.regressions;
        self.stalls += other.stalls;
        self.errors += other.errors;
        self.commit_times.extend(other.commit_times);
    }

    /// Acknowledged commits whose generation somebody else has too.
    pub(crate) fn lost_updates(&self) -> usize {
        let mut by_generation = HashMap::new();
        for made in &self.stored {
            *by_generation.entry(made.generation).or_insert(0) += 1;
        }
        by_generation.values().map(|count| count - 1).sum()
    }
}

/// Runs all clients to the end, each on a thread and a connection of its own, while the server is
/// killed and started again at even distances.
pub(crate) fn run(
    size: Size,
    server: &mut RedisServer,
    open: impl Fn(&RedisServer) -> RedisStore,
) -> Tally {
    let course = Arc::new(Course::default());
    let clients: Vec<_> = (0..size.clients)
        .map(|number| {
            let (course, store) = (Arc::clone(&course), open(server));
            thread::spawn(move || Client::new(number, store, course).run(size.cycles))
        })
        .collect();
    let total = size.clients * size.cycles;
    for kill in 1..=size.kills {
        course.wait_for(total / (size.kills + 1) * kill);
        server.kill();
        server.restart();
    }
    let mut tally = Tally::default();
    for client in clients {
        tally.add(client.join().unwrap());
    }
    tally
}

/// What the clients can see of each other.
#[derive(Debug, Default)]
struct Course {
    state: Mutex<State>,
    moved: Condvar,
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    cycles: u32,
    highest: u64,
}

impl Course {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.moved.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn wait_for(&self, cycles: u32) {
        let behind = |state: &mut State| state.cycles < cycles;
        drop(self.moved.wait_while(self.state(), behind).unwrap());
    }

    /// Blocks the whole client, as a paused process is, until its lease has ended and somebody
    /// else got it.
    fn stall(&self, fence: Fence) {
        let alone = |state: &mut State| state.highest <= fence.number();
        let waited = self
            .moved
            .wait_timeout_while(self.state(), LONGEST_STALL, alone);
        drop(waited.unwrap());
    }
}

struct Client {
    number: u32,
    store: RedisStore,
    course: Arc<Course>,
    seen: Generation,
    tally: Tally,
}

impl Client {
    fn new(number: u32, store: RedisStore, course: Arc<Course>) -> Self {
        Self {
            number,
            store,
            course,
            seen: Generation::ZERO,
            tally: Tally::default(),
        }
    }

    fn run(mut self, cycles: u32) -> Tally {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            for turn in 0..cycles {
                // Every fifth turn, and not all clients at once.
                let stalls = (turn + self.number).is_multiple_of(5);
                self.cycle(stalls).await;
                self.course.change(|state| state.cycles += 1);
            }
        });
        self.tally
    }

    async fn cycle(&mut self, stalls: bool) {
        let lease = self.lease().await;
        let fence = lease.fence();
        let expected = self.load().await;
        self.course
            .change(|state| state.highest = state.highest.max(fence.number()));
        if stalls {
            self.tally.stalls += 1;
            self.course.stall(fence);
        }
        self.commit(expected, fence).await;
        self.tally.errors += u32::from(lease.release().await.is_err());
        self.course.released.notify_one();
    }

    async fn lease(&mut self) -> Lease {
        loop {
            match self.store.try_lease(TTL).await {
                LeaseAttempt::Acquired(lease) => return lease,
                LeaseAttempt::Held(_) => {}
                LeaseAttempt::Unavailable(_) => self.tally.errors += 1,
            }
            self.pause().await;
        }
    }

    async fn load(&mut self) -> Generation {
        loop {
            if let Ok(loaded) = self.store.load().await {
                self.tally.regressions += u32::from(loaded.generation < self.seen);
                self.seen = loaded.generation;
                return loaded.generation;
            }
            self.tally.errors += 1;
            self.pause().await;
        }
    }

    /// Asks until there is an answer, always for the same operation.
    async fn commit(&mut self, expected: Generation, fence: Fence) {
        let operation = OpId::random();
        let change = Change::Put(stored_token(expected.next()));
        let commit = Commit::new(expected, change, operation).with_fence(Some(fence));
        loop {
            let asked = Instant::now();
            match self.store.commit(commit.clone()).await {
                Ok(Committed::Stored { generation, .. }) => {
                    self.tally.commit_times.push(asked.elapsed());
                    self.seen = self.seen.max(generation);
                    self.tally.stored.push(Made {
                        generation: generation.number(),
                        operation: operation.name(),
                    });
                    return;
                }
                Ok(Committed::Conflict(loaded)) => {
                    self.tally.regressions += u32::from(loaded.generation < self.seen);
                    self.tally.conflicts.push(operation.name());
                    return;
                }
                Err(_) => self.tally.errors += 1,
            }
            self.pause().await;
        }
    }

    /// Waits until somebody gives the lease back, or until it may have ended by itself. So many
    /// clients wait that one of them asks soon after that; more often would only keep all busy.
    async fn pause(&self) {
        let released = self.course.released.notified();
        let _ = tokio::time::timeout(TTL * 8, released).await;
    }
}
