//! One operation as the types of this crate say it.

use amp_api::{Answer, Call, InvalidRequest, Operation, Request, Unreadable};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::samples::lost;

/// What the constructors answer.
type Made<T> = Result<Call<T>, InvalidRequest>;

type Read = Box<dyn Fn(&Bytes) -> Result<Value, Unreadable>>;

/// One operation as the types of this crate say it.
pub(crate) struct Case {
    pub(crate) operation: &'static Operation,
    /// Requests with every field set that can be.
    pub(crate) full: Vec<Request>,
    /// Requests with nothing but what is required.
    pub(crate) least: Vec<Request>,
    /// What was refused before anything was sent: the names of arguments and fields.
    pub(crate) refused: Vec<&'static str>,
    /// Whether what is read is kept.
    keeps: bool,
    /// What is not kept even so.
    forgotten: Option<&'static str>,
    read: Read,
}

impl Case {
    /// An operation whose answer is kept as it came.
    pub(crate) fn new<T>(operation: &'static Operation, full: Made<T>) -> Self
    where
        T: Answer + Serialize,
    {
        Self::shown(operation, full, |read| serde_json::to_value(read).unwrap())
    }

    /// An operation whose answer holds secrets, and how a test sees them.
    pub(crate) fn shown<T>(
        operation: &'static Operation,
        full: Made<T>,
        show: impl Fn(T) -> Value + 'static,
    ) -> Self
    where
        T: Answer,
    {
        let full = full.unwrap().request().clone();
        Self {
            operation,
            least: vec![full.clone()],
            full: vec![full],
            refused: Vec::new(),
            keeps: true,
            forgotten: None,
            read: Box::new(move |body| T::read(body).map(&show)),
        }
    }

    /// An operation whose answer says nothing but that it was done.
    pub(crate) fn ignored(operation: &'static Operation, full: Made<()>) -> Self {
        let keeps = false;
        Self {
            keeps,
            ..Self::new(operation, full)
        }
    }

    /// Leaves this key of the answer aside.
    pub(crate) fn forgets(mut self, name: &'static str) -> Self {
        self.forgotten = Some(name);
        self
    }

    /// The request with nothing but what is required, where that is another one.
    pub(crate) fn least<T: Answer>(mut self, least: Made<T>) -> Self {
        self.least = vec![least.unwrap().request().clone()];
        self
    }

    /// One more request with everything set, where fields exclude each other.
    pub(crate) fn or<T: Answer>(mut self, full: Made<T>) -> Self {
        self.full.push(full.unwrap().request().clone());
        self
    }

    /// A request that cannot be meant.
    pub(crate) fn refuses<T: Answer>(mut self, made: Made<T>) -> Self {
        let name = match made.unwrap_err() {
            InvalidRequest::Argument(name) | InvalidRequest::Field { field: name, .. } => name,
            other => panic!("{} is refused with {other}", self.operation.id()),
        };
        self.refused.push(name);
        self
    }

    /// What of an answer should have been kept and was not.
    pub(crate) fn lost(&self, told: &Value, kept: &Value) -> Vec<String> {
        if !self.keeps {
            return Vec::new();
        }
        let mut told = told.clone();
        if let (Some(name), Some(told)) = (self.forgotten, told.as_object_mut()) {
            told.remove(name);
        }
        lost(&told, kept)
    }

    /// Reads an answer of this operation.
    pub(crate) fn read(&self, body: &Value) -> Result<Value, Unreadable> {
        self.read_bytes(&body.to_string().into())
    }

    /// Reads a body as it comes.
    pub(crate) fn read_bytes(&self, body: &Bytes) -> Result<Value, Unreadable> {
        (self.read)(body)
    }
}
