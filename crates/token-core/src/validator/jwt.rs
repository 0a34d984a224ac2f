//! What a JWT says about itself, read without trusting it.

use std::time::{Duration, SystemTime};

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{JwtAlgorithm, Seconds, UnacceptableToken};
use crate::AccessToken;

/// How long a token may live: 24 h (C-26, C-56).
const MAX_LIFETIME: Duration = Duration::from_secs(86_400);

/// How much longer it may seem to live where our own clock is the measure (X-11).
const CLOCK_SLACK: Duration = Duration::from_secs(60);

/// What a JWT must be like. The default allows RS256 (C-25) and 24 h (C-26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtRules {
    allowed: Vec<JwtAlgorithm>,
    max_lifetime: Duration,
}

impl JwtRules {
    /// Allows these algorithms alone.
    pub fn new(allowed: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        Self {
            allowed: allowed.into_iter().collect(),
            max_lifetime: MAX_LIFETIME,
        }
    }

    /// Refuses tokens that live longer; the default is 24 h.
    #[must_use]
    pub fn with_max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = max_lifetime;
        self
    }

    /// The lifetime of a token that keeps the rules; it may be zero.
    pub(super) fn lifetime(
        &self,
        token: &AccessToken,
        stated: Option<Duration>,
        now: SystemTime,
    ) -> Result<Duration, UnacceptableToken> {
        let parts = Parts::of(token.expose_secret())?;
        let header: Header = parts.header()?;
        if !self.allowed.iter().any(|known| known.name() == header.alg) {
            return Err(UnacceptableToken::Algorithm);
        }
        let claims: Claims = parts.claims()?;
        let own = claims
            .lifetime(now)
            .map(|own| self.bounded(own))
            .transpose()?;
        let stated = stated
            .map(|stated| self.bounded(Measured::exactly(stated)))
            .transpose()?;
        let shortest = own.into_iter().chain(stated).min();
        shortest.ok_or(UnacceptableToken::Endless)
    }

    fn bounded(&self, measured: Measured) -> Result<Duration, UnacceptableToken> {
        let longest = self.max_lifetime.saturating_add(measured.slack);
        if measured.lifetime > longest {
            return Err(UnacceptableToken::TooLong);
        }
        Ok(measured.lifetime.min(self.max_lifetime))
    }
}

impl Default for JwtRules {
    fn default() -> Self {
        Self::new([JwtAlgorithm::Rs256])
    }
}

/// The parts of a JWT that are read; the signature is only seen to be one.
struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, UnacceptableToken> {
        let mut parts = token.split('.');
        let mut next = || parts.next().ok_or(UnacceptableToken::NotJwt);
        let (header, claims, signature) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(UnacceptableToken::NotJwt);
        }
        // An empty signature is `none` under another name.
        if decoded(signature)?.is_empty() {
            return Err(UnacceptableToken::NotJwt);
        }
        Ok(Self { header, claims })
    }

    fn header(&self) -> Result<Header, UnacceptableToken> {
        object(self.header)
    }

    fn claims(&self) -> Result<Claims, UnacceptableToken> {
        object(self.claims)
    }
}

/// A decoded part, which is wiped when it was read. It never grows, so it leaves no copy.
fn decoded(part: &str) -> Result<Zeroizing<Vec<u8>>, UnacceptableToken> {
    let part = part.strip_suffix('=').unwrap_or(part);
    let part = part.strip_suffix('=').unwrap_or(part).as_bytes();
    let len = BASE64URL_NOPAD.decode_len(part.len());
    let mut bytes = Zeroizing::new(vec![0; len.map_err(|_| UnacceptableToken::NotJwt)?]);
    match BASE64URL_NOPAD.decode_mut(part, &mut bytes) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(UnacceptableToken::NotJwt),
    }
}

fn object<T: DeserializeOwned>(part: &str) -> Result<T, UnacceptableToken> {
    let bytes = decoded(part)?;
    // An array would be taken for the fields in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(UnacceptableToken::Unreadable);
    }
    serde_json::from_slice(&bytes).map_err(|_| UnacceptableToken::Unreadable)
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// When a token was issued and when it ends, since 1970 (RFC 7519 section 4.1).
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    exp: Option<Seconds>,
    #[serde(default)]
    iat: Option<Seconds>,
}

impl Claims {
    /// From issue to end by the authority's own clock, else from now to the end by ours.
    fn lifetime(&self, now: SystemTime) -> Option<Measured> {
        let end = self.exp?.duration();
        Some(match self.iat {
            Some(issued) => Measured::exactly(end.saturating_sub(issued.duration())),
            None => {
                let now = now.duration_since(SystemTime::UNIX_EPOCH);
                Measured {
                    lifetime: end.saturating_sub(now.unwrap_or_default()),
                    slack: CLOCK_SLACK,
                }
            }
        })
    }
}

/// A lifetime, and how far it may be wrong.
struct Measured {
    lifetime: Duration,
    slack: Duration,
}

impl Measured {
    fn exactly(lifetime: Duration) -> Self {
        Self {
            lifetime,
            slack: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    fn assert_wiped<T: ZeroizeOnDrop>(_: &T) {}

    // W-C17: what is wiped is the buffer that was read, and it is the only one.
    #[test]
    fn a_decoded_part_is_in_one_buffer_that_is_wiped() {
        let bytes = decoded("eyJleHAiOjF9").unwrap();
        assert_eq!(bytes.as_slice(), br#"{"exp":1}"#);
        assert_eq!(bytes.capacity(), bytes.len());
        assert_wiped(&bytes);
    }
}
