//! The gate of one origin as a value.

use std::task::Waker;
use std::time::Duration;

use token_core::CallContext;
use tokio::time::Instant;

/// What a caller at the gate may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Send; the gate is open.
    Pass,
    /// Send; this request alone decides whether the gate opens.
    Probe(u64),
    /// Wait until this moment, or until woken.
    Until(Instant),
    /// Wait until woken: another request is deciding.
    Verdict,
}

/// The gate of one origin. Open gates are not kept, so a state is closed or being probed.
#[derive(Debug)]
pub(crate) struct State {
    until: Instant,
    probe: Option<u64>,
    /// The call whose request is the probe, so that it is known again further down.
    prober: Option<CallContext>,
    waiters: Vec<(u64, Waker)>,
}

impl State {
    /// A gate that is closed until this moment.
    pub(crate) const fn closed(until: Instant) -> Self {
        Self {
            until,
            probe: None,
            prober: None,
            waiters: Vec::new(),
        }
    }

    /// Asks to pass at `now`; `probe` is a number that was never used before.
    pub(crate) fn admit(&mut self, now: Instant, probe: u64) -> Admission {
        if now < self.until {
            return Admission::Until(self.until);
        }
        if self.probe.is_some() {
            return Admission::Verdict;
        }
        self.probe = Some(probe);
        Admission::Probe(probe)
    }

    /// Remembers whose request the probe is.
    pub(crate) fn set_prober(&mut self, call: Option<&CallContext>) {
        self.prober = call.cloned();
    }

    /// How long a request of this call has to stay back at `now`; `None` for the probe, which may go
    /// on.
    pub(crate) fn holds_back(&self, call: &CallContext, now: Instant) -> Option<Duration> {
        let is_prober = |prober: &CallContext| prober.is_same_call(call);
        if self.probe.is_some() && self.prober.as_ref().is_some_and(is_prober) {
            return None;
        }
        Some(self.until.saturating_duration_since(now))
    }

    /// Closes the gate until `until`, or keeps it closed if that is longer. A probe under way has
    /// no say any more.
    pub(crate) fn close(&mut self, until: Instant) -> Vec<(u64, Waker)> {
        self.until = self.until.max(until);
        self.probe = None;
        self.take_waiters()
    }

    /// Whether this request is the one that decides.
    pub(crate) fn is_probe(&self, probe: u64) -> bool {
        self.probe == Some(probe)
    }

    /// Takes the turn, whoever has it.
    #[cfg(all(test, shuttle))]
    pub(super) const fn take_turn(&mut self, probe: u64) {
        self.probe = Some(probe);
    }

    /// The probe ended without a verdict: the next caller takes the turn.
    pub(crate) fn give_back(&mut self, probe: u64) -> Vec<(u64, Waker)> {
        if !self.is_probe(probe) {
            return Vec::new();
        }
        self.probe = None;
        self.take_waiters()
    }

    /// Everybody who waits, so that the caller can wake them without the lock.
    pub(crate) fn take_waiters(&mut self) -> Vec<(u64, Waker)> {
        std::mem::take(&mut self.waiters)
    }

    /// Remembers whom to wake at the next change.
    pub(crate) fn wait(&mut self, waiter: u64, waker: &Waker) {
        match self.waiters.iter_mut().find(|(id, _)| *id == waiter) {
            Some((_, known)) => known.clone_from(waker),
            None => self.waiters.push((waiter, waker.clone())),
        }
    }

    /// Forgets a caller who left.
    pub(crate) fn leave(&mut self, waiter: u64) {
        self.waiters.retain(|(id, _)| *id != waiter);
    }
}
