//! Texts that look like JWTs (RFC 7519). Nothing is signed: whoever cannot check a signature must not trust one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::hex;

/// What a JWT says about its signature (RFC 7518 section 3.1). The signature itself is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtAlgorithm {
    /// An RSA key pair.
    Rs256,
    /// A shared secret.
    Hs256,
    /// No signature, which no client may accept.
    Unsigned,
}

impl JwtAlgorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
            Self::Unsigned => "none",
        }
    }

    /// An RSA signature has the size of its key; a hash has its own.
    fn signature_length(self) -> usize {
        match self {
            Self::Rs256 => 256,
            Self::Hs256 => 32,
            Self::Unsigned => 0,
        }
    }
}

/// A token that lives so long from `issued_at` on, in whole seconds as JWTs tell them.
pub(crate) fn mint(
    algorithm: JwtAlgorithm,
    issued_at: SystemTime,
    lifetime: Duration,
    rng: &mut fastrand::Rng,
) -> String {
    let since = issued_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let issued_at = since.as_secs();
    let header = json!({ "alg": algorithm.name(), "typ": "JWT" });
    let claims = json!({
        "username": "sandbox_user",
        "role": "normal_user",
        "iat": issued_at,
        "exp": issued_at.saturating_add(lifetime.as_secs()),
        "jti": hex::uuid(rng),
    });
    let mut signature = vec![0; algorithm.signature_length()];
    rng.fill(&mut signature);
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signature = BASE64URL_NOPAD.encode(&signature);
    format!("{}.{}.{signature}", part(&header), part(&claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_three_parts_that_say_what_it_is() {
        let mut rng = fastrand::Rng::with_seed(7);
        let issued_at = UNIX_EPOCH + Duration::from_millis(1_800_000_000_900);
        let lifetime = Duration::from_secs(600);
        for (algorithm, name, length) in [
            (JwtAlgorithm::Rs256, "RS256", 342),
            (JwtAlgorithm::Hs256, "HS256", 43),
            (JwtAlgorithm::Unsigned, "none", 0),
        ] {
            let token = mint(algorithm, issued_at, lifetime, &mut rng);
            let parts: Vec<&str> = token.split('.').collect();
            let read = |part: &str| -> Value {
                serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
            };
            assert_eq!(parts.len(), 3, "{token}");
            assert_eq!(read(parts[0])["alg"], name);
            assert_eq!(read(parts[1])["iat"], 1_800_000_000);
            assert_eq!(read(parts[1])["exp"], 1_800_000_600);
            assert_eq!(parts[2].len(), length);
            let other = mint(algorithm, issued_at, lifetime, &mut rng);
            assert_ne!(other, token, "no two are the same");
        }
    }
}
