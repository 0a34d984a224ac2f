//! The span around a flight.

use token_core::lifecycle::FlightPlan;
use tracing::Span;
use tracing::field::Empty;

use super::TokenEvent;

/// Everything that is logged while a flight is under way is inside of this. It starts with what
/// the flight is for, and gets its outcome at the end.
pub(crate) fn flight_span(plan: &FlightPlan) -> Span {
    tracing::debug_span!(
        "token_flight",
        flight = plan.id.number(),
        goal = plan.goal.name(),
        outcome = Empty,
        epoch = Empty,
        generation = Empty,
        source = Empty,
        attempts = Empty,
        elapsed = Empty,
    )
}

/// Adds how the flight ended.
pub(crate) fn record_end(span: &Span, end: &TokenEvent) {
    span.record("outcome", end.name());
    match end {
        TokenEvent::Obtained {
            epoch,
            generation,
            source,
            elapsed,
            ..
        } => {
            span.record("epoch", epoch.number());
            span.record("generation", generation);
            span.record("source", source.name());
            span.record("elapsed", tracing::field::debug(elapsed));
        }
        TokenEvent::Failed { error, elapsed, .. } => {
            span.record("attempts", error.attempts());
            span.record("elapsed", tracing::field::debug(elapsed));
        }
        TokenEvent::FlightDiscarded { elapsed, .. } => {
            span.record("elapsed", tracing::field::debug(elapsed));
        }
        _ => {}
    }
}
