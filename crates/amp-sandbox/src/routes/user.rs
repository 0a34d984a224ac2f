//! Handing out tokens.

use serde_json::json;

use super::{Call, GET, Open, POST, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::caller::Caller;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(POST, "/user/obtain_token", Open, obtain_token),
    route(GET, "/user/refresh-token", Token, refresh_token),
];

/// Wrong credentials are 400, not 401.
fn obtain_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let username = fields.text("username", 1..=150);
    let password = fields.text("password", 1..=usize::MAX);
    fields.finish()?;
    if !state.account.accepts(&username, &password) {
        return Err(answer::non_field_error(
            "Unable to log in with provided credentials.",
        ));
    }
    let token = state.log_in(Caller::Issuer, call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}

/// Only a live token gets here.
fn refresh_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let (caller, current) = state.authenticate(call.request.authorization(), call.now())?;
    let current = current.to_owned();
    let token = state.refresh(caller, current, call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}
