//! Refresh tokens that are good for one use.

use std::collections::HashSet;

use crate::hex;

const LENGTH: usize = 64;

/// The refresh tokens that are out, and those that were used. It has no Debug form.
#[derive(Default)]
pub(crate) struct RefreshTokens {
    live: HashSet<String>,
    spent: HashSet<String>,
    replays: usize,
}

impl RefreshTokens {
    pub(crate) fn mint(&mut self, rng: &mut fastrand::Rng) -> String {
        let token = hex::random(rng, LENGTH);
        self.live.insert(token.clone());
        token
    }

    /// Uses one up; the answer is whether it was good for that. A second use is counted.
    pub(crate) fn spend(&mut self, token: &str) -> bool {
        if let Some(token) = self.live.take(token) {
            return self.spent.insert(token);
        }
        self.replays += usize::from(self.spent.contains(token));
        false
    }

    /// Uses all of them up.
    pub(crate) fn spend_all(&mut self) -> usize {
        let spent = self.live.len();
        self.spent.extend(self.live.drain());
        spent
    }

    /// How often a spent one was used again.
    pub(crate) fn replays(&self) -> usize {
        self.replays
    }
}
