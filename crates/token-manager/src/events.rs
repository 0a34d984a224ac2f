//! What observers of a manager hear.

mod event;
mod log;
mod outbox;
mod span;

use std::fmt::Debug;

pub use event::{Discarded, FlightReason, StoreStep, TokenEvent};

pub(crate) use log::log;
pub(crate) use outbox::Outbox;
pub(crate) use span::{flight_span, record_end};

/// Watches what a [`TokenManager`](crate::TokenManager) does, for metrics, alarms or tests.
///
/// It is one method with an enum rather than a method for each kind: an observer matches the few
/// kinds it cares about, the order of all kinds is visible in one place, passing on is one call,
/// and a new kind breaks nobody.
///
/// What is promised:
/// - Events come one at a time and in the order in which the manager's state changed, whatever
///   thread changed it; each observer hears all of them, in the order of registration.
/// - No lock of the manager is held, so an observer may ask the manager anything; what follows
///   from that is told after the event at hand.
/// - No event holds a credential or a token; nor do its `Debug` and `Display` output.
/// - An observer that panics harms neither a flight nor a caller nor another observer. The panic
///   is logged, and the observer hears the next event as before.
///
/// What is not: that the event arrives before a caller has the token that it tells of.
///
/// An observer must not block, because it runs on the thread of a caller or a flight: it delays
/// that one, and events queue up behind it. It should count, or send to a channel.
///
/// An observer that keeps a handle of the manager it watches keeps it, and its token, alive until
/// the process ends.
///
/// The hot path tells nothing: serving a fresh token is no event.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use token_manager::{TokenEvent, TokenEvents};
///
/// #[derive(Debug, Default)]
/// struct Failures(AtomicU64);
///
/// impl TokenEvents for Failures {
///     fn on_event(&self, event: &TokenEvent) {
///         if let TokenEvent::Failed { .. } = event {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait TokenEvents: Debug + Send + Sync + 'static {
    /// Hears what happened.
    fn on_event(&self, event: &TokenEvent);
}

impl<O: TokenEvents + ?Sized> TokenEvents for std::sync::Arc<O> {
    fn on_event(&self, event: &TokenEvent) {
        (**self).on_event(event);
    }
}
