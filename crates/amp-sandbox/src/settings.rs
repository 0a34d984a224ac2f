//! What the builder settled.

use std::time::Duration;

use http::StatusCode;

use crate::account::Account;
#[cfg(feature = "cidx")]
use crate::cidx::JwtAlgorithm;
use crate::rate_limit::RateLimit;

/// How the service behaves; a reset goes back to it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) flavour: Flavour,
    pub(crate) seed: u64,
    pub(crate) token_ttl: Duration,
    pub(crate) account: Account,
    pub(crate) on_login: Reuse,
    pub(crate) on_refresh: Reuse,
    /// The status for a missing or wrong token.
    pub(crate) rejection: StatusCode,
    pub(crate) rate_limit: Option<RateLimit>,
    #[cfg(feature = "cidx")]
    pub(crate) jwt_algorithm: JwtAlgorithm,
}

/// Which service it behaves like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Amp,
    #[cfg(feature = "cidx")]
    Cidx,
}

/// Which token an operation hands out while one is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    NewToken,
    SameToken,
}
