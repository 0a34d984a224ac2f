//! The managers, as the issuer sees them, and the one who asks.

use http::StatusCode;

use super::{Call, GET, IssuerToken, POST, PUT, Route, Token, route, user};
use crate::answer::{self, Answer, Outcome};
use crate::caller::Caller;
use crate::managers::Manager;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/managers/?", IssuerToken, list),
    route(POST, "/managers/create", IssuerToken, create),
    route(GET, "/managers/me", Token, me),
    route(GET, "/managers/{}", IssuerToken, get),
    route(PUT, "/managers/{}/lock", IssuerToken, lock),
    route(PUT, "/managers/{}/unlock", IssuerToken, unlock),
    route(PUT, "/managers/{}/assets/{}/add", IssuerToken, add_asset),
    route(
        PUT,
        "/managers/{}/assets/{}/remove",
        IssuerToken,
        remove_asset,
    ),
    route(
        POST,
        "/managers/{}/assets/{}/remove",
        IssuerToken,
        remove_asset_silently,
    ),
    route(
        POST,
        "/managers/{}/change-password",
        IssuerToken,
        change_password,
    ),
];

fn list(state: &mut State, _: &Call<'_>) -> Outcome {
    let managers: Vec<&Manager> = state.managers.all().collect();
    Ok(Answer::ok(&managers))
}

fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let username = fields.text("username", 1..=150);
    let password = fields.text("password", 1..=usize::MAX);
    fields.check(
        "username",
        !state.is_taken(&username),
        "A user with that username already exists.",
    );
    fields.finish()?;
    let manager = state.managers.add(username, password);
    Ok(Answer::json(StatusCode::CREATED, manager))
}

/// The issuer is no manager.
fn me(state: &mut State, call: &Call<'_>) -> Outcome {
    match call.caller {
        Caller::Manager(id) => Ok(Answer::ok(find(state, id)?)),
        Caller::Issuer | Caller::Anonymous => Err(answer::not_found()),
    }
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(find(state, call.id(0)?)?))
}

fn lock(state: &mut State, call: &Call<'_>) -> Outcome {
    change(state, call, |manager| manager.set_locked(true))
}

fn unlock(state: &mut State, call: &Call<'_>) -> Outcome {
    change(state, call, |manager| manager.set_locked(false))
}

fn add_asset(state: &mut State, call: &Call<'_>) -> Outcome {
    check_asset(state, call)?;
    change(state, call, |manager| manager.give(call.segment(1)))
}

fn remove_asset(state: &mut State, call: &Call<'_>) -> Outcome {
    check_asset(state, call)?;
    change(state, call, |manager| manager.take(call.segment(1)))
}

/// The verb that amp-rs uses; it answers nothing.
fn remove_asset_silently(state: &mut State, call: &Call<'_>) -> Outcome {
    remove_asset(state, call)?;
    Ok(Answer::empty(StatusCode::OK))
}

/// The answer is for the manager: the token in it is not the caller's.
fn change_password(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id();
    user::change_password_of(state, Caller::Manager(id), call)
}

fn change(state: &mut State, call: &Call<'_>, change: impl FnOnce(&mut Manager)) -> Outcome {
    let manager = state.managers.find_mut(call.id(0)?);
    let manager = manager.ok_or_else(answer::not_found)?;
    change(manager);
    Ok(Answer::ok(manager))
}

fn check_asset(state: &State, call: &Call<'_>) -> Result<(), Answer> {
    let asset = state.assets.find(call.segment(1));
    asset.map(drop).ok_or_else(answer::not_found)
}

fn find(state: &State, id: i64) -> Result<&Manager, Answer> {
    state.managers.find(id).ok_or_else(answer::not_found)
}
