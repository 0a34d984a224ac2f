//! The tokens that the service has handed out.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

const LENGTH: usize = 40;

/// The tokens that the service has handed out and that nobody revoked.
///
/// It has no Debug form. Lifetimes follow tokio's clock, so a test that pauses it decides when a token ends.
pub(crate) struct Tokens {
    lifetime: Duration,
    issued_at: HashMap<String, Instant>,
}

impl Tokens {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            issued_at: HashMap::new(),
        }
    }

    /// A token never seen before; those already out stay as they are.
    pub(crate) fn mint(&mut self, rng: &mut fastrand::Rng, now: Instant) -> String {
        let token = crate::hex::random(rng, LENGTH);
        self.keep(token.clone(), now);
        token
    }

    /// Lets a token live from now on.
    pub(crate) fn keep(&mut self, token: String, now: Instant) {
        self.drop_expired(now);
        self.issued_at.insert(token, now);
    }

    /// How long a token lives.
    #[cfg(feature = "cidx")]
    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    pub(crate) fn is_live(&self, token: &str, now: Instant) -> bool {
        self.issued_at
            .get(token)
            .is_some_and(|issued_at| self.is_young(*issued_at, now))
    }

    /// The live token that was handed out or restarted last.
    pub(crate) fn newest(&self, now: Instant) -> Option<String> {
        let live = self
            .issued_at
            .iter()
            .filter(|(_, issued_at)| self.is_young(**issued_at, now));
        live.max_by_key(|(_, issued_at)| **issued_at)
            .map(|(token, _)| token.clone())
    }

    /// Gives a live token its whole lifetime again.
    pub(crate) fn restart(&mut self, token: &str, now: Instant) {
        if let Some(issued_at) = self.issued_at.get_mut(token) {
            *issued_at = now;
        }
    }

    /// Ends every token; the answer is how many were live.
    pub(crate) fn revoke_all(&mut self, now: Instant) -> usize {
        self.drop_expired(now);
        let live = self.issued_at.len();
        self.issued_at.clear();
        live
    }

    fn drop_expired(&mut self, now: Instant) {
        let lifetime = self.lifetime;
        self.issued_at
            .retain(|_, issued_at| now.duration_since(*issued_at) < lifetime);
    }

    fn is_young(&self, issued_at: Instant, now: Instant) -> bool {
        now.duration_since(issued_at) < self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn tokens() -> (Tokens, fastrand::Rng, Instant) {
        (
            Tokens::new(HOUR),
            fastrand::Rng::with_seed(7),
            Instant::now(),
        )
    }

    #[test]
    fn a_token_is_40_lower_case_hex_characters_and_never_the_same() {
        let (mut tokens, mut rng, now) = tokens();
        let first = tokens.mint(&mut rng, now);
        assert_eq!(first.len(), 40);
        assert!(
            first
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            "{first}"
        );
        assert_ne!(tokens.mint(&mut rng, now), first);
    }

    #[test]
    fn a_token_lives_until_its_lifetime_is_over() {
        let (mut tokens, mut rng, now) = tokens();
        let token = tokens.mint(&mut rng, now);
        assert!(tokens.is_live(&token, now + HOUR - Duration::from_nanos(1)));
        assert!(!tokens.is_live(&token, now + HOUR));
    }

    #[test]
    fn a_later_token_leaves_the_earlier_one_alone() {
        let (mut tokens, mut rng, now) = tokens();
        let first = tokens.mint(&mut rng, now);
        let second = tokens.mint(&mut rng, now + HOUR / 2);
        assert!(tokens.is_live(&first, now + HOUR / 2));
        assert_eq!(tokens.newest(now + HOUR / 2), Some(second));
    }

    #[test]
    fn a_restarted_token_lives_its_whole_lifetime_again() {
        let (mut tokens, mut rng, now) = tokens();
        let token = tokens.mint(&mut rng, now);
        tokens.restart(&token, now + HOUR / 2);
        assert!(tokens.is_live(&token, now + HOUR));
        assert!(!tokens.is_live(&token, now + HOUR * 3 / 2));
    }

    #[test]
    fn revoking_counts_only_live_tokens() {
        let (mut tokens, mut rng, now) = tokens();
        tokens.mint(&mut rng, now);
        let late = tokens.mint(&mut rng, now + HOUR / 2);
        assert_eq!(tokens.revoke_all(now + HOUR), 1);
        assert!(!tokens.is_live(&late, now + HOUR));
        assert_eq!(tokens.newest(now + HOUR), None);
    }
}
