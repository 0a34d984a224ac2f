//! Handing out tokens.

use serde_json::json;

use super::Call;
use crate::answer::{self, Answer, Outcome};
use crate::state::State;

/// Wrong credentials are 400, not 401.
pub(super) fn obtain_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let username = fields.text("username", 1..=150);
    let password = fields.text("password", 1..=usize::MAX);
    fields.finish()?;
    if !state.account.accepts(&username, &password) {
        return Err(answer::non_field_error(
            "Unable to log in with provided credentials.",
        ));
    }
    let token = state.log_in(call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}

/// Only a live token gets here.
pub(super) fn refresh_token(state: &mut State, call: &Call<'_>) -> Outcome {
    let current = state
        .authenticate(call.request.authorization(), call.now())?
        .to_owned();
    let token = state.refresh(current, call.now());
    Ok(Answer::ok(&json!({ "token": token })))
}
