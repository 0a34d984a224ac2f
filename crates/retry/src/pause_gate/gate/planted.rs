//! The bugs of the gate that its models must find.

use std::task::Waker;

use super::{Admission, Entry, Origin, PauseGate};
use crate::models::planted::{Bug, is_planted};
use crate::runtime;

impl Entry {
    /// What `admit` would be, with the bug that is planted there, if any.
    pub(super) fn admit_with_bug(&mut self, waker: &Waker) -> Option<Admission> {
        if is_planted(Bug::AskThenTake) {
            return self.ask_then_take();
        }
        if is_planted(Bug::QueueLate) {
            return Some(self.queue_late(waker));
        }
        None
    }

    fn ask_then_take(&mut self) -> Option<Admission> {
        let now = runtime::now();
        let is_free = {
            let mut gates = self.gate.lock();
            let number = gates.number();
            let state = gates.find(&self.origin)?;
            let free = matches!(state.admit(now, number), Admission::Probe(_));
            state.give_back(number);
            free
        };
        if !is_free {
            return None;
        }
        let mut gates = self.gate.lock();
        let number = gates.number();
        let state = gates.find(&self.origin)?;
        state.take_turn(number);
        self.probe = Some(number);
        Some(Admission::Probe(number))
    }

    fn queue_late(&mut self, waker: &Waker) -> Admission {
        let (number, admission) = {
            let mut gates = self.gate.lock();
            let number = gates.number();
            let Some(state) = gates.find(&self.origin) else {
                return Admission::Pass;
            };
            (number, state.admit(runtime::now(), number))
        };
        if let Admission::Probe(probe) = admission {
            self.probe = Some(probe);
            return admission;
        }
        let waiter = *self.waiter.get_or_insert(number);
        if let Some(state) = self.gate.lock().find(&self.origin) {
            state.wait(waiter, waker);
        }
        admission
    }
}

impl PauseGate {
    /// The probe whose verdict `open` takes.
    pub(super) fn probe_with_bug(&self, origin: &Origin, probe: u64) -> u64 {
        if !is_planted(Bug::CountStale) {
            return probe;
        }
        let mut gates = self.lock();
        if let Some(state) = gates.find(origin) {
            state.take_turn(probe);
        }
        probe
    }
}
