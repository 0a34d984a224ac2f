//! A secret that is recognised wherever it turns up.

use std::error::Error;
use std::fmt::Debug;

use token_core::{AccessToken, RefreshToken};

use super::base64;
use crate::Credentials;

/// How long the random part is.
const LENGTH: usize = 32;
/// A piece of the random part as long as this is a leak, too: a prefix in a log still helps to
/// guess the rest. By chance such a piece turns up once in 10^14 places.
const PIECE: usize = 8;

/// A made-up secret that fails a test when it appears where no secret may be: whole, in pieces,
/// percent-encoded, or in base64.
///
/// Each one is different, so that a failure says whose secret leaked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    name: String,
    random: String,
}

impl Canary {
    /// A new secret; the name stands in front of its random part, and in failures.
    pub fn new(name: &str) -> Self {
        let random = std::iter::repeat_with(fastrand::alphanumeric);
        Self {
            name: name.to_owned(),
            random: random.take(LENGTH).collect(),
        }
    }

    /// The secret as it is.
    pub fn text(&self) -> String {
        format!("{}-{}", self.name, self.random)
    }

    /// The secret as a token.
    ///
    /// # Panics
    ///
    /// When its name has characters that no token may have.
    pub fn token(&self) -> AccessToken {
        AccessToken::new(self.text()).expect("the name of a canary that is a token")
    }

    /// The secret as a refresh token.
    ///
    /// # Panics
    ///
    /// When its name has characters that no token may have.
    pub fn refresh_token(&self) -> RefreshToken {
        RefreshToken::new(self.text()).expect("the name of a canary that is a token")
    }

    /// Credentials with the secret as password.
    pub fn credentials(&self, username: &str) -> Credentials {
        Credentials::new(username, self.text())
    }

    /// Whether the secret is in this text, whole or in part.
    pub fn is_in(&self, text: &str) -> bool {
        let random = self.random.as_bytes();
        let mut pieces = random
            .windows(PIECE)
            .filter_map(|piece| str::from_utf8(piece).ok());
        let traces = base64::traces(random);
        pieces.any(|piece| text.contains(piece)) || traces.iter().any(|trace| text.contains(trace))
    }

    /// Fails the test when the secret is in this text, and shows the line that has it.
    ///
    /// # Panics
    ///
    /// When it is there.
    #[track_caller]
    pub fn assert_absent(&self, text: &str) {
        let line = text.lines().find(|line| self.is_in(line));
        let line = line.or_else(|| self.is_in(text).then_some(text));
        assert!(
            line.is_none(),
            "the secret {:?} is in: {}",
            self.name,
            line.unwrap_or_default()
        );
    }

    /// The same for both ways to debug a value.
    ///
    /// # Panics
    ///
    /// When the secret is there.
    #[track_caller]
    pub fn assert_not_debugged(&self, value: &impl Debug) {
        self.assert_absent(&format!("{value:?} {value:#?}"));
    }

    /// The same for an error and all its sources.
    ///
    /// # Panics
    ///
    /// When the secret is there.
    #[track_caller]
    pub fn assert_not_told_by(&self, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.assert_absent(&error.to_string());
            self.assert_absent(&format!("{error:?} {error:#?}"));
            next = error.source();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str, canary: &Canary) -> bool {
        std::panic::catch_unwind(|| canary.assert_absent(text)).is_err()
    }

    // a test that cannot find a secret proves nothing.
    #[test]
    fn a_canary_is_found_whole_in_part_and_encoded() {
        let canary = Canary::new("password");
        let text = canary.text();
        let pair = format!("user:{text}");
        let encoded: String = [&pair[..], &pair[1..], &pair[2..]]
            .map(|pair| base64::traces(pair.as_bytes())[0].clone())
            .join(" ");
        for shown in [
            text.clone(),
            format!("line 1\nAuthorization: token {text}\n"),
            text["password-".len()..]["12".len()..][..PIECE].to_owned(),
            format!("{:?}", canary.random),
        ] {
            assert!(is_found(&shown, &canary), "{shown}");
        }
        for third in encoded.split(' ') {
            assert!(is_found(third, &canary), "{third}");
        }
        assert!(!is_found("password-", &canary), "its name is no secret");
        assert!(!is_found(&Canary::new("password").text(), &canary));
        assert!(!is_found("", &canary));
    }
}
