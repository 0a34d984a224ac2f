//! The message in the body of an answer that says failure.

use std::fmt;

use serde_json::Value;

/// The longest message that is taken over, in bytes.
const MAX_MESSAGE: usize = 1024;

/// How deep nested messages are followed; real ones have two levels.
const MAX_DEPTH: usize = 4;

/// What the body of a refusal says. The service has no single form for it; this finds the first
/// readable message in the known ones: `detail`, `non_field_errors`, `error`, `Error`, messages by
/// field, a bare text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// A message, at most 1 KiB, without control characters.
    Message(String),
    /// A page of HTML, as a proxy sends it. It is never quoted.
    Html,
    /// Nothing readable.
    Silent,
    /// Not looked at, because bodies of this operation hold secrets.
    Withheld,
}

impl ErrorBody {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Self {
        let found = match serde_json::from_slice::<Value>(body) {
            Ok(value) => message(&value, MAX_DEPTH),
            Err(_) if is_html(body) => return Self::Html,
            Err(_) => std::str::from_utf8(body)
                .ok()
                .map(str::to_owned)
                .filter(|_| !looks_like_json(body)),
        };
        match found.map(|text| readable(&text)) {
            Some(text) if !text.is_empty() => Self::Message(text),
            _ => Self::Silent,
        }
    }

    /// The message, if there is one.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Message(text) => Some(text),
            Self::Html | Self::Silent | Self::Withheld => None,
        }
    }
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message(text) => text,
            Self::Html => "an HTML page came instead of a message",
            Self::Silent => "no message came with it",
            Self::Withheld => "its message is not shown, because such answers hold secrets",
        })
    }
}

/// Whether a body begins like a page.
pub(crate) fn is_html(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// JSON that broke off is not a message: it may end in the middle of a secret's name and value.
fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

fn message(value: &Value, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(|item| message(item, depth)),
        Value::Object(fields) => ["detail", "non_field_errors", "error", "Error"]
            .iter()
            .filter_map(|name| fields.get(*name))
            .find_map(|item| message(item, depth))
            .or_else(|| by_field(fields, depth)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// `field: message` of every field that has one, so that one answer names all mistakes.
fn by_field(fields: &serde_json::Map<String, Value>, depth: usize) -> Option<String> {
    let messages: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| message(value, depth).map(|text| format!("{name}: {text}")))
        .collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

/// One line of at most [`MAX_MESSAGE`] bytes: a message must not steer a terminal or fill a log.
fn readable(text: &str) -> String {
    let clean = text.replace(char::is_control, " ");
    let clean = clean.trim();
    let end = (0..=MAX_MESSAGE.min(clean.len()))
        .rev()
        .find(|&end| clean.is_char_boundary(end))
        .unwrap_or(0);
    clean[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A14: the reason that came with a refusal is not thrown away.
    #[test]
    fn the_message_is_found_in_every_known_form() {
        let cases = [
            (r#"{"detail":"Not found."}"#, "Not found."),
            (
                r#"{"non_field_errors":["Unable to log in."]}"#,
                "Unable to log in.",
            ),
            (r#"{"error":"boom"}"#, "boom"),
            (r#"{"Error":"already registered"}"#, "already registered"),
            (
                r#"{"ticker":["Too long."],"name":"Bad."}"#,
                "name: Bad.; ticker: Too long.",
            ),
            (r#"{"detail":["first","second"]}"#, "first"),
            (r#"{"detail":{"name":["deep"]}}"#, "name: deep"),
            (r#"{"detail":null,"error":"boom"}"#, "boom"),
            (r#"["listed"]"#, "listed"),
            (r#""bare""#, "bare"),
            ("upstream connect error", "upstream connect error"),
        ];
        for (body, expected) in cases {
            assert_eq!(
                ErrorBody::read(body.as_bytes()).message(),
                Some(expected),
                "{body}"
            );
        }
    }

    #[test]
    fn a_page_is_recognised_and_never_quoted() {
        for body in ["<html>hunter2</html>", " \n<!doctype html>", "\u{feff}<p>"] {
            let read = ErrorBody::read(body.as_bytes());
            assert_eq!(read, ErrorBody::Html, "{body}");
            assert!(!read.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn bodies_without_a_message_are_silent() {
        let bodies: [&[u8]; 9] = [
            b"",
            b"  ",
            b"{}",
            b"[]",
            b"42",
            b"null",
            b"\xff\xfe",
            br#"{"detail":""}"#,
            br#"{"token":"hunter2"#,
        ];
        for body in bodies {
            assert_eq!(ErrorBody::read(body), ErrorBody::Silent, "{body:?}");
        }
    }

    #[test]
    fn a_message_is_one_line_of_at_most_a_kibibyte() {
        let body = format!(r#"{{"detail":"{}"}}"#, "é".repeat(2000));
        let read = ErrorBody::read(body.as_bytes());
        assert_eq!(read.message().unwrap().len(), MAX_MESSAGE);
        let read = ErrorBody::read(b"line\r\nbreak\x1b[31m");
        assert_eq!(read.message(), Some("line  break [31m"));
    }

    #[test]
    fn nesting_without_end_is_not_followed() {
        let body = format!("{}\"deep\"{}", "[".repeat(60), "]".repeat(60));
        assert_eq!(ErrorBody::read(body.as_bytes()), ErrorBody::Silent);
        let body = "[".repeat(100_000);
        assert_eq!(ErrorBody::read(body.as_bytes()), ErrorBody::Silent);
    }
}
