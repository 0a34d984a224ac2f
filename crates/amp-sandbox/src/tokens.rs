//! The tokens that the service has handed out.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::caller::Caller;

const LENGTH: usize = 40;

/// The tokens that the service has handed out and that nobody revoked.
///
/// It has no Debug form. Lifetimes follow tokio's clock, so a test that pauses it decides when a token ends.
pub(crate) struct Tokens {
    lifetime: Duration,
    sessions: HashMap<String, Session>,
}

/// What is known of one token.
#[derive(Clone, Copy)]
struct Session {
    caller: Caller,
    issued_at: Instant,
}

impl Tokens {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            sessions: HashMap::new(),
        }
    }

    /// A token never seen before; those already out stay as they are.
    pub(crate) fn mint(&mut self, caller: Caller, rng: &mut fastrand::Rng, now: Instant) -> String {
        let token = crate::hex::random(rng, LENGTH);
        self.keep(token.clone(), caller, now);
        token
    }

    /// Lets a token live from now on.
    pub(crate) fn keep(&mut self, token: String, caller: Caller, now: Instant) {
        self.drop_expired(now);
        let session = Session {
            caller,
            issued_at: now,
        };
        self.sessions.insert(token, session);
    }

    /// How long a token lives.
    #[cfg(feature = "cidx")]
    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Whose token it is, if it is live.
    pub(crate) fn caller(&self, token: &str, now: Instant) -> Option<Caller> {
        let session = self.sessions.get(token)?;
        self.is_young(session, now).then_some(session.caller)
    }

    /// The live token that this caller was handed or had restarted last.
    pub(crate) fn newest(&self, caller: Caller, now: Instant) -> Option<String> {
        let live = self
            .sessions
            .iter()
            .filter(|(_, session)| session.caller == caller && self.is_young(session, now));
        live.max_by_key(|(_, session)| session.issued_at)
            .map(|(token, _)| token.clone())
    }

    /// Gives a live token its whole lifetime again.
    pub(crate) fn restart(&mut self, token: &str, now: Instant) {
        if let Some(session) = self.sessions.get_mut(token) {
            session.issued_at = now;
        }
    }

    /// Ends every token; the answer is how many were live.
    pub(crate) fn revoke_all(&mut self, now: Instant) -> usize {
        self.drop_expired(now);
        let live = self.sessions.len();
        self.sessions.clear();
        live
    }

    /// Ends every token of one caller.
    pub(crate) fn revoke(&mut self, caller: Caller) {
        self.sessions.retain(|_, session| session.caller != caller);
    }

    fn drop_expired(&mut self, now: Instant) {
        let lifetime = self.lifetime;
        self.sessions
            .retain(|_, session| now.duration_since(session.issued_at) < lifetime);
    }

    fn is_young(&self, session: &Session, now: Instant) -> bool {
        now.duration_since(session.issued_at) < self.lifetime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: Caller = Caller::Issuer;
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
        let first = tokens.mint(ISSUER, &mut rng, now);
        assert_eq!(first.len(), 40);
        assert!(
            first
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            "{first}"
        );
        assert_ne!(tokens.mint(ISSUER, &mut rng, now), first);
    }

    #[test]
    fn a_token_lives_until_its_lifetime_is_over() {
        let (mut tokens, mut rng, now) = tokens();
        let token = tokens.mint(ISSUER, &mut rng, now);
        assert_eq!(
            tokens.caller(&token, now + HOUR - Duration::from_nanos(1)),
            Some(ISSUER)
        );
        assert_eq!(tokens.caller(&token, now + HOUR), None);
    }

    #[test]
    fn a_later_token_leaves_the_earlier_one_alone() {
        let (mut tokens, mut rng, now) = tokens();
        let first = tokens.mint(ISSUER, &mut rng, now);
        let second = tokens.mint(ISSUER, &mut rng, now + HOUR / 2);
        assert_eq!(tokens.caller(&first, now + HOUR / 2), Some(ISSUER));
        assert_eq!(tokens.newest(ISSUER, now + HOUR / 2), Some(second));
    }

    #[test]
    fn a_restarted_token_lives_its_whole_lifetime_again() {
        let (mut tokens, mut rng, now) = tokens();
        let token = tokens.mint(ISSUER, &mut rng, now);
        tokens.restart(&token, now + HOUR / 2);
        assert_eq!(tokens.caller(&token, now + HOUR), Some(ISSUER));
        assert_eq!(tokens.caller(&token, now + HOUR * 3 / 2), None);
    }

    #[test]
    fn revoking_counts_only_live_tokens() {
        let (mut tokens, mut rng, now) = tokens();
        tokens.mint(ISSUER, &mut rng, now);
        let late = tokens.mint(ISSUER, &mut rng, now + HOUR / 2);
        assert_eq!(tokens.revoke_all(now + HOUR), 1);
        assert_eq!(tokens.caller(&late, now + HOUR), None);
        assert_eq!(tokens.newest(ISSUER, now + HOUR), None);
    }

    #[test]
    fn the_tokens_of_one_caller_end_without_those_of_another() {
        let (mut tokens, mut rng, now) = tokens();
        let issuers = tokens.mint(ISSUER, &mut rng, now);
        let managers = tokens.mint(Caller::Manager(3), &mut rng, now);
        assert_eq!(tokens.newest(ISSUER, now), Some(issuers.clone()));
        tokens.revoke(ISSUER);
        assert_eq!(tokens.caller(&issuers, now), None);
        assert_eq!(tokens.caller(&managers, now), Some(Caller::Manager(3)));
    }
}
