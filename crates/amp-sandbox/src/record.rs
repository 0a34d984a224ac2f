//! What is remembered of each request.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use http::Method;
use serde::Serialize;

use crate::path;
use crate::routes;
use crate::settings::Flavour;

/// Enough for every test; a service under load for hours keeps the newest.
const KEPT: usize = 100_000;

/// What is remembered of one request; no header, body or query string is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    method: Method,
    path: String,
    status: Option<u16>,
    at: Duration,
}

impl RequestRecord {
    pub(crate) fn new(method: Method, path: String, status: Option<u16>, at: Duration) -> Self {
        Self {
            method,
            path,
            status,
            at,
        }
    }

    /// The method, in capitals.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path relative to the base path, such as `/assets`; one outside of it begins with `/..`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The status that went out; none when the connection was cut before it, or nothing was answered.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// When the request had arrived whole, counted from the start of the sandbox on tokio's clock.
    pub fn at(&self) -> Duration {
        self.at
    }
}

/// How often one operation was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationCount {
    operation: String,
    requests: usize,
    succeeded: usize,
}

impl OperationCount {
    /// Its method and its path with `{}` for what varies, such as `PUT /assets/{}/lock`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// How many of them were answered 2xx. A request whose answer was lost does not count, though it may have had its
    /// effect.
    pub fn succeeded(&self) -> usize {
        self.succeeded
    }
}

/// The records, oldest first.
#[derive(Default)]
pub(crate) struct Records {
    kept: VecDeque<RequestRecord>,
    total: usize,
}

impl Records {
    pub(crate) fn add(&mut self, record: RequestRecord) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(record);
        self.total += 1;
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.kept.iter().cloned().collect()
    }

    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        let is_meant =
            |record: &&RequestRecord| record.method() == method && path::same(path, record.path());
        self.kept.iter().filter(is_meant).count()
    }

    /// How often each operation occurs; what is none has its own path as its name.
    pub(crate) fn by_operation(&self, flavour: Flavour) -> Vec<OperationCount> {
        let mut counts = BTreeMap::new();
        for record in &self.kept {
            let path = routes::pattern(flavour, record.path()).unwrap_or(record.path());
            let operation = format!("{} {path}", record.method());
            let (requests, succeeded): &mut (usize, usize) = counts.entry(operation).or_default();
            *requests += 1;
            let is_success = record.status.is_some_and(|status| status / 100 == 2);
            *succeeded += usize::from(is_success);
        }
        let count = |(operation, (requests, succeeded))| OperationCount {
            operation,
            requests,
            succeeded,
        };
        counts.into_iter().map(count).collect()
    }

    pub(crate) fn total(&self) -> usize {
        self.total
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A record in the form of `GET /_sandbox/requests`.
#[derive(Serialize)]
pub(crate) struct RecordRow<'a> {
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    at_ms: u64,
}

impl<'a> From<&'a RequestRecord> for RecordRow<'a> {
    fn from(record: &'a RequestRecord) -> Self {
        let at_ms = u64::try_from(record.at.as_millis()).unwrap_or(u64::MAX);
        Self {
            method: record.method(),
            path: record.path(),
            status: record.status,
            at_ms,
        }
    }
}
