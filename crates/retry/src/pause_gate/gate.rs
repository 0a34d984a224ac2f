//! Which origins asked for a pause, and who may try them first.

#[cfg(all(test, shuttle))]
mod planted;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, Scheme};
use token_core::CallContext;
use tokio::time::Instant;

use super::state::{Admission, State};
#[cfg(all(test, shuttle))]
use crate::models::planted::{Bug, is_planted};
use crate::monotonic::later;
use crate::runtime;
use crate::sync::{AtomicUsize, Mutex, MutexGuard};

/// The gates of a client's origins, shared by all its calls; a clone is the same gates.
///
/// A gate closes when an answer says so and opens when the one request that is let through after
/// the pause succeeds.
#[derive(Clone, Default)]
pub struct PauseGate(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// How many gates are not open: callers who read 0 take no lock.
    shut: AtomicUsize,
    gates: Mutex<Gates>,
}

#[derive(Default)]
struct Gates {
    shut: Vec<(Origin, State)>,
    numbers: u64,
}

impl Gates {
    fn find(&mut self, origin: &Origin) -> Option<&mut State> {
        let found = self.shut.iter_mut().find(|(known, _)| known == origin);
        found.map(|(_, state)| state)
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

impl PauseGate {
    /// Gates that are all open.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no origin is paused at the moment.
    pub fn is_open(&self) -> bool {
        self.0.shut.load(Ordering::Acquire) == 0
    }

    /// How long a request of this call, which passed the gate before, has to stay back; `None` when
    /// it may go on. While all gates are open it takes no lock.
    pub(crate) fn holds_back(&self, uri: &Uri, call: &CallContext) -> Option<Duration> {
        if self.is_open() {
            return None;
        }
        let mut gates = self.lock();
        let state = gates.find(&Origin::of(uri))?;
        state.holds_back(call, runtime::now())
    }

    fn lock(&self) -> MutexGuard<'_, Gates> {
        self.0.gates.lock()
    }

    fn close(&self, origin: &Origin, pause: Duration) {
        let mut gates = self.lock();
        let woken = match gates.find(origin) {
            Some(state) => state.close(in_the_future(pause)),
            None => {
                let state = State::closed(in_the_future(pause));
                gates.shut.push((origin.clone(), state));
                Vec::new()
            }
        };
        self.0.shut.store(gates.shut.len(), Ordering::Release);
        drop(gates);
        wake(woken);
    }

    fn close_again(&self, origin: &Origin, probe: u64, pause: Duration) {
        let mut gates = self.lock();
        let decides = gates.find(origin).filter(|state| state.is_probe(probe));
        let woken = decides.map(|state| state.close(in_the_future(pause)));
        drop(gates);
        wake(woken.unwrap_or_default());
    }

    fn open(&self, origin: &Origin, probe: u64) {
        #[cfg(all(test, shuttle))]
        let probe = self.probe_with_bug(origin, probe);
        let mut gates = self.lock();
        let decides = |(known, state): &(Origin, State)| known == origin && state.is_probe(probe);
        let Some(index) = gates.shut.iter().position(decides) else {
            return;
        };
        let (_, mut state) = gates.shut.swap_remove(index);
        self.0.shut.store(gates.shut.len(), Ordering::Release);
        drop(gates);
        wake(state.take_waiters());
    }
}

impl fmt::Debug for PauseGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PauseGate")
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}

fn in_the_future(pause: Duration) -> Instant {
    later(runtime::now(), pause)
}

fn wake(waiters: Vec<(u64, Waker)>) {
    for (_, waker) in waiters {
        waker.wake();
    }
}

/// Where a request goes to: scheme and authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
}

impl Origin {
    pub(crate) fn of(uri: &Uri) -> Self {
        Self {
            scheme: uri.scheme().cloned(),
            authority: uri.authority().cloned(),
        }
    }
}

/// One request at the gate. Dropping it leaves the queue and gives a probe's turn back.
#[derive(Debug)]
pub(crate) struct Entry {
    gate: PauseGate,
    origin: Origin,
    waiter: Option<u64>,
    probe: Option<u64>,
}

impl Entry {
    pub(crate) const fn new(gate: PauseGate, origin: Origin) -> Self {
        Self {
            gate,
            origin,
            waiter: None,
            probe: None,
        }
    }

    /// Asks to pass for this call; who has to wait is woken through `waker` when something changed.
    pub(crate) fn admit(&mut self, call: Option<&CallContext>, waker: &Waker) -> Admission {
        #[cfg(all(test, shuttle))]
        if let Some(admission) = self.admit_with_bug(waker) {
            return admission;
        }
        let mut gates = self.gate.lock();
        let number = gates.number();
        let Some(state) = gates.find(&self.origin) else {
            return Admission::Pass;
        };
        let admission = state.admit(runtime::now(), number);
        match admission {
            Admission::Pass => {}
            Admission::Probe(probe) => {
                self.probe = Some(probe);
                state.set_prober(call);
            }
            Admission::Until(_) | Admission::Verdict => {
                state.wait(*self.waiter.get_or_insert(number), waker);
            }
        }
        admission
    }

    /// The answer asks everybody to pause.
    pub(crate) fn close(&mut self, pause: Duration) {
        self.probe = None;
        self.gate.close(&self.origin, pause);
    }

    /// The answer shows that the pause is over.
    pub(crate) fn succeed(&mut self) {
        if let Some(probe) = self.probe.take() {
            self.gate.open(&self.origin, probe);
        }
    }

    /// The request failed: if it was the probe, the gate stays closed for another `pause`.
    pub(crate) fn fail(&mut self, pause: Duration) {
        if let Some(probe) = self.probe.take() {
            self.gate.close_again(&self.origin, probe, pause);
        }
    }

    /// The request ended without a word about the service, or leaves: it waits no longer, and a
    /// probe's turn goes to the next caller.
    pub(crate) fn leave(&mut self) {
        let (waiter, probe) = (self.waiter.take(), self.probe.take());
        #[cfg(all(test, shuttle))]
        let probe = probe.filter(|_| !is_planted(Bug::KeepTurn));
        if waiter.is_none() && probe.is_none() {
            return;
        }
        let mut gates = self.gate.lock();
        let Some(state) = gates.find(&self.origin) else {
            return;
        };
        if let Some(waiter) = waiter {
            state.leave(waiter);
        }
        let woken = probe.map(|probe| state.give_back(probe));
        drop(gates);
        wake(woken.unwrap_or_default());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.leave();
    }
}
