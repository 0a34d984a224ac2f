//! The right to renew, as a key that ends by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::call::Call;
use super::reply;
use super::server::Server;
use super::shared::Shared;
use crate::{FailureNote, Fence, Generation, LeaseFuture, LeaseGuard, StoreError, StoreErrorKind};

/// A lease is renewed this often at most, so that one whose holder is stuck ends: after about
/// five times its life.
const RENEWALS: u32 = 12;

/// A held lease. Dropping it gives it back in the background; where that fails, the next request
/// of this handle takes it over, and everybody else waits for its end.
#[derive(Debug)]
pub(crate) struct RedisLease<S: Server> {
    held: Arc<Held<S>>,
    renewing: Option<AbortHandle>,
    given_back: bool,
}

#[derive(Debug)]
struct Held<S> {
    shared: Arc<Shared<S>>,
    owner: String,
    /// `owner:fence`, the value of the key.
    holder: String,
    ttl: Duration,
    /// The moment before which the server keeps it; `None` once it is lost.
    until: Mutex<Option<Instant>>,
}

impl<S: Server> RedisLease<S> {
    /// A lease that was asked for at `asked`. It is renewed at each third of its life.
    pub(crate) fn new(
        shared: Arc<Shared<S>>,
        owner: String,
        fence: Fence,
        ttl: Duration,
        asked: Instant,
    ) -> Self {
        let held = Arc::new(Held {
            shared,
            holder: format!("{owner}:{}", fence.number()),
            owner,
            ttl,
            until: Mutex::new(Some(asked + ttl)),
        });
        let renewed = Arc::clone(&held);
        let task = Handle::try_current().map(|runtime| runtime.spawn(renew(renewed)));
        Self {
            held,
            renewing: task.ok().map(|task| task.abort_handle()),
            given_back: false,
        }
    }
}

impl<S: Server> Held<S> {
    /// Asks something that only the holder may; `asked` is the moment before.
    async fn ask(&self, call: Call) -> Result<(), StoreError> {
        let reply = self.shared.server.call(&call).await?;
        if reply::is_ours(&reply)? {
            return Ok(());
        }
        self.set(None);
        let reason = "somebody else may have the lease by now";
        Err(StoreError::new(StoreErrorKind::LeaseLost, reason))
    }

    async fn extend(&self, call: Call) -> Result<(), StoreError> {
        let asked = Instant::now();
        self.ask(call).await?;
        self.set(Some(asked + self.ttl));
        Ok(())
    }

    fn set(&self, until: Option<Instant>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn covers(&self, span: Duration) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until.saturating_duration_since(Instant::now()) >= span)
    }

    async fn give_back(&self, keep_mark: bool) -> Result<(), StoreError> {
        let holder = self.holder.clone();
        let call = Call::Release { holder, keep_mark };
        match self.ask(call).await {
            Err(error) if error.kind() != StoreErrorKind::LeaseLost => Err(error),
            _ => Ok(()),
        }
    }
}

impl<S: Server> LeaseGuard for RedisLease<S> {
    fn mark_sent(&mut self, basis: Generation) -> LeaseFuture<'_> {
        let call = Call::Mark {
            holder: self.held.holder.clone(),
            ttl: self.held.ttl,
            basis,
        };
        Box::pin(self.held.extend(call))
    }

    fn note(&mut self, note: Option<FailureNote>) -> LeaseFuture<'_> {
        let holder = self.held.holder.clone();
        Box::pin(self.held.ask(Call::Note { holder, note }))
    }

    fn release(mut self: Box<Self>, keep_mark: bool) -> LeaseFuture<'static> {
        Box::pin(async move {
            self.stop_renewing();
            self.held.give_back(keep_mark).await?;
            self.given_back = true;
            Ok(())
        })
    }

    fn covers(&self, span: Duration) -> bool {
        self.held.covers(span)
    }
}

impl<S: Server> RedisLease<S> {
    fn stop_renewing(&mut self) {
        if let Some(task) = self.renewing.take() {
            task.abort();
        }
    }
}

impl<S: Server> Drop for RedisLease<S> {
    fn drop(&mut self) {
        self.stop_renewing();
        if self.given_back {
            return;
        }
        self.held.shared.abandon(&self.held.owner);
        if let Ok(runtime) = Handle::try_current() {
            let held = Arc::clone(&self.held);
            runtime.spawn(async move {
                if let Err(error) = held.give_back(true).await {
                    tracing::debug!(%error, "a dropped lease could not be given back");
                }
            });
        }
    }
}

/// A failure to ask is no loss: the next turn comes before the lease ends.
async fn renew<S: Server>(held: Arc<Held<S>>) {
    for _ in 0..RENEWALS {
        tokio::time::sleep(held.ttl / 3).await;
        let call = Call::Renew {
            holder: held.holder.clone(),
            ttl: held.ttl,
        };
        if let Err(error) = held.extend(call).await {
            tracing::debug!(%error, "the lease could not be renewed");
            if error.kind() == StoreErrorKind::LeaseLost {
                return;
            }
        }
    }
}
