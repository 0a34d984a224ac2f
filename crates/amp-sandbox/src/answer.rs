//! An answer before it goes on the wire, and the texts of the framework that the service is built on.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

/// What a route decides: an answer either way, so that `?` may end it early.
pub(crate) type Outcome = Result<Answer, Answer>;

/// Status, headers and the whole body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let body =
            serde_json::to_vec(value).expect("answers have text keys and no failing serialisers");
        Self::new(status, "application/json", body)
    }

    /// No body and so no media type.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn ok(value: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// A success whose body is JSON already.
    pub(crate) fn raw_json(body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "application/json", body)
    }

    pub(crate) fn html(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        let page = format!(
            "<html>\r\n<head><title>{0} {title}</title></head>\r\n<body>\r\n<center><h1>{0} {title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            status.as_u16(),
        );
        Self::new(status, "text/html", page)
    }

    pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text)
    }

    fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(content_type))];
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// What an account hears that may not act.
pub(crate) const INACTIVE: &str = "User inactive or deleted.";

/// An error with the framework's single text.
pub(crate) fn detail(status: StatusCode, text: &str) -> Answer {
    Answer::json(status, &json!({ "detail": text }))
}

pub(crate) fn not_found() -> Answer {
    detail(StatusCode::NOT_FOUND, "Not found.")
}

pub(crate) fn permission_denied() -> Answer {
    let text = "You do not have permission to perform this action.";
    detail(StatusCode::FORBIDDEN, text)
}

pub(crate) fn method_not_allowed(method: &Method, allowed: &[Method]) -> Answer {
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let allow = HeaderValue::from_str(&names.join(", ")).expect("method names are visible ASCII");
    detail(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("Method \"{method}\" not allowed."),
    )
    .with(ALLOW, allow)
}

/// The framework answers 401 with a challenge, or 403 without one, depending on its first authentication class.
pub(crate) fn unauthenticated(status: StatusCode, text: &str) -> Answer {
    let answer = detail(status, text);
    match status {
        StatusCode::UNAUTHORIZED => {
            answer.with(WWW_AUTHENTICATE, HeaderValue::from_static("Token"))
        }
        _ => answer,
    }
}

/// A 401 with the challenge of RFC 6750 section 3.
#[cfg(feature = "cidx")]
pub(crate) fn challenged(challenge: &'static str, text: &str) -> Answer {
    let challenge = HeaderValue::from_static(challenge);
    detail(StatusCode::UNAUTHORIZED, text).with(WWW_AUTHENTICATE, challenge)
}

/// A 429; `wait` is the number of seconds its text speaks of, `retry_after` the header.
pub(crate) fn throttled(wait: Option<u64>, retry_after: Option<HeaderValue>) -> Answer {
    let text = match wait {
        None => "Request was throttled.".to_owned(),
        Some(1) => "Request was throttled. Expected available in 1 second.".to_owned(),
        Some(seconds) => format!("Request was throttled. Expected available in {seconds} seconds."),
    };
    let answer = detail(StatusCode::TOO_MANY_REQUESTS, &text);
    match retry_after {
        Some(value) => answer.with(RETRY_AFTER, value),
        None => answer,
    }
}

pub(crate) fn unsupported_media_type(media_type: &str) -> Answer {
    let text = format!("Unsupported media type \"{media_type}\" in request.");
    detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, &text)
}

pub(crate) fn body_too_large() -> Answer {
    let text = "The request body exceeds the limit of this sandbox.";
    detail(StatusCode::PAYLOAD_TOO_LARGE, text)
}

/// The decoder's words stay out: they may quote the body.
pub(crate) fn malformed_json(line: usize, column: usize) -> Answer {
    detail(
        StatusCode::BAD_REQUEST,
        &format!("JSON parse error - line {line} column {column}"),
    )
}

/// A 400 for the request as a whole.
pub(crate) fn non_field_error(text: &str) -> Answer {
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({ "non_field_errors": [text] }),
    )
}

/// A 400 with the messages of each field.
pub(crate) fn field_errors(errors: &serde_json::Map<String, Value>) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, errors)
}

/// A 400 with the message of one field.
pub(crate) fn field_error(name: &str, text: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &json!({ name: [text] }))
}
