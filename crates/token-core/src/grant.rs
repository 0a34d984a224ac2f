//! What an authority hands out.

use std::time::Duration;

use crate::{AccessToken, BootInstant, Now, RefreshToken, TokenData};

/// A token as the authority handed it out, before anybody decided anything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// The token itself.
    pub access: AccessToken,
    /// The token that renews it, where there is one.
    pub refresh: Option<RefreshToken>,
    /// How long it lives.
    pub lifetime: Lifetime,
}

/// How long a token lives, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "either the authority states it or we assume it"
)]
pub enum Lifetime {
    /// The authority states it.
    Stated(Duration),
    /// The authority states none; this is our convention (24 h for AMP, A-19).
    Assumed(Duration),
}

impl Lifetime {
    /// The duration, whoever says so.
    pub const fn duration(self) -> Duration {
        match self {
            Self::Stated(duration) | Self::Assumed(duration) => duration,
        }
    }

    /// Whether the authority itself states it.
    pub const fn is_stated(self) -> bool {
        matches!(self, Self::Stated(_))
    }
}

impl Grant {
    /// A token that lives this long.
    pub fn new(access: AccessToken, lifetime: Lifetime) -> Self {
        Self {
            access,
            refresh: None,
            lifetime,
        }
    }

    /// Adds the token that renews it.
    #[must_use]
    pub fn with_refresh(mut self, refresh: Option<RefreshToken>) -> Self {
        self.refresh = refresh;
        self
    }

    /// The record of this grant, asked for at `asked`. A grant without a refresh token keeps the
    /// one of the record it renews (RFC 6749 section 6).
    pub fn into_minted(self, asked: &Now, renewed: Option<&TokenData>) -> Minted {
        let kept = renewed.and_then(|old| old.refresh_token().cloned());
        let data = TokenData::with_lifetime(self.access, asked.wall, self.lifetime.duration())
            .with_refresh_token(self.refresh.or(kept));
        Minted {
            data,
            asked_at: asked.boot,
            lifetime: self.lifetime,
        }
    }
}

/// A new token with the moment its request was about to be sent: its life is counted from there
/// on the clock that never jumps (X-11, W-A30).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Minted {
    /// The record.
    pub data: TokenData,
    /// Just before its request was sent.
    pub asked_at: BootInstant,
    /// How long it lives from there on.
    pub lifetime: Lifetime,
}
