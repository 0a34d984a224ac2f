//! The book that one call keeps about its tries.

use std::time::Duration;

use crate::{Outcome, Sent};

/// What one call has done so far: all layers write into the same one, so that no layer can
/// multiply the tries of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    attempts: u32,
    replays: u32,
    tries: u32,
    /// Whether the send that was noted last is the replay.
    replaying: bool,
    waited: Duration,
    maybe_processed: bool,
}

impl Ledger {
    /// How often the retry layer sent the request; the first counts, and one that a layer below held
    /// back, or that was still waiting there when the call ended, does not.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How often it was sent again because its token was rejected: 0 or 1.
    pub const fn replays(&self) -> u32 {
        self.replays
    }

    /// All sends together.
    pub const fn sends(&self) -> u32 {
        self.attempts.saturating_add(self.replays)
    }

    /// How often a try really began, below every layer that may still hold a send back. Without a
    /// layer that times tries it is 0.
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// The time spent waiting between tries.
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// Whether an earlier try may have taken effect on the server.
    pub const fn maybe_processed(&self) -> bool {
        self.maybe_processed
    }

    /// Notes the start of a try.
    pub fn note_attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.replaying = false;
    }

    /// Notes the replay after a rejected token.
    pub fn note_replay(&mut self) {
        self.replays = self.replays.saturating_add(1);
        self.replaying = true;
    }

    /// Takes the send that was noted last back: a layer refused it, and nothing went out.
    pub fn note_held_back(&mut self) {
        let count = if self.replaying {
            &mut self.replays
        } else {
            &mut self.attempts
        };
        *count = count.saturating_sub(1);
        self.replaying = false;
    }

    /// Notes that a try begins.
    pub fn note_try(&mut self) {
        self.tries = self.tries.saturating_add(1);
    }

    /// Notes a wait between tries.
    pub fn note_wait(&mut self, wait: Duration) {
        self.waited = self.waited.saturating_add(wait);
    }

    /// Notes what came of a try whose result is not the call's. An answer of 408 (RFC 9110 section
    /// 15.5.9) or of the 500 range does not say that nothing was done.
    pub fn note_outcome(&mut self, outcome: &Outcome) {
        self.maybe_processed |= match outcome {
            Outcome::Answered { status, .. } => *status == 408 || *status >= 500,
            Outcome::Failed { sent, .. } => !matches!(sent, Sent::No),
            Outcome::Stopped => false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_back_is_no_send_be_it_an_attempt_or_the_replay() {
        let mut ledger = Ledger::default();
        ledger.note_held_back();
        assert_eq!(ledger, Ledger::default());
        ledger.note_attempt();
        ledger.note_replay();
        ledger.note_held_back();
        assert_eq!((ledger.attempts(), ledger.replays()), (1, 0));
        ledger.note_attempt();
        ledger.note_held_back();
        assert_eq!(ledger.sends(), 1);
    }
}
