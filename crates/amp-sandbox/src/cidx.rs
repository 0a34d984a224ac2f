//! What the service of the CIDX client has beside that of AMP: JWTs and refresh tokens.

mod jwt;
mod refresh_tokens;

use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::caller::Caller;
use crate::state::{State, token_in};

pub use jwt::JwtAlgorithm;
pub(crate) use refresh_tokens::RefreshTokens;

/// What the server of the CIDX client gives its tokens.
pub(crate) const TOKEN_TTL: Duration = Duration::from_secs(10 * 60);

/// What a login or a refresh hands out.
pub(crate) struct Pair {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_in: u64,
}

impl State {
    /// Refuses a request without a live JWT in its Authorization header (RFC 6750 section 3).
    pub(crate) fn authenticate_bearer(
        &self,
        header: Option<&HeaderValue>,
        now: Instant,
    ) -> Result<Caller, Answer> {
        match token_in("bearer", header) {
            Err(_) => Err(answer::challenged("Bearer", "Not authenticated")),
            Ok(token) => self.tokens.caller(token, now).ok_or_else(|| {
                answer::challenged("Bearer error=\"invalid_token\"", "Invalid or expired token")
            }),
        }
    }

    /// A new JWT and a new refresh token; those already out stay as they are.
    pub(crate) fn pair(&mut self, now: Instant) -> Pair {
        let lifetime = self.tokens.lifetime();
        let issued_at = self.clock.wall(now, None);
        let access_token = jwt::mint(self.jwt_algorithm, issued_at, lifetime, &mut self.rng);
        self.tokens.keep(access_token.clone(), Caller::Issuer, now);
        Pair {
            access_token,
            refresh_token: self.refresh_tokens.mint(&mut self.rng),
            expires_in: lifetime.as_secs(),
        }
    }
}
