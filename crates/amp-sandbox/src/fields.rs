//! Reading a JSON body field by field with the framework's messages.

use std::ops::RangeInclusive;

use http::HeaderValue;
use serde_json::{Map, Value};

use crate::answer::{self, Answer};
use crate::query::Query;

mod nested;

/// The fields of a body; what is wrong with them adds up, so that the client hears all of it at once.
pub(crate) struct Fields {
    values: Map<String, Value>,
    errors: Map<String, Value>,
}

impl Fields {
    /// Reads a JSON object.
    pub(crate) fn parse(content_type: Option<&HeaderValue>, body: &[u8]) -> Result<Self, Answer> {
        match parse_json(content_type, body)? {
            Value::Null if body.is_empty() => Ok(Self::new(Map::new())),
            value => Self::from_value(value),
        }
    }

    /// Takes a JSON object.
    pub(crate) fn from_value(value: Value) -> Result<Self, Answer> {
        match value {
            Value::Object(values) => Ok(Self::new(values)),
            other => Err(wrong_kind("a dictionary", &other)),
        }
    }

    fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            errors: Map::new(),
        }
    }

    /// A required text of so many characters.
    pub(crate) fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        let Some(value) = self.required(name) else {
            return String::new();
        };
        self.checked_text(name, value, length)
    }

    /// A text that may be left out or empty.
    pub(crate) fn optional_text(&mut self, name: &str) -> String {
        match self.values.remove(name) {
            None => String::new(),
            Some(value) => self.checked_text(name, value, 0..=usize::MAX),
        }
    }

    /// A text that may be left out or null.
    pub(crate) fn nullable_text(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        match self.values.remove(name)? {
            Value::Null => None,
            value => Some(self.checked_text(name, value, length)),
        }
    }

    /// A required list of whole numbers.
    pub(crate) fn integers(&mut self, name: &str) -> Vec<i64> {
        match self.required(name) {
            None => Vec::new(),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| self.checked_integer(name, value, i64::MIN..=i64::MAX))
                .collect(),
            Some(Value::Null) => self.refuse(name, "This field may not be null.".to_owned()),
            Some(other) => self.refuse(name, not_a_list(&other)),
        }
    }

    /// A required whole number.
    pub(crate) fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        let Some(value) = self.required(name) else {
            return 0;
        };
        self.checked_integer(name, &value, range)
    }

    /// A whole number that is 0 when left out.
    pub(crate) fn optional_integer(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        match self.values.remove(name) {
            None => 0,
            Some(value) => self.checked_integer(name, &value, range),
        }
    }

    /// A truth value that is false when left out.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.values.remove(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(Value::Null) => self.refuse(name, "This field may not be null.".to_owned()),
            Some(_) => self.refuse(name, "Must be a valid boolean.".to_owned()),
        }
    }

    /// Notes what is wrong with a field, unless something already is.
    pub(crate) fn check(&mut self, name: &str, holds: bool, message: &str) {
        if !holds && !self.errors.contains_key(name) {
            self.refuse::<()>(name, message.to_owned());
        }
    }

    /// Ends the reading: everything that was wrong, or nothing.
    pub(crate) fn finish(self) -> Result<(), Answer> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(answer::field_errors(&self.errors)),
        }
    }

    fn required(&mut self, name: &str) -> Option<Value> {
        let value = self.values.remove(name);
        if value.is_none() {
            self.refuse::<()>(name, "This field is required.".to_owned());
        }
        value
    }

    fn checked_text(&mut self, name: &str, value: Value, length: RangeInclusive<usize>) -> String {
        let text = match value {
            Value::String(text) => text,
            Value::Null => return self.refuse(name, "This field may not be null.".to_owned()),
            _ => return self.refuse(name, "Not a valid string.".to_owned()),
        };
        let (shortest, longest) = length.into_inner();
        match text.chars().count() {
            0 if shortest > 0 => self.refuse(name, "This field may not be blank.".to_owned()),
            count if count < shortest => self.refuse(
                name,
                format!("Ensure this field has at least {shortest} characters."),
            ),
            count if count > longest => self.refuse(
                name,
                format!("Ensure this field has no more than {longest} characters."),
            ),
            _ => text,
        }
    }

    fn checked_integer(&mut self, name: &str, value: &Value, range: RangeInclusive<i64>) -> i64 {
        let (least, most) = range.into_inner();
        match value.as_i64() {
            _ if value.is_null() => self.refuse(name, "This field may not be null.".to_owned()),
            None => self.refuse(name, "A valid integer is required.".to_owned()),
            Some(number) if number < least => self.refuse(
                name,
                format!("Ensure this value is greater than or equal to {least}."),
            ),
            Some(number) if number > most => self.refuse(
                name,
                format!("Ensure this value is less than or equal to {most}."),
            ),
            Some(number) => number,
        }
    }

    fn refuse<T: Default>(&mut self, name: &str, message: String) -> T {
        self.errors
            .insert(name.to_owned(), Value::from(vec![message]));
        T::default()
    }
}

/// Reads any JSON; an empty body is null.
pub(crate) fn parse_json(content_type: Option<&HeaderValue>, body: &[u8]) -> Result<Value, Answer> {
    require_json(content_type, body)?;
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body)
        .map_err(|error| answer::malformed_json(error.line(), error.column()))
}

/// A 400 for JSON of another kind than the operation wants.
pub(crate) fn wrong_kind(wanted: &str, found: &Value) -> Answer {
    let found = type_name(found);
    answer::non_field_error(&format!(
        "Invalid data. Expected {wanted}, but got {found}."
    ))
}

fn not_a_list(found: &Value) -> String {
    let found = type_name(found);
    format!("Expected a list of items but got type \"{found}\".")
}

/// The fields of a form; none when the body is none.
pub(crate) fn form(content_type: Option<&HeaderValue>, body: &[u8]) -> Option<Fields> {
    if !essence(content_type).eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    Some(Fields::of(Query::parse(&text).into_texts()))
}

fn require_json(content_type: Option<&HeaderValue>, body: &[u8]) -> Result<(), Answer> {
    if body.is_empty() || essence(content_type).eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(answer::unsupported_media_type(text(content_type)))
}

/// The media type without its parameters.
fn essence(content_type: Option<&HeaderValue>) -> &str {
    let text = text(content_type);
    text.split(';').next().unwrap_or_default().trim()
}

fn text(content_type: Option<&HeaderValue>) -> &str {
    content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The names that the service's own language gives to these types.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}
