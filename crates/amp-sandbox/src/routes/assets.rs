//! The assets of the issuer.

use http::StatusCode;
use serde_json::json;

use super::{Call, DELETE, GET, IssuerToken, POST, PUT, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::assets::{AlreadyDone, Asset};
use crate::chain::CONFIRMATIONS;
use crate::issuance::Issuance;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/?", Token, list),
    route(POST, "/assets/issue", IssuerToken, issue),
    route(GET, "/assets/{}", Token, get),
    route(PUT, "/assets/{}/edit", Token, edit),
    route(DELETE, "/assets/{}/delete", IssuerToken, delete),
    route(GET, "/assets/{}/register", Token, register),
    route(GET, "/assets/{}/register-authorized", Token, authorize),
    route(PUT, "/assets/{}/lock", Token, lock),
    route(PUT, "/assets/{}/unlock", Token, unlock),
    route(GET, "/assets/{}/memo", Token, memo),
    route(POST, "/assets/{}/memo/set", Token, set_memo),
];

/// The asset that the path names.
pub(super) fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Asset, Answer> {
    let asset = state.assets.find(call.segment(0));
    asset.ok_or_else(answer::not_found)
}

/// The asset that the path names, to be changed.
pub(super) fn find_mut<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Asset, Answer> {
    let asset = state.assets.find_mut(call.segment(0));
    asset.ok_or_else(answer::not_found)
}

/// The asset that the path names, unless its money is not to be moved.
pub(super) fn find_unlocked<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Asset, Answer> {
    let asset = find(state, call)?;
    match asset.is_locked() {
        true => Err(answer::non_field_error("The asset is locked.")),
        false => Ok(asset),
    }
}

fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let assets: Vec<&Asset> = state.visible_assets(call.caller).collect();
    Ok(Answer::ok(&assets))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(find(state, call)?))
}

/// Every accepted request issues, also one that was sent before.
fn issue(state: &mut State, call: &Call<'_>) -> Outcome {
    let request = Issuance::read(call.fields()?)?;
    let issued = state.assets.issue(request, &mut state.rng);
    state.mine(CONFIRMATIONS);
    Ok(Answer::json(StatusCode::CREATED, &issued))
}

fn edit(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = find_mut(state, call)?;
    let mut fields = call.fields()?;
    let endpoint = fields.text("issuer_authorization_endpoint", 0..=255);
    fields.finish()?;
    asset.set_authorization_endpoint(endpoint);
    Ok(Answer::ok(asset))
}

fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let uuid = find(state, call)?.uuid().to_owned();
    state.assets.remove(&uuid);
    state.assignments.remove_asset(&uuid);
    state.distributions.remove_asset(&uuid);
    state.managers.forget_asset(&uuid);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn register(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = find_mut(state, call)?;
    let registered = asset.register();
    registered.map_err(|AlreadyDone| refusal("Asset is already registered"))?;
    Ok(Answer::ok(asset))
}

fn authorize(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = find_mut(state, call)?;
    let authorized = asset.authorize();
    authorized.map_err(|AlreadyDone| refusal("Asset is already authorized"))?;
    Ok(Answer::ok(asset))
}

/// These two answer in a form of their own.
fn refusal(text: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "Error": text }))
}

fn lock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, true)
}

fn unlock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, false)
}

fn set_locked(state: &mut State, call: &Call<'_>, is_locked: bool) -> Outcome {
    let asset = find_mut(state, call)?;
    asset.set_locked(is_locked);
    Ok(Answer::ok(asset))
}

fn memo(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&find(state, call)?.memo))
}

fn set_memo(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = find_mut(state, call)?;
    asset.memo = call.text()?;
    Ok(Answer::empty(StatusCode::OK))
}
