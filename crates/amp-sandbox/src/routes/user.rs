//! Handing out tokens, and changing the password that they are handed out for.

use http::StatusCode;
use serde_json::json;

use super::{Call, GET, Open, POST, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::caller::Caller;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(POST, "/user/obtain_token", Open, obtain_token),
    route(GET, "/user/refresh-token", Token, refresh_token),
    route(POST, "/user/change-password", Token, change_password),
];

/// Wrong credentials are 400, not 401. Some clients send a form (amp-api.yaml, TokenRequest).
fn obtain_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields_or_form()?;
    let username = fields.text("username", 1..=150);
    let password = fields.text("password", 1..=usize::MAX);
    fields.finish()?;
    let caller = state
        .whose(&username, &password)
        .ok_or_else(|| answer::non_field_error("Unable to log in with provided credentials."))?;
    if state.is_locked(caller) {
        return Err(answer::detail(StatusCode::FORBIDDEN, answer::INACTIVE));
    }
    let token = state.log_in(caller, call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}

/// Only a live token gets here.
fn refresh_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let (caller, current) = state.authenticate(call.request.authorization(), call.now())?;
    let current = current.to_owned();
    let token = state.refresh(caller, current, call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}

fn change_password(state: &mut State, call: &Call<'_>) -> Outcome {
    change_password_of(state, call.caller, call)
}

/// Sets the password in the body, ends the tokens of that account and answers a new one.
pub(super) fn change_password_of(state: &mut State, account: Caller, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let password = fields.text("password", 1..=usize::MAX);
    fields.finish()?;
    let token = state.change_password(account, password.clone(), call.now());
    let username = state.username(account);
    Ok(Answer::ok(&json!({
        "username": username,
        "password": password,
        "token": token,
    })))
}
