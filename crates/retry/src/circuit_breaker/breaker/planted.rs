//! The bugs of the breaker that its models must find.

use super::{Admission, CircuitBreaker, Entry, Phase, Refused, Reservation};
use crate::models::planted::{Bug, is_planted};
use crate::runtime;

impl CircuitBreaker {
    /// What `admit` would be, with the bug that is planted there, if any: whoever sees that the
    /// pause is over takes the turn, also when somebody took it meanwhile.
    pub(super) fn admit_with_bug(&self) -> Option<Result<Entry, Refused>> {
        if !is_planted(Bug::AskThenTake) {
            return None;
        }
        let now = runtime::now();
        let phase = self.lock().circuit.phase();
        let is_over = matches!(phase, Phase::Open { until } if now >= until);
        if !is_over {
            return None;
        }
        let circuit = &mut self.lock().circuit;
        let reservation = match circuit.admit(now) {
            Admission::Pass(reservation) => reservation,
            Admission::Refuse { .. } => circuit.current(),
        };
        Some(Ok(Entry::new(self, reservation)))
    }

    /// The reservation that `settle` looks at.
    pub(super) fn reservation_with_bug(&self, reservation: Reservation) -> Reservation {
        if is_planted(Bug::CountStale) {
            return self.lock().circuit.current();
        }
        reservation
    }
}
