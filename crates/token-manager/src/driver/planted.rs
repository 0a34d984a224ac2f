//! Bugs on purpose: a model that does not find its bug proves nothing.
//!
//! Each takes the place of a step of the driver or the outbox, in the model check alone and where it is planted.

use std::sync::Arc;

use token_core::lifecycle::{Event, FlightPlan, Publish, Settled};

use super::{Asked, Shared, task};
use crate::waiters::{Place, tell_all};

#[path = "../../../../tests/models/plant.rs"]
mod plant;

pub(crate) use plant::{is_planted, plant, planted};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// What follows from a question is done after the lock was given back: a place in the queue is
    /// taken when the flight has landed already.
    JoinLate,
    /// A flight is started because nobody flew before the lock was taken.
    StartOnOldNews,
    /// A rejection is one of whatever is published now.
    RejectWhateverIsThere,
    /// The waiters are taken out of the queue before the flight is over for those who ask.
    TellEarly,
    /// The pointer is changed after the lock was given back and the waiters were told.
    PublishLate,
    /// The task of a flight dies without a word.
    DieSilently,
    /// The clears are counted after the store was read, and not before.
    CountClearsLate,
    /// Whoever finds events in the outbox tells of them, also while somebody else does.
    DeliverTogether,
    /// Who tells of events finds the outbox empty, and says only later that nobody tells any more.
    StopLate,
}

impl Shared {
    /// What `ask_once` would be, with the bug in it that is planted there, if any.
    pub(super) fn ask_with_bug(self: &Arc<Self>, event: &Event) -> Option<Asked> {
        let event = event.clone();
        match planted()? {
            Bug::JoinLate => Some(self.ask_and_join_late(event)),
            Bug::StartOnOldNews => Some(self.ask_on_old_news(event)),
            Bug::RejectWhateverIsThere => self.reject_whatever_is_there(event),
            _ => None,
        }
    }

    fn ask_and_join_late(self: &Arc<Self>, event: Event) -> Asked {
        let effects = self.core.lock().lifecycle.step(event, &self.now());
        let asked = self.apply(&mut self.core.lock(), &effects);
        self.start(effects.start);
        asked
    }

    fn ask_on_old_news(self: &Arc<Self>, event: Event) -> Asked {
        let was_flying = self.core.lock().lifecycle.flight().is_some();
        let mut core = self.core.lock();
        let now = self.now();
        if let Some(flight) = core.lifecycle.flight().filter(|_| !was_flying) {
            core.lifecycle.step(Event::FlightLost(flight), &now);
        }
        let effects = core.lifecycle.step(event, &now);
        let asked = self.apply(&mut core, &effects);
        drop(core);
        self.start(effects.start);
        asked
    }

    fn reject_whatever_is_there(self: &Arc<Self>, event: Event) -> Option<Asked> {
        let Event::Reject { accepted, .. } = event else {
            return None;
        };
        let epoch = self.published.fresh()?.epoch();
        let event = Event::Reject { epoch, accepted };
        let mut core = self.core.lock();
        let effects = core.lifecycle.step(event, &self.now());
        let asked = self.apply(&mut core, &effects);
        drop(core);
        self.start(effects.start);
        Some(asked)
    }

    fn start(self: &Arc<Self>, plan: Option<FlightPlan>) {
        if let Some(plan) = plan {
            task::spawn(Arc::clone(self), plan);
        }
    }

    /// What `settle` would be, with the bug in it that is planted there; without one, the event
    /// comes back.
    pub(super) fn settle_with_bug<E>(self: &Arc<Self>, event: E) -> Option<E>
    where
        E: FnOnce(f64) -> Event,
    {
        match planted() {
            Some(Bug::TellEarly) => self.settle_and_tell_early(event(0.0)),
            Some(Bug::PublishLate) => self.settle_and_publish_late(event(0.0)),
            _ => return Some(event),
        }
        None
    }

    /// The clears that `load` compares with.
    pub(super) fn clears_with_bug(&self, before: u64) -> u64 {
        match is_planted(Bug::CountClearsLate) {
            true => self.clears(),
            false => before,
        }
    }

    fn settle_and_tell_early(self: &Arc<Self>, event: Event) {
        let places = {
            let mut core = self.core.lock();
            let flight = core.lifecycle.flight();
            flight.map(|flight| core.waiters.take(flight))
        };
        let mut core = self.core.lock();
        let effects = core.lifecycle.step(event, &self.now());
        self.apply(&mut core, &effects);
        drop(core);
        self.tell_waiters(places, effects.settled);
    }

    fn settle_and_publish_late(self: &Arc<Self>, event: Event) {
        let mut core = self.core.lock();
        let effects = core.lifecycle.step(event, &self.now());
        let settled = effects.settled.as_ref();
        let places = settled.map(|settled| core.waiters.take(settled.flight));
        drop(core);
        self.tell_waiters(places, effects.settled);
        match &effects.publish {
            Publish::Keep => {}
            Publish::Replace(live) => self.published.replace(live),
            Publish::Withdraw => self.published.withdraw(),
        }
    }

    fn tell_waiters(&self, places: Option<Vec<Arc<Place>>>, settled: Option<Settled>) {
        let result = settled.and_then(|settled| settled.result);
        let heard = result.map(|result| result.map(|live| self.published.snapshot_of(&live)));
        tell_all(places.unwrap_or_default(), &heard);
    }
}
