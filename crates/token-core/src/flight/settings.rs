//! What all flights of one manager share.

use std::time::Duration;

use crate::RefreshPolicy;

/// What all flights of one manager share.
#[derive(Clone, Debug)]
pub struct FlightSettings {
    /// How a token is renewed without credentials.
    pub renewal: Renewal,
    /// The windows of loaded tokens.
    pub policy: RefreshPolicy,
    /// The time for refresh and login together; a refresh may take half of it.
    pub budget: Duration,
    /// How long to wait for somebody else's lease.
    pub lease_wait: Duration,
    /// How long refused credentials are not tried again.
    pub refusal_hold: Duration,
}

impl FlightSettings {
    /// The time for refresh and login together, unless set: 40 s.
    pub const BUDGET: Duration = Duration::from_secs(40);

    /// How long refused credentials are not tried again, unless set: 60 s.
    pub const REFUSAL_HOLD: Duration = Duration::from_secs(60);

    /// Settings for this way of renewal with a budget of 40 s; the wait for a lease is 5 s longer,
    /// so that a live holder has always ended by then.
    pub fn new(renewal: Renewal, policy: RefreshPolicy) -> Self {
        let lease_wait = Self::BUDGET + Duration::from_secs(5);
        Self {
            renewal,
            policy,
            budget: Self::BUDGET,
            lease_wait,
            refusal_hold: Self::REFUSAL_HOLD,
        }
    }
}

/// What renews a token without credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a flight must know every way")]
pub enum Renewal {
    /// Nothing: only a login brings a new token.
    LoginOnly,
    /// The access token itself, as at AMP: one that was rejected cannot renew itself.
    AccessToken,
    /// A refresh token, which the request may spend.
    RefreshToken,
}
