//! Whose token a store keeps.

use std::fmt;

use sha2::{Digest, Sha256};
use url::Url;

/// The longest part of a binding, in bytes.
const MAX_PART: usize = 4096;

/// The service that a token belongs to: lower-case `scheme://host:port`, the port always written
/// out, no path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of a URL; its path and query do not matter.
    ///
    /// # Errors
    ///
    /// [`InvalidBinding::Origin`] when the text is not a URL with a host and a port (given, or the
    /// known one of its scheme), holds a user or a password, or is longer than 4096 bytes.
    pub fn parse(url: &str) -> Result<Self, InvalidBinding> {
        let url = Url::parse(url).map_err(|_| InvalidBinding::Origin)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBinding::Origin);
        }
        let host = url.host_str().ok_or(InvalidBinding::Origin)?;
        let port = url.port_or_known_default().ok_or(InvalidBinding::Origin)?;
        let origin = format!("{}://{}:{port}", url.scheme(), host.to_ascii_lowercase());
        let origin = checked(origin, InvalidBinding::Origin)?;
        Ok(Self(origin))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The service and the user that a record is for. A store opened for one binding never serves
/// the record of another (W-A03).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binding {
    origin: Origin,
    user: String,
}

impl Binding {
    /// The binding of this user at the service of this URL.
    ///
    /// # Errors
    ///
    /// [`InvalidBinding`] when the URL has no [`Origin`], or when the user is empty, longer than
    /// 4096 bytes or holds a control character.
    pub fn new(url: &str, user: &str) -> Result<Self, InvalidBinding> {
        Self::of(Origin::parse(url)?, user)
    }

    /// The binding of this user at this service.
    ///
    /// # Errors
    ///
    /// [`InvalidBinding::User`] when the user is empty, longer than 4096 bytes or holds a control
    /// character.
    pub fn of(origin: Origin, user: &str) -> Result<Self, InvalidBinding> {
        let user = checked(user.to_owned(), InvalidBinding::User)?;
        Ok(Self { origin, user })
    }

    /// The service.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The name of this binding's file without its extension: the first 26 characters of the
    /// lower-case base32 of a SHA-256, so 130 bits, over its parts.
    ///
    /// The parts are those of the encrypted format, each behind its length in 16 bits:
    /// namespace, store and project (empty here), origin, user, and `token-set`.
    pub fn file_stem(&self) -> String {
        let mut hash = Sha256::new();
        for part in ["", "", "", self.origin.as_str(), &self.user, "token-set"] {
            let length = u16::try_from(part.len()).expect("parts are at most 4096 bytes long");
            hash.update(length.to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut stem = data_encoding::BASE32_NOPAD.encode(&hash.finalize());
        stem.truncate(26);
        stem.make_ascii_lowercase();
        stem
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.user, self.origin)
    }
}

/// A text that cannot be part of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBinding {
    /// The URL has no host, no known port, holds credentials, or is too long.
    #[error("the service must be a URL with a host, without user and password")]
    Origin,
    /// The user is empty, too long, or holds a control character.
    #[error("the user must have 1 to 4096 bytes and no control characters")]
    User,
}

fn checked(part: String, otherwise: InvalidBinding) -> Result<String, InvalidBinding> {
    let sized = !part.is_empty() && part.len() <= MAX_PART;
    if sized && !part.chars().any(char::is_control) {
        Ok(part)
    } else {
        Err(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A03: one service has one spelling, whatever the configuration wrote.
    #[test]
    fn one_origin_has_one_spelling() {
        let cases = [
            ("https://Amp.Example/api", "https://amp.example:443"),
            ("https://amp.example:443", "https://amp.example:443"),
            ("HTTP://amp.example/?q#f", "http://amp.example:80"),
            ("http://[::1]:8080/api/", "http://[::1]:8080"),
            ("http://127.1/", "http://127.0.0.1:80"),
        ];
        for (url, expected) in cases {
            assert_eq!(Origin::parse(url).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn texts_without_an_origin_are_refused() {
        let cases = [
            "",
            "amp.example",
            "data:text/plain,x",
            "https://",
            "odd://host/without-port",
            "https://user:secret@amp.example/",
        ];
        for url in cases {
            assert_eq!(Origin::parse(url), Err(InvalidBinding::Origin), "{url}");
        }
    }

    #[test]
    fn users_that_could_break_a_line_or_a_length_are_refused() {
        let long = "u".repeat(MAX_PART + 1);
        for user in ["", "a\nb", "a\rb", "a\0b", "a\u{85}b", long.as_str()] {
            let refused = Binding::new("https://amp.example", user);
            assert_eq!(refused, Err(InvalidBinding::User));
        }
        assert!(Binding::new("https://amp.example", &long[1..]).is_ok());
    }

    #[test]
    fn the_file_stem_tells_bindings_apart_and_stays_as_it_is() {
        let stem = |url, user| Binding::new(url, user).unwrap().file_stem();
        let alice = stem("https://amp.example/api", "alice");
        assert_eq!(alice, stem("https://AMP.example:443", "alice"));
        assert_ne!(alice, stem("https://amp.example/api", "bob"));
        assert_ne!(alice, stem("http://amp.example/api", "alice"));
        assert_eq!(alice.len(), 26);
        assert!(alice.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(alice, "nw7ynlkkqgzwblrpmwax4jhqae");
    }
}
