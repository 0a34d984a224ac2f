//! Raw transactions.

use serde_json::json;

use super::{Call, GET, POST, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(POST, "/tx/broadcast", Token, broadcast),
    route(GET, "/tx/broadcast/{}", Token, status),
];

/// A transaction is taken as it is; its id is made up, and the same one has the same id.
fn broadcast(state: &mut State, call: &Call<'_>) -> Outcome {
    let raw = call.text()?.to_ascii_lowercase();
    let is_hex = raw.len() % 2 == 0 && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
    if raw.is_empty() || !is_hex {
        return Err(answer::non_field_error("This is no transaction in hex."));
    }
    let txid = state.broadcasts.send(raw.clone(), &mut state.rng);
    Ok(Answer::ok(&json!({ "txid": txid, "hex": raw })))
}

fn status(state: &mut State, call: &Call<'_>) -> Outcome {
    let found = state.broadcasts.find(call.segment(0));
    Ok(Answer::ok(&found.ok_or_else(answer::not_found)?))
}
