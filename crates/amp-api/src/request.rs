//! A request as a value: where it goes, what it carries, and what may be done with it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use token_core::Idempotency;

use crate::operation::{is_variable, segments};
use crate::{Auth, BaseUrl, Operation, operations};

mod redacted;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What RFC 3986 section 2.3 calls unreserved; everything else is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The most of a path by hand that messages show, in bytes.
const MAX_LABEL: usize = 256;

/// One request, before it meets a base URL and a token.
#[derive(Clone)]
pub struct Request {
    method: Method,
    target: Cow<'static, str>,
    body: Option<Bytes>,
    shown_path: Cow<'static, str>,
    idempotency: Idempotency,
    auth: Auth,
    secret: bool,
}

impl Request {
    /// A request of this operation; `arguments` fill the variables of its path in order.
    ///
    /// # Errors
    ///
    /// When an argument is missing, left over, empty, or `.` or `..`: each would make another
    /// path of it.
    pub fn new(operation: &Operation, arguments: &[&str]) -> Result<Self, InvalidRequest> {
        Ok(Self {
            method: operation.method().clone(),
            target: fill(operation.path(), arguments)?,
            body: None,
            shown_path: operation.path().into(),
            idempotency: operation.idempotency(),
            auth: operation.auth(),
            secret: operation.is_secret(),
        })
    }

    /// A request that names method and path by hand. `target` is the path below the base URL,
    /// encoded as it shall be sent, perhaps with a query.
    ///
    /// The class comes from the operation that the path names; a path that names none is repeated
    /// freely only when it is a GET or a HEAD. Its bodies count as secret where they would with any
    /// other method.
    ///
    /// # Errors
    ///
    /// When the target does not start with exactly one slash, or holds a dot segment, a fragment,
    /// a backslash, a blank or a character outside ASCII; or when the method is CONNECT or TRACE.
    pub fn raw(method: Method, target: &str) -> Result<Self, InvalidRequest> {
        if method == Method::CONNECT || method == Method::TRACE {
            return Err(InvalidRequest::Method);
        }
        check_target(target)?;
        let path = path_of(target);
        let operation = operations::find(&method, path);
        Ok(Self {
            shown_path: beginning_of(path).to_owned().into(),
            idempotency: operations::raw_idempotency(&method, path),
            auth: operation.map_or(Auth::Required, Operation::auth),
            secret: operations::is_secret(path),
            target: target.to_owned().into(),
            body: None,
            method,
        })
    }

    /// Adds parameters to the query.
    #[must_use]
    pub fn with_query<'a>(
        mut self,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        for (name, value) in parameters {
            let target = self.target.to_mut();
            target.push(if target.contains('?') { '&' } else { '?' });
            target.extend(utf8_percent_encode(name, ENCODED));
            target.push('=');
            target.extend(utf8_percent_encode(value, ENCODED));
        }
        self
    }

    /// Sets a body that is JSON already.
    #[must_use]
    pub fn with_body(mut self, json: impl Into<Bytes>) -> Self {
        self.body = Some(json.into());
        self
    }

    /// Sets a value as the JSON body.
    ///
    /// # Errors
    ///
    /// When the value cannot be written as JSON, as a map with keys that are not texts.
    pub fn with_json(self, value: &(impl Serialize + ?Sized)) -> Result<Self, InvalidRequest> {
        let json = serde_json::to_vec(value).map_err(|_| InvalidRequest::Body)?;
        Ok(self.with_body(json))
    }

    /// Sends it without a token, whatever the operation says.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.auth = Auth::None;
        self
    }

    /// Method and path for messages, without values from the query: `GET /assets/{assetUuid}`.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.shown_path)
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// How safe it is to send it once more.
    pub fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    /// Whether it carries a token.
    pub fn auth(&self) -> Auth {
        self.auth
    }

    /// Whether its bodies may hold secrets, so that no error may quote them.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The body as it may be shown, if there is one: with passwords, tokens and blinding factors
    /// hidden, and every text in a body of an operation with secrets but those that name somebody.
    /// What is no JSON is a text.
    pub fn redacted_body(&self) -> Option<Value> {
        let body = self.body.as_deref().filter(|body| !body.is_empty())?;
        Some(redacted::redacted(body, self.secret))
    }

    /// The request in HTTP's words, at this service. It does not say what it accepts:
    /// [`accept`](Self::accept) adds that where the request is sent, so that a copy for another try
    /// costs no copy of a header.
    ///
    /// # Errors
    ///
    /// When the path and the query are longer than 32 KiB.
    pub fn to_http(&self, base: &BaseUrl) -> Result<http::Request<Bytes>, InvalidRequest> {
        let mut request = http::Request::new(self.body.clone().unwrap_or_default());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.address(base).ok_or(InvalidRequest::Target)?;
        if self.body.is_some() {
            request.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        Ok(request)
    }

    fn address(&self, base: &BaseUrl) -> Option<Uri> {
        match &self.target {
            Cow::Borrowed(target) => base.join_once(target),
            Cow::Owned(target) => base.join(target),
        }
    }

    /// Says that an answer in JSON is wanted, where the request does not say what is.
    pub fn accept<B>(request: &mut http::Request<B>) {
        request.headers_mut().entry(ACCEPT).or_insert(JSON);
    }
}

