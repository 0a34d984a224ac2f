//! The assets of the issuer.

use http::StatusCode;

use super::{Call, GET, IssuerToken, POST, PUT, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::issuance::Issuance;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/?", Token, list),
    route(POST, "/assets/issue", IssuerToken, issue),
    route(GET, "/assets/{}", Token, get),
    route(PUT, "/assets/{}/lock", Token, lock),
    route(PUT, "/assets/{}/unlock", Token, unlock),
];

fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let assets: Vec<&Asset> = state.visible_assets(call.caller).collect();
    Ok(Answer::ok(&assets))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = state
        .assets
        .find(call.segment(0))
        .ok_or_else(answer::not_found)?;
    Ok(Answer::ok(asset))
}

/// Every accepted request issues, also one that was sent before.
fn issue(state: &mut State, call: &Call<'_>) -> Outcome {
    let request = Issuance::read(call.fields()?)?;
    let issued = state.assets.issue(request, &mut state.rng);
    Ok(Answer::json(StatusCode::CREATED, &issued))
}

fn lock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, true)
}

fn unlock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, false)
}

fn set_locked(state: &mut State, call: &Call<'_>, locked: bool) -> Outcome {
    let asset = state
        .assets
        .set_locked(call.segment(0), locked)
        .ok_or_else(answer::not_found)?;
    Ok(Answer::ok(asset))
}
