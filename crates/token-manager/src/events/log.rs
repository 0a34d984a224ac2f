//! The same events as log lines, at the levels of A-75.

use token_core::lifecycle::Source;

use super::TokenEvent;

/// Writes the line of an event. A failure of the store is logged where it happens, with its text.
pub(crate) fn log(event: &TokenEvent) {
    match event {
        TokenEvent::FlightStarted {
            flight,
            goal,
            reason,
        } => {
            let (flight, goal) = (flight.number(), goal.name());
            tracing::debug!(flight, goal, %reason, "token flight started");
        }
        TokenEvent::FellBack { flight, error } => {
            let flight = flight.number();
            match error {
                Some(error) => tracing::warn!(flight, %error, "token refresh failed; logging in"),
                None => tracing::warn!(flight, "the refreshed token is of no use; logging in"),
            }
        }
        TokenEvent::Obtained { .. } => log_obtained(event),
        TokenEvent::Failed { .. } => log_failed(event),
        TokenEvent::FlightDiscarded {
            flight,
            why,
            callers,
            elapsed,
        } => {
            let flight = flight.number();
            tracing::debug!(flight, %why, callers, ?elapsed, "token flight came to nothing");
        }
        TokenEvent::Loaded {
            epoch,
            lifetime,
            remaining,
        } => {
            let epoch = epoch.number();
            tracing::debug!(epoch, ?lifetime, ?remaining, "stored token taken over");
        }
        TokenEvent::Installed {
            epoch,
            lifetime,
            remaining,
        } => {
            let epoch = epoch.number();
            tracing::info!(epoch, ?lifetime, ?remaining, "token installed");
        }
        TokenEvent::Rejected { epoch, just_issued } => {
            let epoch = epoch.number();
            if *just_issued {
                tracing::warn!(epoch, "the service rejects a token that was just issued");
            } else {
                tracing::debug!(epoch, "the service rejected the token");
            }
        }
        TokenEvent::Replayed { rejected, with } => {
            let (rejected, epoch) = (rejected.number(), with.number());
            tracing::debug!(rejected, epoch, "request sent again with another token");
        }
        TokenEvent::ClockJumped { epoch, remaining } => {
            let epoch = epoch.number();
            tracing::info!(
                epoch,
                ?remaining,
                "the wall clock jumped; token judged again"
            );
        }
        TokenEvent::StoreFailed { .. } => {}
        TokenEvent::Cleared { stored } => tracing::debug!(stored, "token cleared"),
        TokenEvent::Closed => tracing::debug!("token manager closed"),
    }
}

fn log_obtained(event: &TokenEvent) {
    let TokenEvent::Obtained {
        flight,
        epoch,
        generation,
        source,
        lifetime,
        saved,
        callers,
        elapsed,
        ..
    } = event
    else {
        return;
    };
    let (flight, epoch) = (flight.number(), epoch.number());
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                flight, epoch, generation, %source, ?lifetime, saved, callers, ?elapsed, $text
            )
        };
    }
    match source {
        Source::Obtained => line!(info, "token obtained"),
        Source::Refreshed => line!(info, "token refreshed"),
        _ => line!(debug, "stored token taken over"),
    }
}

/// While callers are still served, a failure is a warning.
fn log_failed(event: &TokenEvent) {
    let TokenEvent::Failed {
        flight,
        error,
        served,
        callers,
        elapsed,
        next_attempt_in,
    } = event
    else {
        return;
    };
    let (flight, class, attempts) = (flight.number(), error.class().name(), error.attempts());
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                flight, %error, class, attempts, callers, ?elapsed, ?next_attempt_in, $text
            )
        };
    }
    if *served {
        line!(warn, "no new token; the held one is still used");
    } else {
        line!(error, "no new token");
    }
}
