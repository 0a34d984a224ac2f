//! Reading the query string field by field with the framework's messages.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::{self, Answer};

/// The fields of a query string; what is wrong with them adds up.
pub(crate) struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, String)>,
    errors: Map<String, Value>,
}

impl<'a> Query<'a> {
    pub(crate) fn parse(query: &'a str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(&value.replace('+', " ")).into_owned();
            (decode(name), value)
        });
        Self {
            pairs: pairs.collect(),
            errors: Map::new(),
        }
    }

    /// All of them as the texts that they are, for a form in a body. The last one of a name counts.
    pub(crate) fn into_texts(self) -> Map<String, Value> {
        let texts = self.pairs.into_iter();
        texts
            .map(|(name, value)| (name.into_owned(), Value::from(value)))
            .collect()
    }

    /// The last one of that name, as the framework does.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let named = self.pairs.iter().rev().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        let parsed = self.text(name)?.trim().parse();
        self.valid(name, parsed.ok(), "A valid integer is required.")
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let parsed = match self.text(name)? {
            "true" | "True" | "1" => Some(true),
            "false" | "False" | "0" => Some(false),
            _ => None,
        };
        self.valid(name, parsed, "Must be a valid boolean.")
    }

    fn valid<T>(&mut self, name: &str, parsed: Option<T>, message: &str) -> Option<T> {
        if parsed.is_none() {
            self.refuse(name, message);
        }
        parsed
    }

    pub(crate) fn refuse(&mut self, name: &str, message: &str) {
        self.errors
            .insert(name.to_owned(), Value::from(vec![message]));
    }

    /// Ends the reading: everything that was wrong, or nothing.
    pub(crate) fn finish(self) -> Result<(), Answer> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(answer::field_errors(&self.errors)),
        }
    }
}

/// Bytes that are no UTF-8 become replacement characters, as in the framework.
fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_the_last_of_a_name_counts() {
        let mut query = Query::parse("a=1&a=2&text=one+t%77o%26&empty&start=x&b=maybe");
        assert_eq!(query.integer("a"), Some(2));
        assert_eq!(query.text("text"), Some("one two&"));
        assert_eq!(query.text("empty"), Some(""));
        assert_eq!(query.integer("none"), None);
        assert_eq!((query.integer("start"), query.flag("b")), (None, None));
        let errors = query.finish().unwrap_err();
        let text = std::str::from_utf8(&errors.body).unwrap();
        let expected =
            r#"{"b":["Must be a valid boolean."],"start":["A valid integer is required."]}"#;
        assert_eq!(text, expected);
    }
}