/// Shows neither the body nor the query: both may hold what is nobody else's business.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("label", &self.label())
            .field("idempotency", &self.idempotency)
            .field("auth", &self.auth)
            .field("body_bytes", &self.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

/// Why a request was not made. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The path does not have as many variables as arguments came.
    #[error("the path takes {expected} arguments, not {given}")]
    Arguments {
        /// The number of variables.
        expected: usize,
        /// The number of arguments.
        given: usize,
    },
    /// An argument of the path is empty, or is a dot segment.
    #[error("{0} must not be empty or a dot")]
    Argument(&'static str),
    /// A field of the body cannot be meant.
    #[error("{field} {rule}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// A field of one item of a list cannot be meant.
    #[error("number {} of the list: {field} {rule}", index.saturating_add(1))]
    Item {
        /// The place of the item, from 0.
        index: usize,
        /// The name of the field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The path is not one below the base URL.
    #[error(
        "the path must start with one slash and have no dot segment, fragment, backslash, blank or unencoded character"
    )]
    Target,
    /// CONNECT or TRACE.
    #[error("this method is not one for an API")]
    Method,
    /// The body cannot be written as JSON.
    #[error("the body cannot be written as JSON")]
    Body,
}

impl InvalidRequest {
    /// The same of the item at this place of a list, where it is about a field.
    pub(crate) fn of_item(self, index: usize) -> Self {
        match self {
            Self::Field { field, rule } => Self::Item { index, field, rule },
            other => other,
        }
    }
}

fn fill(template: &'static str, arguments: &[&str]) -> Result<Cow<'static, str>, InvalidRequest> {
    if arguments.is_empty() && !template.contains('{') {
        return Ok(template.into());
    }
    let expected = segments(template).filter(|part| is_variable(part)).count();
    if expected != arguments.len() {
        let given = arguments.len();
        return Err(InvalidRequest::Arguments { expected, given });
    }
    let mut arguments = arguments.iter();
    let mut path = String::with_capacity(template.len() + 40);
    for segment in segments(template) {
        path.push('/');
        match arguments.as_slice().first() {
            Some(argument) if is_variable(segment) => {
                if matches!(argument.trim(), "" | "." | "..") {
                    return Err(InvalidRequest::Argument(variable_name(segment)));
                }
                path.extend(utf8_percent_encode(argument, ENCODED));
                arguments.next();
            }
            _ => path.push_str(segment),
        }
    }
    if template.ends_with('/') {
        path.push('/');
    }
    Ok(path.into())
}

fn variable_name(segment: &'static str) -> &'static str {
    segment.trim_matches(['{', '}'])
}

fn check_target(target: &str) -> Result<(), InvalidRequest> {
    let plain = target
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#'));
    let one_slash = target.starts_with('/') && !target.starts_with("//");
    if !plain || !one_slash {
        return Err(InvalidRequest::Target);
    }
    let decoded = percent_decode_str(path_of(target)).collect::<Vec<u8>>();
    let leaves = |segment: &[u8]| matches!(segment, b"." | b"..");
    if decoded
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .any(leaves)
    {
        return Err(InvalidRequest::Target);
    }
    Ok(())
}

/// Enough of a path for a message; a target is ASCII, so it can be cut anywhere.
fn beginning_of(path: &str) -> &str {
    path.get(..MAX_LABEL).unwrap_or(path)
}

fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

#[cfg(test)]
mod tests;
