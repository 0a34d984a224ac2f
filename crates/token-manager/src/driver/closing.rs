//! The end of a manager: the last flight, and what no store has yet.

use std::sync::Arc;

use token_core::lifecycle::{Event, TokenState, Unsaved};
use token_store::{Change, Commit, Committed, Generation, OpId, Record, TokenStore};

use super::Shared;
use crate::events::{StoreStep, TokenEvent};
use crate::patience::in_time;
use crate::runtime;

/// How often the last token is offered to a store that others change meanwhile.
const MAX_OFFERS: u32 = 4;

impl Shared {
    /// Starts no further flight, waits for the one under way, and stores what is not stored yet.
    /// Whoever closes once more goes on where somebody gave up.
    pub(crate) async fn close(self: &Arc<Self>) {
        let now = self.now();
        let (closed, last) = {
            let mut core = self.core.lock();
            let was_open = core.lifecycle.standing(&now).state != TokenState::Closed;
            let effects = core.lifecycle.step(Event::Close, &now);
            self.apply(&mut core, &effects);
            let flight = core.lifecycle.flight();
            let last = flight.map(|flight| (flight, core.waiters.join(flight)));
            let closed = was_open.then_some(TokenEvent::Closed);
            if let Some(event) = &closed {
                self.outbox.post(event);
            }
            (closed, last)
        };
        self.announce(closed.as_slice());
        if let Some((flight, place)) = last {
            let landed = std::future::poll_fn(|context| place.poll(context));
            if !self.lands_in_time(landed).await {
                self.give_up(flight);
            }
        }
        let (unsaved, clears) = {
            let mut core = self.core.lock();
            let effects = core.lifecycle.step(Event::Close, &now);
            (effects.unsaved, core.lifecycle.clears())
        };
        if let Some(unsaved) = unsaved
            && self.store_at_last(unsaved, clears).await
        {
            self.core.lock().lifecycle.step(Event::Flushed, &now);
        }
    }

    /// Outside a runtime there is no timer to end the wait.
    async fn lands_in_time<T>(&self, landed: impl Future<Output = T>) -> bool {
        if !runtime::is_here() {
            landed.await;
            return true;
        }
        let longest = self.longest_flight();
        runtime::timeout(longest, landed).await.is_ok()
    }

    /// Another's token stays if it lives longer, and a cleared store stays empty. `false` when the
    /// token should be offered once more.
    async fn store_at_last(&self, unsaved: Unsaved, clears: u64) -> bool {
        let mut expected = Generation::new(unsaved.generation);
        for _ in 0..MAX_OFFERS {
            if self.clears() != clears {
                return true;
            }
            let op_id = OpId::random();
            let change = Change::Put(Record::new(unsaved.data.clone()));
            let commit = Commit::new(expected, change, op_id);
            match in_time(self.store.commit(commit)).await {
                Ok(Committed::Stored { .. }) => return true,
                Ok(Committed::Conflict(loaded)) => {
                    let end = unsaved.data.expires_at();
                    let outlived = |record: &Record| record.token.expires_at() >= end;
                    if loaded.record.as_ref().is_none_or(outlived) {
                        return true;
                    }
                    expected = loaded.generation;
                }
                Err(error) => {
                    tracing::warn!(%error, "the token is lost with this manager: it could not be stored");
                    self.store_failed(StoreStep::Commit, &error);
                    return false;
                }
            }
        }
        tracing::warn!("the token is lost with this manager: others kept changing the store");
        false
    }
}
