//! Reads the tokens out of an answer without leaving copies of them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use token_core::{
    AccessToken, ErrorClass, InvalidToken, RefreshToken, Seconds, TokenError, TokenFailure,
};

/// What an answer calls its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerShape {
    /// A token under this name; nothing else in the answer matters.
    Token(&'static str),
    /// The names of RFC 6749 section 5.1, whatever the answer calls the type of its token.
    Tokens,
    /// The same, and the token must be of type Bearer.
    Bearer,
}

impl AnswerShape {
    fn token(self) -> &'static str {
        match self {
            Self::Token(name) => name,
            Self::Tokens | Self::Bearer => "access_token",
        }
    }
}

/// What an answer holds.
#[derive(Debug)]
pub(super) struct TokenAnswer {
    pub(super) access: AccessToken,
    pub(super) refresh: Option<RefreshToken>,
    /// The lifetime that the authority states.
    pub(super) stated: Option<Duration>,
}

impl TokenAnswer {
    /// Reads a JSON object of this shape (A-39).
    ///
    /// The errors hold no text of the body and none of the decoder.
    pub(super) fn read(body: &[u8], shape: AnswerShape) -> Result<Self, TokenError> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let found = Reader(shape)
            .deserialize(&mut json)
            .and_then(|found| json.end().map(|()| found))
            .map_err(|error| unreadable(what_is_wrong(body, error.classify())))?;
        let missing = || unreadable(format!("Server response missing {}", shape.token()));
        let access = found.access.ok_or_else(missing)?;
        if shape == AnswerShape::Bearer && !found.is_bearer {
            return Err(wrong_type());
        }
        Ok(Self {
            access: AccessToken::new(access).map_err(unusable)?,
            refresh: found
                .refresh
                .map(RefreshToken::new)
                .transpose()
                .map_err(unusable)?,
            stated: found.expires_in.map(Seconds::duration),
        })
    }
}

/// Tells a proxy's page, an answer that was cut off and any other text apart.
fn what_is_wrong(body: &[u8], category: Category) -> &'static str {
    match category {
        _ if body.trim_ascii_start().starts_with(b"<") => "the answer is an HTML page, not JSON",
        Category::Eof if body.trim_ascii().is_empty() => "the answer is empty",
        Category::Eof => "the answer is JSON that was cut off",
        _ => "the answer is not the JSON object it should be",
    }
}

fn unreadable(reason: impl Into<Cow<'static, str>>) -> TokenError {
    TokenError::Serialization(TokenFailure::new(ErrorClass::Transient, reason))
}

fn unusable(error: InvalidToken) -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Transient, error.to_string());
    TokenError::Validation(failure.with_source(error))
}

/// A token of a type that is not understood must not be used (RFC 6749 section 7.1).
fn wrong_type() -> TokenError {
    let reason = "the authority does not say that the token is of type Bearer";
    TokenError::Validation(TokenFailure::new(ErrorClass::Terminal, reason))
}

#[derive(Default)]
struct Found {
    access: Option<SecretString>,
    refresh: Option<SecretString>,
    expires_in: Option<Seconds>,
    is_bearer: bool,
}

struct Reader(AnswerShape);

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Found::default();
        let more = !matches!(self.0, AnswerShape::Token(_));
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                key if key == self.0.token() => found.access = map.next_value()?,
                "refresh_token" if more => {
                    let refresh: Option<SecretString> = map.next_value()?;
                    // Some authorities write an empty text where they have none.
                    found.refresh = refresh.filter(|text| !text.expose_secret().is_empty());
                }
                "expires_in" if more => found.expires_in = map.next_value()?,
                "token_type" if self.0 == AnswerShape::Bearer => {
                    let name: Option<Cow<'de, str>> = map.next_value()?;
                    // The name's letter case does not count (RFC 6749 section 5.1).
                    found.is_bearer = name.is_some_and(|name| name.eq_ignore_ascii_case("bearer"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMP: AnswerShape = AnswerShape::Token("token");

    // A-39
    #[test]
    fn answers_without_a_usable_token_are_told_apart_without_quoting_them() {
        let cases: [(&[u8], &str); 8] = [
            (b"", "is empty"),
            (b"\n<html>secret-text</html>", "an HTML page"),
            (br#"{"token":"secret-text""#, "was cut off"),
            (
                br#"{"token":"secret-text"} trailing"#,
                "not the JSON object",
            ),
            (br#"{"token":7}"#, "not the JSON object"),
            (br#"{"detail":"secret-text"}"#, "missing token"),
            (br#"{"token":null}"#, "missing token"),
            (br#"{"token":"secret text"}"#, "cannot travel in a header"),
        ];
        for (body, expected) in cases {
            let error = TokenAnswer::read(body, AMP).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let body =
            br#"{"user":{"id":1},"token":"abc","x":[1,2],"expires_in":{},"refresh_token":7}"#;
        let answer = TokenAnswer::read(body, AMP).unwrap();
        assert_eq!(answer.access, AccessToken::new("abc").unwrap());
        assert!(answer.refresh.is_none() && answer.stated.is_none());
    }

    // C-19: what is optional may be missing, null, or of no use.
    #[test]
    fn refresh_token_and_lifetime_are_optional() {
        let read = |rest: &str| {
            let body = format!(r#"{{"access_token":"abc"{rest}}}"#);
            let answer = TokenAnswer::read(body.as_bytes(), AnswerShape::Tokens)?;
            let refresh = answer.refresh.map(|text| text.expose_secret().to_owned());
            Ok::<_, TokenError>((refresh, answer.stated.map(|stated| stated.as_secs())))
        };
        for rest in [
            "",
            r#","refresh_token":null,"expires_in":null"#,
            r#","refresh_token":"""#,
        ] {
            assert_eq!(read(rest).unwrap(), (None, None), "{rest}");
        }
        let full = r#","refresh_token":"def","expires_in":"60","token_type":7"#;
        assert_eq!(read(full).unwrap(), (Some("def".to_owned()), Some(60)));
        for rest in [r#","refresh_token":"two words""#, r#","expires_in":"soon""#] {
            assert!(read(rest).is_err(), "{rest}");
        }
    }

    // C-34
    #[test]
    fn a_missing_token_is_told_in_the_words_of_the_seed() {
        let error = TokenAnswer::read(b"{}", AnswerShape::Tokens).unwrap_err();
        let expected = "Serialization error: Server response missing access_token";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.class(), ErrorClass::Transient);
    }
}
