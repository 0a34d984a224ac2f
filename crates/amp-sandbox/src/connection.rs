//! One HTTP/1.1 connection: reading requests, and answering them as well or as badly as was decided.

use std::future::pending;

use bytes::Bytes;
use http::header::DATE;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as RequestBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::body::{AnswerBody, Cut, Shape};
use crate::clock;
use crate::control;
use crate::handle::SandboxHandle;
use crate::host;
use crate::routes::Incoming;
use crate::service::{Reaction, Reply};

const BASE_PATH: &str = "/api";

/// More than any request of the API needs.
const BODY_LIMIT: usize = 1024 * 1024;

/// Serves one connection until either side ends it, the fault script does, or the sandbox stops.
pub(crate) async fn serve<I>(io: I, sandbox: SandboxHandle, mut stop: watch::Receiver<()>)
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| respond(&sandbox, request));
    let connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service);
    tokio::select! {
        ended = connection => if let Err(reason) = ended {
            tracing::debug!(%reason, "connection ended");
        },
        _ = stop.changed() => {}
    }
}

async fn respond(
    sandbox: &SandboxHandle,
    request: Request<RequestBody>,
) -> Result<Response<AnswerBody>, Cut> {
    let reaction = match host::check(&request) {
        Ok(()) => react(sandbox, request).await?,
        Err(refusal) => Reaction::plain(refusal),
    };
    deliver(sandbox, reaction).await
}

/// Reads the body and decides the request.
async fn react(sandbox: &SandboxHandle, request: Request<RequestBody>) -> Result<Reaction, Cut> {
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    match head.uri.path().strip_prefix(control::PREFIX) {
        Some(name) => {
            let body = body.unwrap_or_default();
            Ok(Reaction::plain(control::answer(
                sandbox,
                &head.method,
                name,
                &body,
            )))
        }
        None => Ok(decide(sandbox, &head, body.as_deref())),
    }
}

fn decide(sandbox: &SandboxHandle, head: &Parts, body: Option<&[u8]>) -> Reaction {
    let path = &relative_path(head.uri.path());
    let (method, headers, now) = (&head.method, &head.headers, Instant::now());
    let request = Incoming {
        method,
        path,
        query: head.uri.query().unwrap_or_default(),
        headers,
        body: body.unwrap_or_default(),
        now,
    };
    let reaction = match body {
        Some(_) => sandbox.lock().receive(&request),
        None => sandbox.lock().refuse(&request, answer::body_too_large()),
    };
    tracing::debug!(%method, path, status = reaction.reply.status(), "request");
    reaction
}

/// The whole body; none when it is larger than the limit.
async fn read(body: RequestBody) -> Result<Option<Bytes>, Cut> {
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(collected) => Ok(Some(collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Ok(None),
        Err(_) => Err(Cut),
    }
}

/// Relative to the base path; what lies outside of it is reached through `/..`.
fn relative_path(path: &str) -> String {
    match path.strip_prefix(BASE_PATH) {
        Some(relative) if relative.is_empty() || relative.starts_with('/') => relative.to_owned(),
        _ => format!("/..{path}"),
    }
}

async fn deliver(sandbox: &SandboxHandle, reaction: Reaction) -> Result<Response<AnswerBody>, Cut> {
    if !reaction.delay.is_zero() {
        tokio::time::sleep(reaction.delay).await;
    }
    match reaction.reply {
        Reply::Answer(answer, shape) => {
            let clock = sandbox.lock().state.clock;
            let date = clock::http_date(clock.wall(Instant::now(), reaction.skew));
            Ok(response(answer, shape, date))
        }
        Reply::Cut => Err(Cut),
        Reply::Stall => pending().await,
    }
}

fn response(answer: Answer, shape: Shape, date: HeaderValue) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::new(answer.body, shape));
    *response.status_mut() = answer.status;
    response.headers_mut().extend(answer.headers);
    response.headers_mut().insert(DATE, date);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_base_path() {
        assert_eq!(relative_path("/api/assets"), "/assets");
        assert_eq!(relative_path("/api//assets"), "//assets");
        assert_eq!(relative_path("/api"), "");
        assert_eq!(relative_path("/apiary"), "/../apiary");
        assert_eq!(relative_path("/assets"), "/../assets");
    }
}
