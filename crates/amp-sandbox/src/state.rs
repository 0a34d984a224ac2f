//! Everything that requests change.

mod accounts;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::account::Account;
use crate::answer::{self, Answer};
use crate::assets::{Asset, Assets};
use crate::assignments::Assignments;
use crate::broadcasts::Broadcasts;
use crate::caller::Caller;
use crate::categories::Categories;
use crate::chain::{CONFIRMATIONS, Chain};
#[cfg(feature = "cidx")]
use crate::cidx::{JwtAlgorithm, RefreshTokens};
use crate::clock::ServiceClock;
use crate::distributions::Distributions;
use crate::managers::Managers;
use crate::registered_users::RegisteredUsers;
use crate::settings::{Flavour, Reuse, Settings};
use crate::timestamp;
use crate::tokens::Tokens;

/// The clock, the accounts and their tokens, and what each resource holds in a module of its own.
pub(crate) struct State {
    pub(crate) flavour: Flavour,
    pub(crate) clock: ServiceClock,
    pub(crate) account: Account,
    pub(crate) tokens: Tokens,
    pub(crate) assets: Assets,
    pub(crate) assignments: Assignments,
    pub(crate) distributions: Distributions,
    pub(crate) broadcasts: Broadcasts,
    pub(crate) chain: Chain,
    pub(crate) registered_users: RegisteredUsers,
    pub(crate) categories: Categories,
    pub(crate) managers: Managers,
    pub(crate) rng: fastrand::Rng,
    #[cfg(feature = "cidx")]
    pub(crate) jwt_algorithm: JwtAlgorithm,
    #[cfg(feature = "cidx")]
    pub(crate) refresh_tokens: RefreshTokens,
    on_login: Reuse,
    on_refresh: Reuse,
    rejection: StatusCode,
}

impl State {
    pub(crate) fn new(settings: &Settings, clock: ServiceClock) -> Self {
        let mut rng = fastrand::Rng::with_seed(settings.seed);
        let mut state = Self {
            flavour: settings.flavour,
            clock,
            account: settings.account.clone(),
            tokens: Tokens::new(settings.token_ttl),
            assets: Assets::seeded(&mut rng),
            assignments: Assignments::default(),
            distributions: Distributions::default(),
            broadcasts: Broadcasts::default(),
            chain: Chain::new(),
            registered_users: RegisteredUsers::default(),
            categories: Categories::default(),
            managers: Managers::new(),
            rng,
            #[cfg(feature = "cidx")]
            jwt_algorithm: settings.jwt_algorithm,
            #[cfg(feature = "cidx")]
            refresh_tokens: RefreshTokens::default(),
            on_login: settings.on_login,
            on_refresh: settings.on_refresh,
            rejection: settings.rejection,
        };
        state.mine(CONFIRMATIONS);
        state
    }

    /// Makes blocks; the first of them takes every transaction that waits for one.
    pub(crate) fn mine(&mut self, blocks: i64) {
        if blocks < 1 {
            return;
        }
        for asset in self.assets.all_mut() {
            asset.book.include(self.chain.height() + 1);
        }
        self.chain.grow(blocks);
    }

    /// How much of an asset is in the treasury and not yet assigned; it can be less than nothing.
    pub(crate) fn unassigned(&self, asset: &Asset) -> i64 {
        let assignments = &self.assignments;
        let (uuid, treasury) = (asset.uuid(), asset.book.treasury());
        treasury - (assignments.assigned(uuid) - assignments.distributed(uuid))
    }

    /// The time that the service shows, in seconds since 1970.
    pub(crate) fn unix_time(&self, now: Instant) -> i64 {
        timestamp::seconds(self.clock.wall(now, None))
    }

    /// The live token in an Authorization header and whose it is, or the framework's refusal.
    pub(crate) fn authenticate<'h>(
        &self,
        header: Option<&'h HeaderValue>,
        now: Instant,
    ) -> Result<(Caller, &'h str), Answer> {
        let token = token_in("token", header)
            .map_err(|text| answer::unauthenticated(self.rejection, text))?;
        match self.tokens.caller(token, now) {
            None => Err(answer::unauthenticated(self.rejection, "Invalid token.")),
            Some(caller) if self.is_locked(caller) => {
                Err(answer::unauthenticated(self.rejection, answer::INACTIVE))
            }
            Some(caller) => Ok((caller, token)),
        }
    }

    /// A token for an account whose credentials were right. A token that is used again keeps its age.
    pub(crate) fn log_in(&mut self, caller: Caller, now: Instant) -> String {
        let reused = match self.on_login {
            Reuse::SameToken => self.tokens.newest(caller, now),
            Reuse::NewToken => None,
        };
        reused.unwrap_or_else(|| self.tokens.mint(caller, &mut self.rng, now))
    }

    /// A token with its whole life before it, for a live one.
    pub(crate) fn refresh(&mut self, caller: Caller, current: String, now: Instant) -> String {
        match self.on_refresh {
            Reuse::SameToken => {
                self.tokens.restart(&current, now);
                current
            }
            Reuse::NewToken => self.tokens.mint(caller, &mut self.rng, now),
        }
    }
}

/// Takes the token out of the header; the scheme is compared without regard to case, as the framework does.
pub(crate) fn token_in<'h>(
    expected: &str,
    header: Option<&'h HeaderValue>,
) -> Result<&'h str, &'static str> {
    let text = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut words = text.split_ascii_whitespace();
    if !words
        .next()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(expected))
    {
        return Err("Authentication credentials were not provided.");
    }
    let token = words
        .next()
        .ok_or("Invalid token header. No credentials provided.")?;
    match words.next() {
        Some(_) => Err("Invalid token header. Token string should not contain spaces."),
        None => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_the_word_token_in_any_case() {
        let table = [
            ("token abc", Ok("abc")),
            ("Token abc", Ok("abc")),
            ("TOKEN  abc", Ok("abc")),
            (
                "Bearer abc",
                Err("Authentication credentials were not provided."),
            ),
            ("", Err("Authentication credentials were not provided.")),
            (
                "token",
                Err("Invalid token header. No credentials provided."),
            ),
            (
                "token a b",
                Err("Invalid token header. Token string should not contain spaces."),
            ),
        ];
        for (header, expected) in table {
            let header = HeaderValue::from_static(header);
            assert_eq!(token_in("token", Some(&header)), expected, "{header:?}");
        }
        assert_eq!(
            token_in("token", None),
            Err("Authentication credentials were not provided.")
        );
    }
}
