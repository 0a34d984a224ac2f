//! The typed requests against the description.

use std::collections::BTreeSet;

use amp_api::{BaseUrl, Request};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::case::Case;
use crate::cases;
use crate::description::{Described, operation};
use crate::schema::{mistakes, text, types};

/// The request as it is sent, without a path before its own.
fn sent(request: &Request) -> http::Request<Bytes> {
    let base = BaseUrl::parse("https://amp.example").unwrap();
    request.to_http(&base).unwrap()
}

fn described(case: &Case) -> Described {
    operation(case.operation.id())
}

fn every_request(check: impl Fn(&Described, &http::Request<Bytes>)) {
    for case in cases::all() {
        for request in case.full.iter().chain(&case.least) {
            check(&described(&case), &sent(request));
        }
    }
}

/// A value of a path or a query as the type that its schema wants.
fn typed(schema: &'static Value, text: &str) -> Value {
    let name = types(&schema["type"]).next().unwrap();
    match name {
        "string" => text.into(),
        _ => serde_json::from_str(text).unwrap(),
    }
}

// A-29, W-A28
#[test]
fn paths_are_those_of_the_description_with_every_variable_filled() {
    every_request(|described, sent| {
        let id = described.id();
        let method = described.method.to_uppercase();
        assert_eq!(sent.method().as_str(), method, "{id}");
        let mut variables = described.parameters("path").into_iter();
        let theirs = described.path.split('/');
        let ours = sent.uri().path().split('/');
        assert_eq!(ours.clone().count(), theirs.clone().count(), "{id}");
        for (our, their) in ours.zip(theirs) {
            if !their.starts_with('{') {
                assert_eq!(our, their, "{id}");
                continue;
            }
            let variable = variables.next().unwrap();
            assert_eq!(their, format!("{{{}}}", text(&variable["name"])), "{id}");
            let value = percent_decode_str(our).decode_utf8().unwrap();
            let value = typed(&variable["schema"], &value);
            let wrong = mistakes(&variable["schema"], &value);
            assert!(wrong.is_empty(), "{id}: {wrong:?}");
        }
    });
}

// W-A28: filters are in the query, never in the body of a GET.
#[test]
fn every_filter_of_the_description_can_be_set_and_no_other() {
    for case in cases::all() {
        let described = described(&case);
        let parameters = described.parameters("query");
        let known: BTreeSet<_> = parameters
            .iter()
            .map(|filter| text(&filter["name"]))
            .collect();
        let mut set = BTreeSet::new();
        for request in &case.full {
            let sent = sent(request);
            for pair in sent.uri().query().unwrap_or("").split_terminator('&') {
                let (name, value) = pair.split_once('=').unwrap();
                let filter = parameters.iter().find(|filter| filter["name"] == name);
                let filter = filter.unwrap_or_else(|| panic!("{}: {name}", described.id()));
                let value = percent_decode_str(value).decode_utf8().unwrap();
                let value = typed(&filter["schema"], &value);
                let wrong = mistakes(&filter["schema"], &value);
                assert!(wrong.is_empty(), "{}: {name}: {wrong:?}", described.id());
                set.insert(name.to_owned());
            }
        }
        let set: BTreeSet<_> = set.iter().map(String::as_str).collect();
        assert_eq!(set, known, "{}", described.id());
        for request in &case.least {
            assert_eq!(sent(request).uri().query(), None, "{}", described.id());
        }
    }
}

#[test]
fn bodies_agree_with_the_description_and_are_sent_where_it_has_one() {
    every_request(|described, sent| {
        let id = described.id();
        let Some(schema) = described.body() else {
            assert!(sent.body().is_empty(), "{id} sends a body");
            return;
        };
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        let wrong = mistakes(schema, &body);
        assert!(wrong.is_empty(), "{id}: {wrong:?}");
    });
}

/// The keys of an object, or of the first item of a list.
fn keys(value: &Value) -> Option<BTreeSet<&str>> {
    let value = value.get(0).unwrap_or(value);
    Some(value.as_object()?.keys().map(String::as_str).collect())
}

#[test]
fn every_field_of_a_body_can_be_set_and_what_is_not_set_is_left_out() {
    for case in cases::all() {
        let described = described(&case);
        let Some(schema) = described.body() else {
            continue;
        };
        let body = |request: &Request| serde_json::from_slice(sent(request).body()).unwrap();
        let known = crate::samples::full(schema);
        let full: Vec<Value> = case.full.iter().map(body).collect();
        let set: BTreeSet<_> = full.iter().filter_map(keys).flatten().collect();
        assert_eq!(set, keys(&known).unwrap_or_default(), "{}", described.id());
        for least in case.least.iter().map(body) {
            let set = keys(&least).unwrap_or_default();
            let required: BTreeSet<_> = crate::schema::required(schema).into_iter().collect();
            assert!(
                set.is_subset(&required) && required.is_subset(&set),
                "{least}"
            );
        }
    }
}

// whatever would make another request of it, or cannot be meant, is refused here.
#[test]
fn what_is_required_is_checked_before_anything_is_sent() {
    for case in cases::all() {
        let described = described(&case);
        let is_text = |variable: &&Value| variable["schema"]["type"] == "string";
        let variables = described.parameters("path").into_iter().filter(is_text);
        let variables = variables.map(|variable| text(&variable["name"]));
        let fields = described.body().into_iter();
        let fields = fields.flat_map(crate::schema::checkable);
        for name in variables.chain(fields) {
            let refused = case.refused.contains(&name);
            assert!(refused, "{}: {name} is not checked", described.id());
        }
    }
}
