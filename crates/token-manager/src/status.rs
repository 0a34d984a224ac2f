//! Where a manager stands, for a health page or a log line.

use std::fmt;
use std::time::Duration;

use token_core::TokenError;
use token_core::lifecycle::{Epoch, FlightId, Source, Standing, TokenState};

use crate::Fingerprint;

/// Where a manager stands at one moment.
///
/// `Display` is one line for a log, and `Debug` has all of it; neither shows a token. Durations
/// are measured on the clock that counts suspends; only a token that came from the store is
/// judged by the wall clock.
#[derive(Clone, Debug)]
pub struct TokenStatus {
    pub(crate) standing: Standing,
    pub(crate) source: Option<Source>,
    pub(crate) saved: bool,
    pub(crate) waiters: usize,
    pub(crate) fingerprint: Option<Fingerprint>,
}

impl TokenStatus {
    /// The state of the token.
    pub fn state(&self) -> TokenState {
        self.standing.state
    }

    /// Whether a caller would be served without waiting.
    pub fn is_usable(&self) -> bool {
        matches!(self.state(), TokenState::Fresh | TokenState::Stale)
    }

    /// The number of the token that was published last; zero before the first.
    pub fn epoch(&self) -> Epoch {
        self.standing.epoch
    }

    /// The store's number of the token that was seen last.
    pub fn generation(&self) -> u64 {
        self.standing.generation
    }

    /// How long ago the held token was asked for.
    pub fn age(&self) -> Option<Duration> {
        self.standing.age
    }

    /// How long the held token will still be sent; zero without a usable one.
    pub fn remaining(&self) -> Duration {
        self.standing.remaining
    }

    /// Where the held token came from.
    pub fn source(&self) -> Option<Source> {
        self.source
    }

    /// Whether the store has the held token.
    pub fn is_saved(&self) -> bool {
        self.saved
    }

    /// The flight under way, if there is one.
    pub fn flight(&self) -> Option<FlightId> {
        self.standing.flight
    }

    /// How many callers wait for a flight now.
    pub fn waiters(&self) -> usize {
        self.waiters
    }

    /// Why the last flight failed, until another one brings a token or the token is cleared.
    pub fn last_error(&self) -> Option<&TokenError> {
        self.standing.error.as_ref()
    }

    /// How long no flight starts by itself because of that error; zero: one may start now.
    pub fn next_attempt_in(&self) -> Duration {
        self.standing.next_attempt_in
    }

    /// What tells the held token from others in this process without telling anything about it.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }
}

impl fmt::Display for TokenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, epoch {}", self.state(), self.epoch())?;
        if let Some(age) = self.age() {
            let (age, left) = (age.as_secs(), self.remaining().as_secs());
            write!(f, ", {age} s old, {left} s left")?;
        }
        if let Some(source) = self.source {
            let saved = if self.saved { "saved" } else { "not saved" };
            write!(f, ", {source}, {saved}")?;
        }
        if let Some(flight) = self.flight() {
            write!(f, ", flight {flight} with {} waiting", self.waiters)?;
        }
        if let Some(error) = self.last_error() {
            let wait = self.next_attempt_in().as_secs_f64();
            let class = error.class().name();
            write!(f, ", last error {class} ({error}), next try in {wait:.1} s")?;
        }
        match self.fingerprint {
            Some(fingerprint) => write!(f, ", fingerprint {fingerprint}"),
            None => Ok(()),
        }
    }
}
