//! What is known of a wallet by its GAID.

use http::StatusCode;
use serde_json::json;

use super::{Call, GET, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::gaid;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/gaids/{}/validate", Token, validate),
    route(GET, "/gaids/{}/address", Token, address),
    route(GET, "/gaids/{}/registered_user", Token, registered_user),
];

/// One that is wrong is no error.
fn validate(_: &mut State, call: &Call<'_>) -> Outcome {
    let validation = match gaid::is_well_formed(call.segment(0)) {
        true => json!({ "is_valid": true }),
        false => json!({ "is_valid": false, "error": "Invalid GAID." }),
    };
    Ok(Answer::ok(&validation))
}

/// A new address each time.
fn address(state: &mut State, call: &Call<'_>) -> Outcome {
    if !gaid::is_well_formed(call.segment(0)) {
        return Err(answer::detail(StatusCode::BAD_REQUEST, "Invalid GAID."));
    }
    let address = gaid::new_address(&mut state.rng);
    Ok(Answer::ok(&json!({ "address": address, "error": null })))
}

fn registered_user(state: &mut State, call: &Call<'_>) -> Outcome {
    let owner = state.registered_users.owner_of(call.segment(0));
    Ok(Answer::ok(owner.ok_or_else(answer::not_found)?))
}
