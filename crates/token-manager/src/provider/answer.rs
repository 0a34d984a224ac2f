//! Reads the token out of an answer without leaving copies of it.

use std::fmt;

use secrecy::SecretString;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use token_core::{AccessToken, ErrorClass, TokenError, TokenFailure};

/// The token under `key` in a JSON object (A-39).
///
/// The errors hold no text of the body and none of the decoder.
pub(super) fn read_token(body: &[u8], key: &'static str) -> Result<AccessToken, TokenError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let found = TokenUnder(key)
        .deserialize(&mut json)
        .and_then(|found| json.end().map(|()| found))
        .map_err(|error| unreadable(what_is_wrong(body, error.classify())))?;
    let text = found.ok_or_else(|| unreadable(format!("the answer has no `{key}`")))?;
    AccessToken::new(text).map_err(|error| {
        let failure = TokenFailure::new(ErrorClass::Transient, error.to_string());
        TokenError::Validation(failure.with_source(error))
    })
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

fn unreadable(reason: impl Into<std::borrow::Cow<'static, str>>) -> TokenError {
    TokenError::Serialization(TokenFailure::new(ErrorClass::Transient, reason))
}

struct TokenUnder(&'static str);

impl<'de> DeserializeSeed<'de> for TokenUnder {
    type Value = Option<SecretString>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TokenUnder {
    type Value = Option<SecretString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key == self.0 {
                found = map.next_value::<Option<SecretString>>()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use token_core::AccessToken;

    use super::*;

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
            (br#"{"detail":"secret-text"}"#, "no `token`"),
            (br#"{"token":null}"#, "no `token`"),
            (br#"{"token":"secret text"}"#, "cannot travel in a header"),
        ];
        for (body, expected) in cases {
            let error = read_token(body, "token").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let body = br#"{"user":{"id":1},"token":"abc","x":[1,2]}"#;
        assert_eq!(
            read_token(body, "token").unwrap(),
            AccessToken::new("abc").unwrap()
        );
    }
}
