//! When the next flight may start after one that failed.

use std::time::Duration;

use crate::{BootInstant, Now, TokenError};

/// The first wait, doubled with each failure in a row.
const BASE: Duration = Duration::from_secs(1);
/// The longest wait that we choose ourselves.
const CAP: Duration = Duration::from_secs(60);
/// The shortest wait: with nothing left to serve, the callers of one batch share its error and
/// the next batch does not follow at once.
const FLOOR: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Spacing {
    failures: u32,
    blocked: Option<(BootInstant, TokenError)>,
}

impl Spacing {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn error(&self) -> Option<&TokenError> {
        self.blocked.as_ref().map(|(_, error)| error)
    }

    /// The error to answer while no flight may start.
    pub(super) fn blocks(&self, now: &Now) -> Option<TokenError> {
        let (_, error) = self.blocked.as_ref()?;
        let left = self.left(now);
        (!left.is_zero()).then(|| error.with_wait_left(left))
    }

    /// How long no flight may start yet.
    pub(super) fn left(&self, now: &Now) -> Duration {
        let blocked = self.blocked.as_ref();
        blocked.map_or(Duration::ZERO, |(until, _)| {
            until.saturating_since(now.boot)
        })
    }

    /// What decides about the next waits: the failures in a row, as far as they still matter, and
    /// what is left of the wait.
    #[cfg(test)]
    pub(super) fn stands(&self, now: &Now) -> (u32, Option<Duration>) {
        let until = self.blocked.as_ref().map(|(until, _)| until);
        let left = until.map(|until| until.saturating_since(now.boot));
        (self.failures.min(6), left)
    }

    /// Spaces the next flight: full jitter under a doubling border, at most a quarter of what the
    /// token has left, so that several tries fit; never before `floor`, what the authority asked.
    pub(super) fn failed(
        &mut self,
        error: TokenError,
        left: Duration,
        floor: Duration,
        draw: f64,
        now: &Now,
    ) {
        let doubled = BASE.saturating_mul(2_u32.saturating_pow(self.failures.min(16)));
        let share = if left.is_zero() { CAP } else { left / 4 };
        let border = doubled.min(CAP).min(share);
        let draw = if draw.is_nan() {
            1.0
        } else {
            draw.clamp(0.0, 1.0)
        };
        let wait = border.mul_f64(draw).max(FLOOR).max(floor);
        self.failures = self.failures.saturating_add(1);
        self.blocked = Some((now.boot.saturating_add(wait), error));
    }
}
