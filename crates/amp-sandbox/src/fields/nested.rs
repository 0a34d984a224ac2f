//! Fields that are lists or have fields of their own. The messages of these are told in one line each, which is all
//! that a client can expect (amp-api.yaml, ErrorBody).

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{Fields, not_a_list};

impl Fields {
    /// The fields of a dictionary.
    pub(crate) fn of(values: Map<String, Value>) -> Self {
        Self::new(values)
    }

    /// A field as it was sent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    /// A whole number that may be left out or null.
    pub(crate) fn nullable_integer(
        &mut self,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        match self.take(name)? {
            Value::Null => None,
            value => Some(self.checked_integer(name, &value, range)),
        }
    }

    /// A required list of dictionaries.
    pub(crate) fn objects(&mut self, name: &str) -> Vec<Map<String, Value>> {
        let values = match self.required(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(Value::Null) => {
                return self.refuse(name, "This field may not be null.".to_owned());
            }
            Some(other) => return self.refuse(name, not_a_list(&other)),
        };
        let mut objects = Vec::new();
        for value in values {
            match value {
                Value::Object(object) => objects.push(object),
                other => self.refuse(name, not_a_dictionary(&other)),
            }
        }
        objects
    }

    /// A required dictionary. What is wrong with its fields comes back by [`absorb`](Self::absorb).
    pub(crate) fn nested(&mut self, name: &str) -> Self {
        let values = match self.required(name) {
            None => Map::new(),
            Some(Value::Object(values)) => values,
            Some(Value::Null) => self.refuse(name, "This field may not be null.".to_owned()),
            Some(other) => self.refuse(name, not_a_dictionary(&other)),
        };
        Self::new(values)
    }

    /// Takes over the first thing that is wrong with a dictionary in a field.
    pub(crate) fn absorb(&mut self, name: &str, nested: Self) {
        if let Some((field, messages)) = nested.errors.iter().next() {
            let message = messages[0].as_str().unwrap_or_default();
            self.check(name, false, &format!("{field}: {message}"));
        }
    }
}

fn not_a_dictionary(found: &Value) -> String {
    let found = super::type_name(found);
    format!("Invalid data. Expected a dictionary, but got {found}.")
}
