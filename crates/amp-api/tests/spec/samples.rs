//! Values that a schema allows: one with everything, and each way to deviate from it.

use serde_json::{Map, Value, json};

use crate::description::resolve;
use crate::schema::{text, types};

/// A key that no description has.
const UNKNOWN: &str = "key_of_a_later_version";

/// A value that a schema allows, and what is special about it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) label: String,
    pub(crate) value: Value,
}

impl Sample {
    fn new(label: impl Into<String>, value: Value) -> Self {
        let label = label.into();
        Self { label, value }
    }
}

/// A value with every key, and no null where another type is allowed.
pub(crate) fn full(schema: &'static Value) -> Value {
    samples(schema).swap_remove(0).value
}

/// The full value first; then, at every depth, each alternative and each type, every key that is not
/// required missing or null, every nullable value null, a key that nobody knows, and no items.
pub(crate) fn samples(schema: &'static Value) -> Vec<Sample> {
    let schema = resolve(schema);
    if let Some(ways) = schema["anyOf"].as_array() {
        return ways.iter().flat_map(samples).collect();
    }
    let names = types(&schema["type"]);
    names.flat_map(|name| of_type(name, schema)).collect()
}

fn of_type(name: &str, schema: &'static Value) -> Vec<Sample> {
    let value = match name {
        "object" => return of_object(schema),
        "array" => return of_array(schema),
        "null" => Value::Null,
        "boolean" => json!(true),
        "integer" => json!(schema["minimum"].as_i64().unwrap_or(7)),
        "number" => json!(0.25),
        // A word that no list of known words has.
        "string" => json!("unheard-of"),
        _ => panic!("this test does not know the type {name}"),
    };
    vec![Sample::new(name, value)]
}

fn of_array(schema: &'static Value) -> Vec<Sample> {
    let Some(items) = schema.get("items") else {
        return vec![Sample::new("array", json!([{ UNKNOWN: 1 }]))];
    };
    let items = samples(items);
    let two = json!([items[0].value, items[0].value]);
    let mut all = vec![Sample::new("array", two)];
    for item in items {
        all.push(Sample::new(
            format!("[{}]", item.label),
            json!([item.value]),
        ));
    }
    all.push(Sample::new("no items", json!([])));
    all
}

fn of_object(schema: &'static Value) -> Vec<Sample> {
    let properties = schema["properties"].as_object();
    let mut whole = Map::new();
    for (name, schema) in properties.into_iter().flatten() {
        whole.insert(name.clone(), full(schema));
    }
    let values = schema
        .get("additionalProperties")
        .filter(|rule| rule.is_object());
    let mut all = vec![Sample::new("object", Value::Object(whole.clone()))];
    let mut changed = |label: String, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut object = whole.clone();
        change(&mut object);
        all.push(Sample::new(label, Value::Object(object)));
    };
    match values {
        None => changed("with an unknown key".into(), &|object| {
            object.insert(UNKNOWN.into(), json!({ "a": [1] }));
        }),
        // A map, in which no key is unknown.
        Some(values) => changed("with an item".into(), &|object| {
            object.insert("any".into(), full(values));
        }),
    }
    let optional = optional(schema);
    for name in &optional {
        changed(format!("without {name}"), &|object| {
            object.remove(*name);
        });
        changed(format!("{name} is null"), &|object| {
            object.insert((*name).into(), Value::Null);
        });
    }
    changed("without anything optional".into(), &|object| {
        object.retain(|name, _| !optional.contains(&name.as_str()));
    });
    changed("everything optional is null".into(), &|object| {
        for name in &optional {
            object.insert((*name).into(), Value::Null);
        }
    });
    for (name, schema) in properties.into_iter().flatten() {
        for sample in samples(schema).into_iter().skip(1) {
            changed(format!("{name}: {}", sample.label), &|object| {
                object.insert(name.clone(), sample.value.clone());
            });
        }
    }
    all
}

/// The names of the properties that are not required.
fn optional(schema: &'static Value) -> Vec<&'static str> {
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<_> = required.map(text).collect();
    let names = schema["properties"].as_object().into_iter().flatten();
    names
        .map(|(name, _)| name.as_str())
        .filter(|name| !required.contains(name))
        .collect()
}

/// What of `told` is not in `kept`, with the way to it. Nulls and keys that nobody knows may go.
pub(crate) fn lost(told: &Value, kept: &Value) -> Vec<String> {
    match (told, kept) {
        (Value::Null, _) => Vec::new(),
        (Value::Object(told), Value::Object(kept)) => told
            .iter()
            .filter(|(name, _)| *name != UNKNOWN)
            .flat_map(|(name, value)| {
                let kept = kept.get(name).unwrap_or(&Value::Null);
                let with_name = move |lost| format!("{name}: {lost}");
                lost(value, kept).into_iter().map(with_name)
            })
            .collect(),
        (Value::Array(told), Value::Array(kept)) if told.len() == kept.len() => {
            let pairs = told.iter().zip(kept);
            pairs.flat_map(|(told, kept)| lost(told, kept)).collect()
        }
        // One may be kept as a list of one.
        (Value::Object(_), Value::Array(kept)) if kept.len() == 1 => lost(told, &kept[0]),
        _ if told == kept => Vec::new(),
        _ => vec![format!("{told} became {kept}")],
    }
}

#[test]
fn every_deviation_of_a_user_is_made_and_a_lost_one_is_noticed() {
    let users = crate::description::operation("getRegisteredUser").successes();
    let samples = samples(users[0].schema.unwrap());
    let labels: Vec<_> = samples.iter().map(|sample| sample.label.as_str()).collect();
    for label in [
        "with an unknown key",
        "without GAID",
        "GAID is null",
        "categories: no items",
    ] {
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
    let mut other = samples[0].value.clone();
    other["gaid"] = other.as_object_mut().unwrap().remove("GAID").unwrap();
    assert_eq!(
        lost(&samples[0].value, &other),
        ["GAID: \"unheard-of\" became null"]
    );
}
