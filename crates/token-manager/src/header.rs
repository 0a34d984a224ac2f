//! The ready value of the `Authorization` header.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use token_core::AccessToken;
use zeroize::Zeroizing;

/// The word before the token: `token` at AMP, `Bearer` elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scheme(&'static str);

impl Scheme {
    /// `Authorization: token <t>`.
    pub const TOKEN: Self = Self("token");
    /// `Authorization: Bearer <t>` (RFC 6750 section 2.1).
    pub const BEARER: Self = Self("Bearer");

    /// The header value for this token: marked sensitive, and in a buffer of exactly its size
    /// that is wiped when the last copy of the value drops.
    pub fn header(self, token: &AccessToken) -> HeaderValue {
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(self.text(token)))
            .expect("a scheme and a checked token are visible ASCII");
        value.set_sensitive(true);
        value
    }

    /// The text of that value.
    pub(crate) fn text(self, token: &AccessToken) -> Zeroizing<Vec<u8>> {
        let secret = token.expose_secret();
        let mut text = Zeroizing::new(Vec::with_capacity(self.0.len() + 1 + secret.len()));
        text.extend_from_slice(self.0.as_bytes());
        text.push(b' ');
        text.extend_from_slice(secret.as_bytes());
        text
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn the_header_has_the_scheme_and_hides_itself() {
        let value = Scheme::TOKEN.header(&AccessToken::new("abc123").unwrap());
        assert_eq!(value.as_bytes(), b"token abc123");
        assert_eq!(format!("{value:?}"), "Sensitive");
        assert_eq!(format!("{:?}", value.clone()), "Sensitive");
    }
}
