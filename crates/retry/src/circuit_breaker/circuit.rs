//! The circuit as a value: a function of what happened and of the time.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::Health;
use crate::monotonic::later;

/// Whether requests pass, and what that depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Circuit {
    threshold: NonZeroU32,
    pause: Duration,
    /// The number of the phase; it changes whenever the phase does.
    epoch: u64,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Everybody passes; so many failures came in a row.
    Closed { failures: u32 },
    /// Nobody passes before this moment.
    Open { until: Instant },
    /// One request decides; none may be on its way yet.
    HalfOpen { probe: Option<Probe> },
}

/// The request that decides. One that has not come back by then is given up, so that a future
/// which somebody keeps without polling it blocks nobody for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    given_up_at: Instant,
}

/// The right to send one request, and to say once what came of it. It belongs to the phase in which
/// it was given: in any later one it says nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    epoch: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Pass(Reservation),
    /// Nobody may send before this moment, which is not known while a probe is on its way.
    Refuse {
        until: Option<Instant>,
    },
}

impl Circuit {
    /// A closed circuit that opens for `pause` after `threshold` failures in a row.
    pub(crate) const fn new(threshold: NonZeroU32, pause: Duration) -> Self {
        Self {
            threshold,
            pause,
            epoch: 0,
            phase: Phase::Closed { failures: 0 },
        }
    }

    pub(crate) const fn phase(&self) -> Phase {
        self.phase
    }

    /// A reservation of the present phase, which nobody asked for.
    #[cfg(all(test, shuttle))]
    pub(super) const fn current(&self) -> Reservation {
        Reservation { epoch: self.epoch }
    }

    /// Asks to send a request at `now`.
    pub(crate) fn admit(&mut self, now: Instant) -> Admission {
        match self.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } if now < until => {
                return Admission::Refuse { until: Some(until) };
            }
            Phase::HalfOpen { probe: Some(probe) } if now < probe.given_up_at => {
                return Admission::Refuse { until: None };
            }
            Phase::Open { .. } | Phase::HalfOpen { .. } => {
                let given_up_at = later(now, self.pause);
                let probe = Some(Probe { given_up_at });
                self.enter(Phase::HalfOpen { probe });
            }
        }
        Admission::Pass(Reservation { epoch: self.epoch })
    }

    /// The right to send while the circuit is closed; the time does not matter then.
    pub(crate) fn pass(&self) -> Option<Reservation> {
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        is_closed.then_some(Reservation { epoch: self.epoch })
    }

    /// Takes the verdict of a request; the answer is whether the phase changed by it. Only a failure may
    /// ask for the time.
    pub(crate) fn settle(
        &mut self,
        reservation: Reservation,
        health: Health,
        now: impl FnOnce() -> Instant,
    ) -> bool {
        if reservation.epoch != self.epoch {
            return false;
        }
        match (self.phase, health) {
            (Phase::Closed { .. }, Health::Works) => {
                self.phase = Phase::Closed { failures: 0 };
            }
            (Phase::Closed { failures }, Health::Fails) => {
                let failures = failures.saturating_add(1);
                if failures >= self.threshold.get() {
                    return self.open(now());
                }
                self.phase = Phase::Closed { failures };
            }
            (Phase::HalfOpen { .. }, Health::Works) => {
                return self.enter(Phase::Closed { failures: 0 });
            }
            (Phase::HalfOpen { .. }, Health::Fails) => return self.open(now()),
            // The turn of a probe goes to the next caller.
            (Phase::HalfOpen { .. }, Health::Unknown) => {
                self.phase = Phase::HalfOpen { probe: None };
            }
            (Phase::Closed { .. }, Health::Unknown) | (Phase::Open { .. }, _) => {}
        }
        false
    }

    fn open(&mut self, now: Instant) -> bool {
        let until = later(now, self.pause);
        self.enter(Phase::Open { until })
    }

    fn enter(&mut self, phase: Phase) -> bool {
        self.epoch = self.epoch.wrapping_add(1);
        self.phase = phase;
        true
    }
}

#[cfg(test)]
mod tests;
