//! The breaker that all requests of one service share.

#[cfg(all(test, shuttle))]
mod planted;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use token_core::CallContext;
use tracing::{info, warn};

use super::Health;
use super::circuit::{Admission, Circuit, Phase, Reservation};
#[cfg(all(test, shuttle))]
use crate::models::planted::{Bug, is_planted};
use crate::runtime;
use crate::sync::{Mutex, MutexGuard};

/// Failures in a row that open the circuit (C-43).
const THRESHOLD: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");
/// How long it stays open (C-43).
const PAUSE: Duration = Duration::from_secs(300);

/// Keeps count of a service's failures for everybody who asks it; a clone is the same breaker.
///
/// The circuit is closed until so many tries in a row fail. Then it is open, and nothing is sent
/// until the pause is over. Then one request goes through: its success closes the circuit with a
/// count of zero, its failure opens it again, and if it ends without a verdict the next one takes
/// its turn. What comes back from before the last change does not count any more.
#[derive(Clone, Debug)]
pub struct CircuitBreaker(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    circuit: Circuit,
    /// The call whose request is the probe, so that it is known again further down.
    prober: Option<CallContext>,
}

/// What a [`CircuitBreaker`] does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three states of a circuit breaker"
)]
pub enum CircuitState {
    /// Everybody passes.
    Closed,
    /// Nobody passes, or the next one will be the probe.
    Open,
    /// One request decides, and nobody else passes.
    HalfOpen,
}

impl CircuitBreaker {
    /// A closed circuit that opens for `pause` after `threshold` failures in a row.
    pub fn new(threshold: NonZeroU32, pause: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            circuit: Circuit::new(threshold, pause),
            prober: None,
        })))
    }

    /// What it does with requests, for whoever shows it; by the time it is read it may be past.
    pub fn state(&self) -> CircuitState {
        match self.lock().circuit.phase() {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    pub(crate) fn admit<'a>(
        &self,
        call: impl FnOnce() -> Option<&'a CallContext>,
    ) -> Result<Entry, Refused> {
        #[cfg(all(test, shuttle))]
        if let Some(admitted) = self.admit_with_bug() {
            return admitted;
        }
        let mut state = self.lock();
        if let Some(reservation) = state.circuit.pass() {
            return Ok(Entry::new(self, reservation));
        }
        let now = runtime::now();
        match state.circuit.admit(now) {
            Admission::Pass(reservation) => {
                if let Phase::HalfOpen { .. } = state.circuit.phase() {
                    state.prober = call().cloned();
                }
                Ok(Entry::new(self, reservation))
            }
            Admission::Refuse { until } => Err(Refused {
                wait: until.map(|until| until.saturating_duration_since(now)),
            }),
        }
    }

    /// Whether everybody passes.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.lock().circuit.phase(), Phase::Closed { .. })
    }

    /// Why a request of this call, which was admitted before, may not be sent any more; `None` when it
    /// may. It looks at the phase and takes no turn.
    pub(crate) fn holds_back(&self, call: &CallContext) -> Option<Refused> {
        let state = self.lock();
        let wait = match state.circuit.phase() {
            Phase::Closed { .. } => return None,
            Phase::Open { until } => Some(until.saturating_duration_since(runtime::now())),
            Phase::HalfOpen { .. } => None,
        };
        let is_prober = |prober: &CallContext| prober.is_same_call(call);
        if wait.is_none() && state.prober.as_ref().is_some_and(is_prober) {
            return None;
        }
        Some(Refused { wait })
    }

    fn settle(&self, reservation: Reservation, health: Health) {
        #[cfg(all(test, shuttle))]
        let reservation = self.reservation_with_bug(reservation);
        let changed = self
            .lock()
            .circuit
            .settle(reservation, health, runtime::now);
        match health {
            Health::Fails if changed => warn!("the service keeps failing; it is not asked for now"),
            Health::Works if changed => info!("the service works again"),
            _ => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

/// 5 failures in a row, and 300 s (C-43).
impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::new(THRESHOLD, PAUSE)
    }
}

/// A request that may not be sent.
#[derive(Debug)]
pub(crate) struct Refused {
    /// How long nobody may; unknown while a probe is on its way.
    pub(crate) wait: Option<Duration>,
}

/// A request that may be sent. Dropped without a verdict, it says nothing about the service.
#[derive(Debug)]
pub(crate) struct Entry {
    breaker: CircuitBreaker,
    reservation: Option<Reservation>,
}

impl Entry {
    fn new(breaker: &CircuitBreaker, reservation: Reservation) -> Self {
        Self {
            breaker: breaker.clone(),
            reservation: Some(reservation),
        }
    }

    pub(crate) fn settle(&mut self, health: Health) {
        if let Some(reservation) = self.reservation.take() {
            self.breaker.settle(reservation, health);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        #[cfg(all(test, shuttle))]
        if is_planted(Bug::KeepTurn) {
            return;
        }
        self.settle(Health::Unknown);
    }
}
