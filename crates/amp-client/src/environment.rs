//! What kind of environment the variables describe, and whether tokens may be kept between runs.
//!
//! These are judgements about environment variables only. A base URL or a store that is given in
//! code is a choice, not a hint.

use std::ffi::OsString;

use amp_api::BaseUrl;
use zeroize::Zeroizing;

use crate::vars::{self, Lookup};

pub(crate) const TESTS: &str = "AMP_TESTS";
pub(crate) const USERNAME: &str = "AMP_USERNAME";
pub(crate) const PASSWORD: &str = "AMP_PASSWORD";
pub(crate) const BASE_URL: &str = "AMP_API_BASE_URL";

/// What kind of environment the variables describe.
///
/// It steers nothing but [`Persistence`]: no client ever sends a mock token because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `AMP_TESTS` is `live`, or user name and password are there and nothing looks like a mock.
    Live,
    /// User name, password or base URL look like those of a mock.
    Mock,
    /// Neither: somebody still has to bring credentials.
    Unset,
}

impl Environment {
    /// Judges the variables; the first rule that fits wins.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        Self::judge(&lookup)
    }

    fn judge(lookup: Lookup<'_>) -> Self {
        if is_live_test(lookup) {
            return Self::Live;
        }
        if has_mock_indicators(lookup) {
            return Self::Mock;
        }
        let has = |name| secret(lookup, name).is_some();
        if has(USERNAME) && has(PASSWORD) {
            return Self::Live;
        }
        Self::Unset
    }
}

/// Whether tokens may be kept between runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever chooses a store must know every case"
)]
pub enum Persistence {
    /// `AMP_TOKEN_PERSISTENCE` forbids it, or the environment looks like a mock.
    Never,
    /// `AMP_TOKEN_PERSISTENCE` asks for it, or `AMP_TESTS` is `live`.
    Wanted,
    /// Nobody said: the library keeps nothing.
    Unasked,
}

impl Persistence {
    /// Decides; the first rule that fits wins: an explicit no, a mock, an explicit yes, live tests
    /// . `explicit` is `AMP_TOKEN_PERSISTENCE`.
    pub(crate) fn decide(explicit: Option<bool>, lookup: Lookup<'_>) -> Self {
        if explicit == Some(false) || has_mock_indicators(lookup) {
            return Self::Never;
        }
        if explicit == Some(true) || is_live_test(lookup) {
            return Self::Wanted;
        }
        Self::Unasked
    }
}

/// Whether user name, password or base URL in the variables are those of a mock: a
/// user or password that begins with `mock_`, in any case; a base URL whose host is this machine
/// or has a label that begins with `mock`.
pub(crate) fn has_mock_indicators(lookup: Lookup<'_>) -> bool {
    let mock_secret = |name| secret(lookup, name).is_some_and(|text| is_mock_name(&text));
    mock_secret(USERNAME) || mock_secret(PASSWORD) || names_mock_host(lookup)
}

/// The wide rule of the seed: whether the user or the password contains `mock`, or the text of the
/// base URL contains `mock`, `localhost` or `127.0.0.1`, in any case. It also finds users
/// called Smock, so nothing here decides by it.
pub fn contains_mock_words(lookup: impl Fn(&str) -> Option<OsString>) -> bool {
    let contains = |name, words: &[&str]| {
        secret(&lookup, name).is_some_and(|text| {
            let text = Zeroizing::new(text.to_ascii_lowercase());
            words.iter().any(|word| text.contains(word))
        })
    };
    contains(USERNAME, &["mock"])
        || contains(PASSWORD, &["mock"])
        || contains(BASE_URL, &["mock", "localhost", "127.0.0.1"])
}

/// nothing but the exact text counts.
fn is_live_test(lookup: Lookup<'_>) -> bool {
    lookup(TESTS).is_some_and(|text| text == "live")
}

fn is_mock_name(text: &str) -> bool {
    let prefix = "mock_";
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn names_mock_host(lookup: Lookup<'_>) -> bool {
    let base = vars::text(lookup, BASE_URL).and_then(|text| BaseUrl::parse(&text).ok());
    base.is_some_and(|base| {
        base.is_loopback()
            || base
                .host()
                .split('.')
                .any(|label| label.starts_with("mock"))
    })
}

/// A value that is wiped when the judgement is made.
fn secret(lookup: Lookup<'_>, name: &str) -> Option<Zeroizing<String>> {
    vars::text(lookup, name).map(Zeroizing::new)
}

#[cfg(test)]
mod tests;
