//! Calls of described operations, each of which has to succeed as it is described.

use std::collections::BTreeSet;

use super::agreement::Agreement;
use crate::client::Client;
use crate::description::{Described, operation};
use amp_sandbox::Sandbox;
use serde_json::Value;

pub(crate) struct Walk {
    client: Client,
    called: BTreeSet<&'static str>,
    agreement: Agreement,
}

impl Walk {
    /// A walk of the issuer, who has logged in.
    pub(crate) async fn begin(sandbox: &Sandbox) -> Self {
        Self {
            client: Client::logged_in(sandbox).await,
            called: BTreeSet::new(),
            agreement: Agreement::default(),
        }
    }

    /// Goes on with another token; the answer is the one before.
    pub(crate) fn use_token(&mut self, token: &str) -> String {
        let before = self.client.token().unwrap_or_default().to_owned();
        self.client.use_token(token);
        before
    }

    /// Calls the operation of this name without a body.
    pub(crate) async fn call(&mut self, id: &str, places: &[&str]) -> Value {
        self.send(id, places, String::new()).await
    }

    /// Calls the operation of this name; what stands in its path is told in order. The answer is null where no body
    /// is described.
    pub(crate) async fn call_with(&mut self, id: &str, places: &[&str], body: &Value) -> Value {
        self.send(id, places, body.to_string()).await
    }

    /// What the simulated node answers to these orders.
    pub(crate) async fn node(&mut self, command: &str, orders: &Value) -> Value {
        let name = format!("node/{command}");
        let answer = self.client.control("POST", &name, orders).await;
        assert_eq!(answer.status, 200, "{command}: {answer:?}");
        answer.json()
    }

    async fn send(&mut self, id: &str, places: &[&str], body: String) -> Value {
        let described = operation(id);
        assert_eq!(described.body().is_some(), !body.is_empty(), "{id}");
        let path = filled(&described, places);
        let method = described.method.to_uppercase();
        let answer = self.client.send(&method, &path, body).await.unwrap();
        let status = answer.status.as_str().to_owned();
        let successes = described.successes();
        let success = successes.iter().find(|success| success.status == status);
        let success = success.unwrap_or_else(|| panic!("{id}: {answer:?}"));
        self.called.insert(described.id());
        let Some(schema) = success.schema else {
            return Value::Null;
        };
        let value = answer.json();
        self.agreement.check(schema, &value, id);
        value
    }

    /// The operations that were called.
    pub(crate) fn called(&self) -> &BTreeSet<&'static str> {
        &self.called
    }

    /// Keys that the description has and no answer had.
    pub(crate) fn keys_never_sent(&self) -> Vec<&str> {
        self.agreement.never_sent()
    }
}

/// The path with its placeholders filled; a query may follow as the last place.
fn filled(described: &Described, places: &[&str]) -> String {
    let mut places = places.iter();
    let segments = described.path.split('/').map(|segment| {
        if segment.starts_with('{') {
            places
                .next()
                .copied()
                .unwrap_or_else(|| panic!("{segment}"))
        } else {
            segment
        }
    });
    let mut path = segments.collect::<Vec<_>>().join("/");
    path.extend(places.copied());
    path
}
