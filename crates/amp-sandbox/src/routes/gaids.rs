//! What is known of a wallet by its GAID.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Call, GET, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::book::Owner;
use crate::gaid;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/gaids/{}/validate", Token, validate),
    route(GET, "/gaids/{}/address", Token, address),
    route(GET, "/gaids/{}/registered_user", Token, registered_user),
    route(GET, "/gaids/{}/balance", Token, balance),
    route(GET, "/gaids/{}/balance/{}", Token, asset_balance),
];

/// One that is wrong is no error.
fn validate(_: &mut State, call: &Call<'_>) -> Outcome {
    let validation = match gaid::is_well_formed(call.segment(0)) {
        true => json!({ "is_valid": true }),
        false => json!({ "is_valid": false, "error": "Invalid GAID." }),
    };
    Ok(Answer::ok(&validation))
}

/// A new address each time; what is sent there belongs to the wallet.
fn address(state: &mut State, call: &Call<'_>) -> Outcome {
    if !gaid::is_well_formed(call.segment(0)) {
        return Err(answer::detail(StatusCode::BAD_REQUEST, "Invalid GAID."));
    }
    let address = gaid::new_address(&mut state.rng);
    state.chain.add_address(&address, call.segment(0));
    Ok(Answer::ok(&json!({ "address": address, "error": null })))
}

fn registered_user(state: &mut State, call: &Call<'_>) -> Outcome {
    let owner = state.registered_users.owner_of(call.segment(0));
    Ok(Answer::ok(owner.ok_or_else(answer::not_found)?))
}

/// Every asset, also those that the wallet has nothing of.
fn balance(state: &mut State, call: &Call<'_>) -> Outcome {
    let wallet = wallet(call)?;
    let assets = state.visible_assets(call.caller);
    let rows: Vec<Value> = assets.map(|asset| entry(asset, &wallet)).collect();
    Ok(Answer::ok(&rows))
}

fn asset_balance(state: &mut State, call: &Call<'_>) -> Outcome {
    let wallet = wallet(call)?;
    let asset = state.visible_asset(call.caller, call.segment(1))?;
    Ok(Answer::ok(&entry(asset, &wallet)))
}

fn entry(asset: &Asset, wallet: &Owner) -> Value {
    json!({
        "asset_uuid": asset.uuid(),
        "asset_id": asset.id(),
        "balance": asset.book.held_by(wallet),
    })
}

/// The wallet that the path names.
fn wallet(call: &Call<'_>) -> Result<Owner, Answer> {
    let gaid = call.segment(0);
    match gaid::is_well_formed(gaid) {
        true => Ok(Owner::Wallet(gaid.to_owned())),
        false => Err(answer::not_found()),
    }
}
