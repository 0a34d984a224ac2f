//! What the service of the CIDX client does: handing out tokens, and two operations that need one.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Call, GET, Open, POST, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::cidx::Pair;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(POST, "/auth/login", Open, login),
    route(POST, "/auth/refresh", Open, refresh),
    route(GET, "/repos", Token, repositories),
    route(POST, "/query", Token, query),
];

fn login(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = Body::read(call)?;
    let (username, password) = (body.text("username")?, body.text("password")?);
    if !state.account.accepts(username, password) {
        return Err(answer::challenged("Bearer", "Invalid username or password"));
    }
    let pair = state.pair(call.now());
    Ok(handed_out(&pair, username))
}

/// The refresh token is in the body, and it is spent by this.
fn refresh(state: &mut State, call: &Call<'_>) -> Outcome {
    let body = Body::read(call)?;
    if !state.refresh_tokens.spend(body.text("refresh_token")?) {
        return Err(answer::challenged("Bearer", "Invalid refresh token"));
    }
    let pair = state.pair(call.now());
    Ok(handed_out(&pair, "sandbox_user"))
}

fn repositories(_: &mut State, _: &Call<'_>) -> Outcome {
    let repository = json!({ "alias": "sandbox", "branch": "main", "status": "ready" });
    Ok(Answer::ok(
        &json!({ "repositories": [repository], "total": 1 }),
    ))
}

/// Finds the query itself, and changes nothing.
fn query(_: &mut State, call: &Call<'_>) -> Outcome {
    let body = Body::read(call)?;
    let found = json!({ "file_path": "README.md", "score": 1.0, "text": body.text("query_text")? });
    Ok(Answer::ok(
        &json!({ "results": [found], "total_results": 1 }),
    ))
}

/// The role of the user comes along, and a client that does not know it must not mind.
fn handed_out(pair: &Pair, username: &str) -> Answer {
    Answer::ok(&json!({
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "token_type": "bearer",
        "expires_in": pair.expires_in,
        "user": { "username": username, "role": "normal_user", "groups": null },
    }))
}

/// A JSON object, read with the messages of the framework behind this service.
struct Body(Value);

impl Body {
    fn read(call: &Call<'_>) -> Result<Self, Answer> {
        match serde_json::from_slice(call.request.body) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            _ => Err(unprocessable("body", "model_attributes_type")),
        }
    }

    fn text(&self, name: &str) -> Result<&str, Answer> {
        match &self.0[name] {
            Value::String(text) => Ok(text),
            Value::Null => Err(unprocessable(name, "missing")),
            _ => Err(unprocessable(name, "string_type")),
        }
    }
}

fn unprocessable(name: &str, kind: &str) -> Answer {
    let detail = json!({ "type": kind, "loc": ["body", name] });
    Answer::json(
        StatusCode::UNPROCESSABLE_ENTITY,
        &json!({ "detail": [detail] }),
    )
}
