//! Whether a value agrees with a schema: the part of JSON Schema that the description uses.

use serde_json::Value;

use crate::description::resolve;

/// Words that say nothing about whether a value agrees.
const REMARKS: [&str; 7] = [
    "additionalProperties",
    "description",
    "default",
    "example",
    "examples",
    "writeOnly",
    "format",
];

/// What is wrong with a value, with the way to it; nothing when it agrees.
pub(crate) fn mistakes(schema: &'static Value, value: &Value) -> Vec<String> {
    let schema = resolve(schema);
    let Some(words) = schema.as_object() else {
        return Vec::new();
    };
    words
        .iter()
        .flat_map(|(word, rule)| mistakes_of(word, rule, schema, value))
        .collect()
}

fn mistakes_of(
    word: &str,
    rule: &'static Value,
    schema: &'static Value,
    value: &Value,
) -> Vec<String> {
    let length = || value.as_str().map(|text| text.chars().count() as f64);
    let items = || value.as_array().map(|items| items.len() as f64);
    let limit = || rule.as_f64().unwrap();
    let failed = |failed: bool| {
        if failed {
            vec![format!("{word} {rule} does not fit {value}")]
        } else {
            Vec::new()
        }
    };
    match word {
        "type" => failed(!types(rule).any(|name| is_a(name, value))),
        "enum" => failed(!rule.as_array().unwrap().contains(value)),
        "minimum" => failed(value.as_f64().is_some_and(|number| number < limit())),
        "maximum" => failed(value.as_f64().is_some_and(|number| number > limit())),
        "minLength" => failed(length().is_some_and(|length| length < limit())),
        "maxLength" => failed(length().is_some_and(|length| length > limit())),
        "minItems" => failed(items().is_some_and(|items| items < limit())),
        "maxItems" => failed(items().is_some_and(|items| items > limit())),
        "pattern" => failed(!fits(rule.as_str().unwrap(), value)),
        "anyOf" => {
            let mut ways = rule.as_array().unwrap().iter();
            failed(!ways.any(|way| mistakes(way, value).is_empty()))
        }
        "required" => {
            let names = rule.as_array().unwrap().iter();
            let missing = |name: &&Value| value.is_object() && value.get(text(name)).is_none();
            names
                .filter(missing)
                .map(|name| format!("{name} is missing"))
                .collect()
        }
        "properties" => of_properties(schema, value),
        "items" => {
            let all = value.as_array().into_iter().flatten().enumerate();
            all.flat_map(|(index, item)| below(&index.to_string(), mistakes(rule, item)))
                .collect()
        }
        _ if REMARKS.contains(&word) => Vec::new(),
        _ => panic!("this test does not know the word {word} of {schema}"),
    }
}

/// A key that is not described is a mistake, unless the schema allows others.
fn of_properties(schema: &'static Value, value: &Value) -> Vec<String> {
    let open = schema.get("additionalProperties").is_some();
    let fields = value.as_object().into_iter().flatten();
    let of_field = |(name, field): (&String, &Value)| match schema["properties"].get(name) {
        Some(schema) => below(name, mistakes(schema, field)),
        None if open => Vec::new(),
        None => vec![format!("{name} is not described")],
    };
    fields.flat_map(of_field).collect()
}

fn below(name: &str, mistakes: Vec<String>) -> Vec<String> {
    let with_name = |mistake| format!("{name}: {mistake}");
    mistakes.into_iter().map(with_name).collect()
}

/// The names that an object must have; of a list, those of its items.
pub(crate) fn required(schema: &'static Value) -> Vec<&'static str> {
    let schema = resolve(schema);
    let names = schema["required"].as_array().into_iter().flatten();
    match schema.get("items") {
        Some(items) => required(items),
        None => names.map(text).collect(),
    }
}

/// The required fields that can be empty or out of range: texts, and numbers and lists with a limit.
pub(crate) fn checkable(schema: &'static Value) -> Vec<&'static str> {
    let properties = &resolve(schema)["properties"];
    let can_be_wrong = |name: &&str| {
        let field = resolve(&properties[*name]);
        let limited = field.get("minimum").or_else(|| field.get("minItems"));
        field["type"] == "string" || limited.is_some()
    };
    required(schema).into_iter().filter(can_be_wrong).collect()
}

/// The names of the types that a schema allows.
pub(crate) fn types(rule: &'static Value) -> impl Iterator<Item = &'static str> {
    let many = rule.as_array().into_iter().flatten().map(text);
    rule.as_str().into_iter().chain(many)
}

/// The text that a value is.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("this test does not know the type {name}"),
    }
}

/// The one pattern of the description.
fn fits(pattern: &str, value: &Value) -> bool {
    assert_eq!(pattern, "^[A-Za-z]{3,5}$", "this test knows one pattern");
    let text = text(value);
    (3..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[test]
fn what_does_not_agree_is_found_wherever_it_stands() {
    let issue = crate::description::operation("issueAsset").body().unwrap();
    let good = serde_json::json!({
        "name": "Gold coin", "amount": 1, "destination_address": "vj", "domain": "gold.example",
        "ticker": "GOLD", "pubkey": "02".repeat(33),
    });
    assert_eq!(mistakes(issue, &good), Vec::<String>::new());
    let broken = [
        ("amount", serde_json::json!("1")),
        ("amount", serde_json::json!(0)),
        ("name", serde_json::json!("Gold")),
        ("ticker", serde_json::json!("GO1D")),
        ("precision", serde_json::json!(9)),
        ("is_reissuable", Value::Null),
    ];
    for (name, value) in broken {
        let mut bad = good.clone();
        bad[name] = value;
        assert_eq!(mistakes(issue, &bad).len(), 1, "{bad}");
    }
    let mut bad = good.clone();
    bad["later"] = Value::Null;
    assert_eq!(mistakes(issue, &bad), ["later is not described"]);
    let mut bad = good;
    bad.as_object_mut().unwrap().remove("domain");
    assert_eq!(mistakes(issue, &bad), ["\"domain\" is missing"]);
}
