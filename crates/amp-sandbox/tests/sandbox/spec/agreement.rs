//! Whether an answer has the keys of its schema: those it must have, no others, and in the end each of them.

use std::collections::BTreeSet;

use crate::description::resolve;
use crate::schema::mistakes;
use serde_json::Value;

/// The keys that were met so far, as `Schema.key`.
#[derive(Default)]
pub(crate) struct Agreement {
    sent: BTreeSet<String>,
    described: BTreeSet<String>,
}

impl Agreement {
    /// Holds one answer against its schema.
    pub(crate) fn check(&mut self, schema: &'static Value, value: &Value, operation: &str) {
        let wrong = mistakes(schema, value);
        assert!(wrong.is_empty(), "{operation}: {wrong:?} in {value}");
        self.look_for_strangers(schema, value, operation);
    }

    /// Keys that the description has and no answer had.
    pub(crate) fn never_sent(&self) -> Vec<&str> {
        let missing = self.described.difference(&self.sent);
        missing.map(String::as_str).collect()
    }

    fn look_for_strangers(&mut self, schema: &'static Value, value: &Value, operation: &str) {
        if let Some(ways) = schema["anyOf"].as_array() {
            let mut fitting = ways.iter().filter(|way| mistakes(way, value).is_empty());
            let way = fitting.next().expect("the schema was satisfied before");
            return self.look_for_strangers(way, value, operation);
        }
        let name = schema["$ref"].as_str().unwrap_or(operation);
        let name = name.rsplit('/').next().unwrap_or(name);
        let schema = resolve(schema);
        match value {
            Value::Array(items) => {
                for item in items {
                    self.look_for_strangers(&schema["items"], item, operation);
                }
            }
            Value::Object(fields) => {
                let Some(properties) = schema["properties"].as_object() else {
                    return;
                };
                let described = properties.keys().map(|key| format!("{name}.{key}"));
                self.described.extend(described);
                for (key, field) in fields {
                    let known = properties.get(key);
                    let known = known.unwrap_or_else(|| panic!("{name} has no {key}: {value}"));
                    self.sent.insert(format!("{name}.{key}"));
                    self.look_for_strangers(known, field, operation);
                }
            }
            _ => {}
        }
    }
}
