//! The detached task of one flight.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use token_core::lifecycle::{Event, FlightId, FlightPlan, Verdict};
use token_core::{ErrorClass, Now, TokenError, TokenFailure};
use tracing::Instrument;

use super::Shared;
use super::pilot::{Landing, Pilot};
use crate::runtime;

/// Flies this plan on the runtime of whoever calls, whatever becomes of the caller.
pub(super) fn spawn(shared: Arc<Shared>, plan: FlightPlan) {
    let span = tracing::debug_span!("token_flight", goal = ?plan.goal);
    let guard = FlightGuard {
        shared,
        id: plan.id,
        landed: false,
    };
    runtime::spawn(fly(guard, plan).instrument(span));
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

async fn fly(mut guard: FlightGuard, plan: FlightPlan) {
    let shared = Arc::clone(&guard.shared);
    let landing = whole(&shared, &plan).await;
    report(&landing.verdict, serves(&plan, &shared.now()));
    guard.landed = true;
    shared.land(plan.id, landing);
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

/// Whether callers are still served from the token that the flight was to renew.
fn serves(plan: &FlightPlan, now: &Now) -> bool {
    let basis = plan.basis.as_ref();
    basis.is_some_and(|basis| !basis.rejected && now.boot < basis.dead_at)
}

fn report(verdict: &Verdict, served: bool) {
    match verdict {
        Verdict::Minted { minted, saved, .. } => {
            tracing::info!(lifetime = ?minted.lifetime.duration(), saved, "token renewed");
        }
        Verdict::Adopted { data, .. } => {
            tracing::debug!(lifetime = ?data.lifetime(), "stored token taken over");
        }
        Verdict::Superseded { .. } => tracing::debug!("the token was cleared meanwhile"),
        Verdict::Failed { error, .. } if served => {
            tracing::warn!(%error, "no new token; the held one is still used");
        }
        Verdict::Failed { error, .. } => tracing::error!(%error, "no new token"),
    }
}
