//! The detached task of one flight.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use token_core::lifecycle::{Event, FlightId, FlightPlan, Verdict};
use token_core::{ErrorClass, TokenError, TokenFailure};
use tracing::{Instrument, Span};

use super::Shared;
use super::pilot::{Landing, Pilot};
use crate::events::{flight_span, record_end};
use crate::runtime;

/// Flies this plan on the runtime of whoever calls, whatever becomes of the caller.
pub(super) fn spawn(shared: Arc<Shared>, plan: FlightPlan) {
    let span = flight_span(&plan);
    let guard = FlightGuard {
        shared,
        id: plan.id,
        landed: false,
    };
    runtime::spawn(fly(guard, plan, span.clone()).instrument(span));
}

/// Tells the life cycle when the task of a flight dies, as with its runtime, so that no waiter
/// hangs.
struct FlightGuard {
    shared: Arc<Shared>,
    id: FlightId,
    landed: bool,
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        #[cfg(all(test, shuttle))]
        if super::planted::is_planted(super::planted::Bug::DieSilently) {
            return;
        }
        if !self.landed {
            self.shared.settle(|_| Event::FlightLost(self.id));
        }
    }
}

async fn fly(mut guard: FlightGuard, plan: FlightPlan, span: Span) {
    let shared = Arc::clone(&guard.shared);
    let landing = whole(&shared, &plan).await;
    guard.landed = true;
    if let Some(ended) = shared.land(plan.id, landing) {
        record_end(&span, &ended);
    }
}

/// The flight, with a panic of the provider or the store as its failure: the task would end
/// without a word, and every next caller would meet the same.
async fn whole(shared: &Shared, plan: &FlightPlan) -> Landing {
    let mut pilot = Pilot::new(shared, plan);
    let mut flight = pin!(pilot.fly(plan));
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| flight.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Landing::panicked()))
    })
    .await
}

impl Landing {
    fn panicked() -> Self {
        let reason = "the token provider or the store panicked";
        let error = TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Transient, reason));
        let spent = true;
        Self {
            verdict: Verdict::Failed { error, spent },
            tried: None,
        }
    }
}
