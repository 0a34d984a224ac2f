//! Reading an answer that says success.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error_body::is_html;

/// What the body of a successful answer is read as.
///
/// Unknown keys are ignored. Any 2xx status counts as success (X-45).
pub trait Answer: Sized {
    /// What is expected, in words: `a list of assets`.
    const EXPECTED: &'static str;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// What is wrong with the body, without quoting it.
    fn read(body: &Bytes) -> Result<Self, Unreadable>;
}

/// Says of types that they are answers in JSON, and what is expected of each, in words.
macro_rules! json_answer {
    ($($answer:ty: $expected:literal;)+) => {$(
        impl crate::Answer for $answer {
            const EXPECTED: &'static str = $expected;

            fn read(body: &bytes::Bytes) -> Result<Self, crate::Unreadable> {
                crate::answer::read_json(body)
            }
        }
    )+};
}

/// The answer of an operation without a result: whatever the body is, even none, it is ignored
/// (A-69).
impl Answer for () {
    const EXPECTED: &'static str = "nothing";

    fn read(_body: &Bytes) -> Result<Self, Unreadable> {
        Ok(())
    }
}

json_answer! {
    Vec<String>: "a list of texts";
}

/// Why the body of a successful answer cannot be read. No part of the body is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// Nothing came.
    #[error("the body is empty")]
    Empty,
    /// A page of HTML, as a proxy or a login page sends it.
    #[error("the body is an HTML page, so something other than the API answered")]
    Html,
    /// JSON that ends too early.
    #[error("the JSON ends too early, at line {line} column {column}")]
    Truncated {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// No JSON.
    #[error("the body is not JSON, at line {line} column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// JSON of another form.
    #[error("the JSON has another form, at line {line} column {column}")]
    OtherForm {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

/// Reads a body as JSON.
pub(crate) fn read_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Unreadable> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::Empty);
    }
    // Texts of which each character is known to be one need not be looked at one by one. A body that is
    // no text may still be read: what is wrong can be in a value that nobody asks for.
    let read = match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    };
    read.map_err(|error| {
        if is_html(body) {
            return Unreadable::Html;
        }
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => Unreadable::Truncated { line, column },
            Category::Syntax | Category::Io => Unreadable::NotJson { line, column },
            Category::Data => Unreadable::OtherForm { line, column },
        }
    })
}

pub(crate) use json_answer;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asset;

    fn read(body: &'static str) -> Unreadable {
        Asset::read(&Bytes::from_static(body.as_bytes())).unwrap_err()
    }

    // A-68, W-A09: the kinds are told apart, and none quotes the body.
    #[test]
    fn bodies_that_cannot_be_read_are_told_apart_without_quoting_them() {
        assert_eq!(read(""), Unreadable::Empty);
        assert_eq!(read(" \r\n"), Unreadable::Empty);
        assert_eq!(read("<!DOCTYPE html><p>hunter2</p>"), Unreadable::Html);
        assert_eq!(read("\u{feff}  <HTML>hunter2"), Unreadable::Html);
        assert!(matches!(
            read(r#"{"name":"hunter2"#),
            Unreadable::Truncated { line: 1, .. }
        ));
        assert!(matches!(read("hunter2"), Unreadable::NotJson { .. }));
        assert!(matches!(
            read(r#"{"name":["hunter2"]}"#),
            Unreadable::OtherForm { .. }
        ));
        assert!(matches!(
            read(r#"["hunter2"]"#),
            Unreadable::OtherForm { .. }
        ));
        for body in ["hunter2", r#"{"name":"hunter2"#, r#"{"name":["hunter2"]}"#] {
            assert!(!format!("{0} {0:?}", read(body)).contains("hunter2"));
        }
    }

    // A-68
    #[test]
    fn an_answer_that_is_no_text_is_read_where_what_is_wrong_is_not_asked_for() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Named {
            name: String,
        }
        let read = |body: &'static [u8]| read_json::<Named>(&Bytes::from_static(body));
        let name = "gold".to_owned();
        assert_eq!(
            read(b"{\"x\":\"\xff\",\"name\":\"gold\"}"),
            Ok(Named { name })
        );
        let error = read(b"{\"name\":\"\xff\"}").unwrap_err();
        assert!(matches!(error, Unreadable::NotJson { line: 1, .. }));
    }

    // A-69
    #[test]
    fn an_operation_without_a_result_accepts_any_body() {
        for body in ["", "{}", "[1]", "<p>"] {
            assert_eq!(<()>::read(&Bytes::from_static(body.as_bytes())), Ok(()));
        }
    }
}
