//! The same events as numbers, for whatever recorder the program has installed.

use std::sync::Arc;

use metrics::{
    SharedString, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use token_core::lifecycle::Source;

use crate::{TokenEvent, TokenEvents, TokenStatus};

/// Counts what a manager does, through the crate `metrics`. It does nothing in a program that has
/// installed no recorder.
///
/// Each metric has the label `manager` with the name given here, so that several managers in one
/// process are told apart.
///
/// | name | kind | labels | meaning |
/// |---|---|---|---|
/// | `token_logins_total` | counter | | tokens from a login |
/// | `token_refreshes_total` | counter | | tokens from a refresh |
/// | `token_adoptions_total` | counter | | tokens that another process or manager had stored |
/// | `token_refresh_failures_total` | counter | | refreshes of no use, after which a login followed |
/// | `token_failures_total` | counter | `class` | flights without a token, by [`ErrorClass::name`](token_core::ErrorClass::name) |
/// | `token_coalesced_callers_total` | counter | | callers who were spared a flight of their own by sharing one |
/// | `token_rejections_total` | counter | | tokens that the service rejected; one that was just issued counts with each request |
/// | `token_replays_total` | counter | | requests that were sent again with another token |
/// | `token_store_failures_total` | counter | `step` | failures of the store, by [`StoreStep::name`](crate::StoreStep::name) |
/// | `token_epoch` | gauge | | the number of the published token |
/// | `token_remaining_seconds` | gauge | | how long the token will still be sent, at the last change |
/// | `token_flight_seconds` | histogram | `outcome` | how long flights took, by the name of the event that ended them |
///
/// `token_remaining_seconds` is set when a token is published, when its borders move with the
/// wall clock, and to 0 when it is rejected, cleared or closed. It does not run down by itself: for
/// the value at the moment of a scrape call [`observe`](Self::observe) before it.
///
/// ```
/// use token_manager::TokenMetrics;
/// # use token_manager::{TokenManager, TokenProvider};
/// # fn watched(provider: impl TokenProvider) -> TokenManager {
/// TokenManager::builder(provider).events(TokenMetrics::new("amp")).build()
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokenMetrics {
    manager: Arc<str>,
}

impl TokenMetrics {
    /// Metrics with this value of the label `manager`. It describes them to the recorder that is
    /// installed by now.
    pub fn new(manager: impl Into<Arc<str>>) -> Self {
        describe();
        let manager = manager.into();
        Self { manager }
    }

    /// Sets both gauges to what is true now.
    pub fn observe(&self, status: &TokenStatus) {
        gauge!("token_epoch", "manager" => self.label()).set(number(status.epoch().number()));
        self.remaining(status.remaining().as_secs_f64());
    }

    fn label(&self) -> SharedString {
        SharedString::from_shared(Arc::clone(&self.manager))
    }

    fn count(&self, name: &'static str) {
        self.count_many(name, 1);
    }

    fn count_many(&self, name: &'static str, many: u64) {
        counter!(name, "manager" => self.label()).increment(many);
    }

    fn count_by(&self, name: &'static str, label: &'static str, value: &'static str) {
        counter!(name, "manager" => self.label(), label => value).increment(1);
    }

    fn remaining(&self, seconds: f64) {
        gauge!("token_remaining_seconds", "manager" => self.label()).set(seconds);
    }

    fn flown(&self, end: &TokenEvent, seconds: f64, callers: usize) {
        let outcome = end.name();
        histogram!("token_flight_seconds", "manager" => self.label(), "outcome" => outcome)
            .record(seconds);
        let spared = u64::try_from(callers.saturating_sub(1)).unwrap_or(u64::MAX);
        self.count_many("token_coalesced_callers_total", spared);
    }

    fn published(&self, source: Source, epoch: u64, remaining: f64) {
        match source {
            Source::Obtained => self.count("token_logins_total"),
            Source::Refreshed => self.count("token_refreshes_total"),
            Source::Installed => self.count("token_installations_total"),
            _ => self.count("token_adoptions_total"),
        }
        gauge!("token_epoch", "manager" => self.label()).set(number(epoch));
        self.remaining(remaining);
    }
}

impl TokenEvents for TokenMetrics {
    fn on_event(&self, event: &TokenEvent) {
        match event {
            TokenEvent::Obtained {
                epoch,
                source,
                remaining,
                callers,
                elapsed,
                ..
            } => {
                self.published(*source, epoch.number(), remaining.as_secs_f64());
                self.flown(event, elapsed.as_secs_f64(), *callers);
            }
            TokenEvent::Loaded {
                epoch, remaining, ..
            } => self.published(Source::Loaded, epoch.number(), remaining.as_secs_f64()),
            TokenEvent::Installed {
                epoch, remaining, ..
            } => self.published(Source::Installed, epoch.number(), remaining.as_secs_f64()),
            TokenEvent::Failed {
                error,
                callers,
                elapsed,
                ..
            } => {
                self.count_by("token_failures_total", "class", error.class().name());
                self.flown(event, elapsed.as_secs_f64(), *callers);
            }
            TokenEvent::FlightDiscarded {
                callers, elapsed, ..
            } => self.flown(event, elapsed.as_secs_f64(), *callers),
            TokenEvent::FellBack { .. } => self.count("token_refresh_failures_total"),
            TokenEvent::Rejected { just_issued, .. } => {
                self.count("token_rejections_total");
                if !just_issued {
                    self.remaining(0.0);
                }
            }
            TokenEvent::Replayed { .. } => self.count("token_replays_total"),
            TokenEvent::ClockJumped { remaining, .. } => self.remaining(remaining.as_secs_f64()),
            TokenEvent::StoreFailed { step, .. } => {
                self.count_by("token_store_failures_total", "step", step.name());
            }
            TokenEvent::Cleared { .. } | TokenEvent::Closed => self.remaining(0.0),
            TokenEvent::FlightStarted { .. } => {}
        }
    }
}

/// A gauge is a float; epochs stay far below where it loses whole numbers.
fn number(epoch: u64) -> f64 {
    f64::from(u32::try_from(epoch).unwrap_or(u32::MAX))
}

fn describe() {
    const COUNTERS: [(&str, &str); 10] = [
        ("token_logins_total", "Tokens from a login"),
        ("token_refreshes_total", "Tokens from a refresh"),
        ("token_adoptions_total", "Tokens taken over from the store"),
        (
            "token_installations_total",
            "Tokens that came with a changed password",
        ),
        (
            "token_refresh_failures_total",
            "Refreshes that a login followed",
        ),
        ("token_failures_total", "Flights without a token"),
        (
            "token_coalesced_callers_total",
            "Callers who shared the flight of another",
        ),
        ("token_rejections_total", "Tokens that the service rejected"),
        (
            "token_replays_total",
            "Requests sent again with another token",
        ),
        ("token_store_failures_total", "Failures of the token store"),
    ];
    for (name, text) in COUNTERS {
        describe_counter!(name, Unit::Count, text);
    }
    describe_gauge!("token_epoch", Unit::Count, "Number of the published token");
    describe_gauge!(
        "token_remaining_seconds",
        Unit::Seconds,
        "How long the token will still be sent"
    );
    describe_histogram!("token_flight_seconds", Unit::Seconds, "Length of flights");
}
