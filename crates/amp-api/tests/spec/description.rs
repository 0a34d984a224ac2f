//! The description of the service, parsed once.

use std::sync::LazyLock;

use serde_json::Value;

/// The description as it stands.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../data/amp-api.yaml");
    serde_saphyr::from_str(text).unwrap()
});

/// One operation of the description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Described {
    pub(crate) path: &'static str,
    pub(crate) method: &'static str,
    value: &'static Value,
}

/// All operations of the description, in its order.
pub(crate) fn operations() -> Vec<Described> {
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&'static String, &'static Value)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, value)| Described {
            path,
            method,
            value,
        })
    };
    paths.iter().flat_map(of_path).collect()
}

/// The operation of this name.
pub(crate) fn operation(id: &str) -> Described {
    let found = operations().into_iter().find(|one| one.id() == id);
    found.unwrap_or_else(|| panic!("the description has no {id}"))
}

/// Follows a reference to what it names; anything else is itself.
pub(crate) fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let pointer = reference.trim_start_matches('#');
            resolve(DESCRIPTION.pointer(pointer).unwrap())
        }
    }
}

impl Described {
    pub(crate) fn id(&self) -> &'static str {
        self.text("operationId")
    }

    /// The text under this key.
    pub(crate) fn text(&self, key: &str) -> &'static str {
        self.value[key].as_str().unwrap()
    }

    /// What is said about tokens; `None` where the rule for all operations holds.
    pub(crate) fn security(&self) -> Option<&'static Vec<Value>> {
        self.value.get("security")?.as_array()
    }

    /// The parameters that stand in this place: `path` or `query`.
    pub(crate) fn parameters(&self, place: &str) -> Vec<&'static Value> {
        let all = self.value["parameters"].as_array().into_iter().flatten();
        all.map(resolve)
            .filter(|parameter| parameter["in"] == place)
            .collect()
    }

    /// The schema of the body that is sent, if one is.
    pub(crate) fn body(&self) -> Option<&'static Value> {
        let body = self.value.get("requestBody")?;
        Some(resolve(&json(body)?["schema"]))
    }

    /// The answers that say success: schema and examples of each; without a schema the body counts
    /// for nothing.
    pub(crate) fn successes(&self) -> Vec<Success> {
        let answers = self.value["responses"].as_object().unwrap().iter();
        let good = answers.filter(|(status, _)| status.starts_with('2'));
        good.map(|(status, answer)| Success::of(status, resolve(answer)))
            .collect()
    }

    /// The examples of answers that say failure.
    pub(crate) fn failures(&self) -> Vec<&'static Value> {
        let answers = self.value["responses"].as_object().unwrap().iter();
        let bad = answers.filter(|(status, _)| !status.starts_with('2'));
        bad.filter_map(|(_, answer)| json(resolve(answer))?.get("example"))
            .collect()
    }
}

/// One answer that says success.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: &'static str,
    pub(crate) schema: Option<&'static Value>,
    pub(crate) examples: Vec<&'static Value>,
}

impl Success {
    fn of(status: &'static str, answer: &'static Value) -> Self {
        let content = json(answer);
        let named = content.and_then(|content| content["examples"].as_object());
        let named = named.into_iter().flat_map(|examples| examples.values());
        let single = content.and_then(|content| content.get("example"));
        Self {
            status,
            schema: content.map(|content| &content["schema"]),
            examples: named
                .map(|example| &example["value"])
                .chain(single)
                .collect(),
        }
    }
}

fn json(of: &'static Value) -> Option<&'static Value> {
    of.get("content")?.get("application/json")
}
