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

/// The service and the user that a record is for, and where wanted the project and the
/// installation. A store opened for one binding never serves the record of another (W-A03).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binding {
    namespace: String,
    project: String,
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
        Ok(Self {
            namespace: String::new(),
            project: String::new(),
            origin,
            user,
        })
    }

    /// Binds to a project, too: its canonical path, or a name of its own that moves with it
    /// (C-29).
    ///
    /// # Errors
    ///
    /// [`InvalidBinding::Project`] when it is empty, longer than 4096 bytes or holds a control
    /// character.
    pub fn with_project(mut self, project: &str) -> Result<Self, InvalidBinding> {
        self.project = checked(project.to_owned(), InvalidBinding::Project)?;
        Ok(self)
    }

    /// Binds to an installation, too: what tells two of them apart that share a place, such as
    /// `staging` and `production` on one server.
    ///
    /// # Errors
    ///
    /// [`InvalidBinding::Namespace`] when it is empty, longer than 4096 bytes or holds a control
    /// character.
    pub fn with_namespace(mut self, namespace: &str) -> Result<Self, InvalidBinding> {
        self.namespace = checked(namespace.to_owned(), InvalidBinding::Namespace)?;
        Ok(self)
    }

    /// The service.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The project; empty where there is none.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The installation; empty where there is none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The SHA-256 over all parts, each behind its length in 16 bits (little-endian): namespace,
    /// store (empty in version 1), project, origin, user, and `token-set`.
    pub fn digest(&self) -> [u8; 32] {
        self.digest_for("token-set")
    }

    /// The same for something else than a token: neither opens in the place of the other.
    pub(crate) fn digest_for(&self, kind: &str) -> [u8; 32] {
        let (origin, user) = (self.origin.as_str(), self.user.as_str());
        let mut hash = Sha256::new();
        for part in [&self.namespace, "", &self.project, origin, user, kind] {
            let length = u16::try_from(part.len()).expect("parts are at most 4096 bytes long");
            hash.update(length.to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// The name of this binding's file without its extension: the first 26 characters of the
    /// lower-case base32 of its [digest](Self::digest), so 130 bits.
    pub fn file_stem(&self) -> String {
        let mut stem = data_encoding::BASE32_NOPAD.encode(&self.digest());
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
    /// The project is empty, too long, or holds a control character.
    #[error("the project must have 1 to 4096 bytes and no control characters")]
    Project,
    /// The namespace is empty, too long, or holds a control character.
    #[error("the namespace must have 1 to 4096 bytes and no control characters")]
    Namespace,
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
        let binding = || Binding::new("https://amp.example", "alice").unwrap();
        assert_eq!(binding().with_project(""), Err(InvalidBinding::Project));
        let refused = binding().with_namespace("a\nb");
        assert_eq!(refused, Err(InvalidBinding::Namespace));
    }

    // C-29, W-C03: the parts of upstream's key ran into each other.
    #[test]
    fn no_two_bindings_have_one_digest() {
        let plain = |user| Binding::new("https://amp.example", user).unwrap();
        let bindings = [
            plain("alice"),
            plain("alice").with_project("a").unwrap(),
            plain("alice").with_project("b").unwrap(),
            plain("alice").with_namespace("a").unwrap(),
            plain("alice").with_project("/a:b").unwrap(),
            plain("b:alice").with_project("/a").unwrap(),
        ];
        let digests: std::collections::HashSet<_> = bindings.iter().map(Binding::digest).collect();
        assert_eq!(digests.len(), bindings.len());
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
