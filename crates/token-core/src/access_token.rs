//! The secret texts: access token and refresh token.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

/// The longest token text that is accepted, in bytes: the bound that the description of the AMP
/// service gives for its own tokens.
const MAX_BYTES: usize = 4096;

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Arc<SecretString>);

        impl $name {
            /// Checks the text and takes it over.
            ///
            /// # Errors
            ///
            /// [`InvalidToken`] when the text is empty, longer than 4096 bytes, or holds anything
            /// but visible ASCII: such a text could not travel in one header.
            pub fn new(text: impl Into<SecretString>) -> Result<Self, InvalidToken> {
                let text = text.into();
                check(text.expose_secret())?;
                Ok(Self(Arc::new(text)))
            }

            /// The secret itself, for the one place where it leaves the process.
            pub fn expose_secret(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        /// Compares in a time that depends on the lengths alone.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                let (ours, theirs) = (self.expose_secret(), other.expose_secret());
                ours.as_bytes().ct_eq(theirs.as_bytes()).into()
            }
        }

        impl Eq for $name {}

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = SecretString::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

secret_text! {
    /// The bearer token of the API: a clone is a reference count, and the text is wiped when the
    /// last clone drops.
    AccessToken
}

secret_text! {
    /// The longer-lived token that renews an access token, where the authority hands one out.
    RefreshToken
}

/// A text that cannot be a token. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// Nothing was there.
    #[error("the token is empty")]
    Empty,
    /// More than 4096 bytes.
    #[error("the token is longer than 4096 bytes")]
    TooLong,
    /// A blank, a control character or a byte outside ASCII.
    #[error("the token holds a character that cannot travel in a header")]
    Character,
}

fn check(text: &str) -> Result<(), InvalidToken> {
    if text.is_empty() {
        return Err(InvalidToken::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(InvalidToken::TooLong);
    }
    // To the end and without a branch, so that many bytes are looked at in one instruction.
    let graphic = |all, byte: u8| all & byte.is_ascii_graphic();
    if !text.bytes().fold(true, graphic) {
        return Err(InvalidToken::Character);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn debug_output_hides_the_token() {
        let token = AccessToken::new("s3cret-text").unwrap();
        assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
        let token = RefreshToken::new("s3cret-text").unwrap();
        assert_eq!(format!("{token:?}"), "RefreshToken([redacted])");
    }

    // W-A10: upstream cut the first 20 characters out of a token and panicked on shorter ones.
    #[test]
    fn texts_that_cannot_travel_in_a_header_are_refused_without_repeating_them() {
        let long = "x".repeat(MAX_BYTES + 1);
        let cases = [
            ("", InvalidToken::Empty),
            (long.as_str(), InvalidToken::TooLong),
            ("two words", InvalidToken::Character),
            ("line\r\nbreak", InvalidToken::Character),
            ("umläut", InvalidToken::Character),
        ];
        for (text, expected) in cases {
            let error = AccessToken::new(text).unwrap_err();
            assert_eq!(error, expected);
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
        assert!(AccessToken::new("x").is_ok());
        assert!(AccessToken::new("x".repeat(MAX_BYTES)).is_ok());
    }

    // W-A07: a caller gets a reference to the one copy, never a text of its own.
    #[test]
    fn clones_share_one_buffer_and_equal_texts_are_equal() {
        let token = AccessToken::new("abc").unwrap();
        let copy = token.clone();
        assert!(std::ptr::eq(token.expose_secret(), copy.expose_secret()));
        assert_eq!(token, AccessToken::new("abc").unwrap());
        assert_ne!(token, AccessToken::new("abd").unwrap());
        assert_ne!(token, AccessToken::new("abcd").unwrap());
    }
}
