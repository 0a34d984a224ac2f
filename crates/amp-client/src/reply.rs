//! An answer as it came.

use std::time::Duration;

use amp_api::{ErrorBody, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use token_core::CallContext;

use crate::error::{ApiError, CallFacts, Error};

/// The answer to a request that names method and path by hand, whatever its status is.
#[derive(Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    call: CallFacts,
    retry_after: Option<Duration>,
    secret: bool,
}

impl Reply {
    pub(crate) fn new(
        answer: http::Response<Bytes>,
        request: &Request,
        context: &CallContext,
        retry_after: Option<Duration>,
    ) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body,
            call: CallFacts::new(request, context),
            retry_after,
            secret: request.is_secret(),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it was received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// What the call did.
    pub fn call(&self) -> &CallFacts {
        &self.call
    }

    /// The error that an answer without success is; any 2xx is a success.
    pub fn error(&self) -> Option<Error> {
        (!self.status.is_success()).then(|| self.refusal())
    }

    /// The answer as an error.
    pub(crate) fn refusal(&self) -> Error {
        let body = if self.secret {
            ErrorBody::Withheld
        } else {
            ErrorBody::read(&self.body)
        };
        // A 5xx and a 408 may come after the service, or a proxy before it, acted.
        let maybe = self.status.is_server_error() || self.status == StatusCode::REQUEST_TIMEOUT;
        Error::Api(ApiError {
            call: self.call.clone().with_last_try(maybe),
            status: self.status,
            body,
            retry_after: self.retry_after,
        })
    }
}

/// Shows no header and no body: both may hold secrets.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("call", &self.call)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
