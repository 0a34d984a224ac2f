//! Whether a token that was handed out may be used, and how long it lives.

mod algorithm;
mod error;
mod jwt;
mod seconds;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

pub use algorithm::JwtAlgorithm;
pub use error::UnacceptableToken;
pub use jwt::JwtRules;
pub use seconds::Seconds;

use crate::{AccessToken, Lifetime};

/// What an authority's tokens must look like. The default is [`Opaque`](Self::Opaque).
///
/// No signature is checked: that is the service's business, which knows the key. What is read
/// here protects from a token of the wrong kind and says how long it lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenValidator {
    /// Any text; nothing in it is looked at.
    #[default]
    Opaque,
    /// A JSON Web Token that keeps these rules.
    Jwt(JwtRules),
}

impl TokenValidator {
    /// How long this token lives, judged at `now`, the moment its answer came.
    ///
    /// `stated` is what the answer says beside the token, `assumed` is our convention. A JWT that
    /// names its own end is asked too, and the shorter of both counts: sent after either of them,
    /// it would be refused. The convention is only for an authority of opaque tokens that states
    /// nothing (C-19); a JWT must say when it ends, or its answer must (W-C19).
    ///
    /// # Errors
    ///
    /// What is wrong with the token, without a part of it.
    pub fn lifetime(
        &self,
        token: &AccessToken,
        stated: Option<Duration>,
        assumed: Duration,
        now: SystemTime,
    ) -> Result<Lifetime, UnacceptableToken> {
        let stated = match self {
            Self::Opaque => stated,
            Self::Jwt(rules) => Some(rules.lifetime(token, stated, now)?),
        };
        match stated {
            Some(Duration::ZERO) => Err(UnacceptableToken::Ended),
            Some(lifetime) => Ok(Lifetime::Stated(lifetime)),
            None => Ok(Lifetime::Assumed(assumed)),
        }
    }
}
