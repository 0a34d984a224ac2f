//! Paying out assignments.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Call, DELETE, GET, POST, Route, Token, assets, route, supply};
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::assignments::Delivery;
use crate::book::Kind;
use crate::coins;
use crate::distributions::{Distribution, Share};
use crate::gaid;
use crate::hex;
use crate::report::Report;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/{}/distributions/?", Token, list),
    route(GET, "/assets/{}/distributions/create/", Token, create),
    route(GET, "/assets/{}/distributions/{}", Token, get),
    route(POST, "/assets/{}/distributions/{}/confirm", Token, confirm),
    route(DELETE, "/assets/{}/distributions/{}/cancel", Token, cancel),
];

/// What a node is to send; amounts are in coins.
#[derive(Serialize)]
struct Instructions<'a> {
    command: &'static str,
    min_supported_client_script_version: i64,
    base_url: String,
    asset_uuid: &'a str,
    asset_id: &'a str,
    distribution_uuid: &'a str,
    map_address_amount: BTreeMap<&'a str, Box<RawValue>>,
    map_address_asset: BTreeMap<&'a str, &'a str>,
}

/// One that is not confirmed is not listed, as at the service.
fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let all = state.distributions.of_asset(asset.uuid());
    let rows: Vec<Value> = all
        .filter(|distribution| distribution.is_confirmed())
        .map(|distribution| distribution.show(&asset.book))
        .collect();
    Ok(Answer::ok(&rows))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    Ok(Answer::ok(&find(state, call)?.show(&asset.book)))
}

/// A GET that changes state: it takes every assignment that is due.
fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_unlocked(state, call)?;
    let asset_uuid = asset.uuid().to_owned();
    let due = due(state, &asset_uuid, state.unix_time(call.now()));
    if due.is_empty() {
        return Err(answer::non_field_error(
            "No assignment is ready for distribution.",
        ));
    }
    let uuid = hex::uuid(&mut state.rng);
    let shares = due
        .into_iter()
        .map(|(share, gaid)| deliver(state, &uuid, share, gaid))
        .collect();
    let distribution = Distribution {
        uuid,
        asset_uuid,
        shares,
        txid: None,
    };
    let answer = Answer::ok(&instructions(
        &distribution,
        assets::find(state, call)?,
        call,
    ));
    state.distributions.add(distribution);
    Ok(answer)
}

/// The assignments whose time has come, with the wallets that they go to. The addresses are still to be drawn.
fn due(state: &State, asset_uuid: &str, now: i64) -> Vec<(Share, String)> {
    let all = state.assignments.of_asset(asset_uuid);
    let due = all.filter(|assignment| assignment.is_due(now));
    let share = due.filter_map(|assignment| {
        let user = state.registered_users.find(assignment.registered_user())?;
        let share = Share {
            assignment: assignment.id(),
            registered_user: user.id(),
            amount: assignment.amount(),
            address: String::new(),
        };
        Some((share, user.default_gaid()?.to_owned()))
    });
    share.collect()
}

fn deliver(state: &mut State, distribution_uuid: &str, share: Share, gaid: String) -> Share {
    let address = gaid::new_address(&mut state.rng);
    state.chain.add_address(&address, &gaid);
    if let Some(assignment) = state.assignments.find_mut(share.assignment) {
        assignment.deliver(Delivery {
            distribution_uuid: distribution_uuid.to_owned(),
            address: address.clone(),
            gaid,
        });
    }
    Share { address, ..share }
}

fn instructions<'a>(
    distribution: &'a Distribution,
    asset: &'a Asset,
    call: &Call<'_>,
) -> Instructions<'a> {
    let shares = || distribution.shares.iter();
    Instructions {
        command: "distribute",
        min_supported_client_script_version: supply::SCRIPT_VERSION,
        base_url: call.base_url_template(),
        asset_uuid: asset.uuid(),
        asset_id: asset.id(),
        distribution_uuid: &distribution.uuid,
        map_address_amount: shares()
            .map(|share| (share.address.as_str(), coins::write(share.amount)))
            .collect(),
        map_address_asset: shares()
            .map(|share| (share.address.as_str(), asset.id()))
            .collect(),
    }
}

/// The same report again has the same answer, and no effect.
fn confirm(state: &mut State, call: &Call<'_>) -> Outcome {
    let distribution = find(state, call)?.clone();
    let report = Report::of_payment(call.fields()?, Kind::Payment)?;
    let asset = assets::find(state, call)?;
    let transaction = report.transaction(&asset.book, Kind::Payment, &state.chain)?;
    match distribution.txid.as_deref() {
        Some(txid) if txid == report.txid() => {}
        Some(_) => {
            return Err(answer::non_field_error(
                "The distribution is already confirmed with another transaction.",
            ));
        }
        None if transaction.is_reported => {
            return Err(answer::non_field_error(
                "The transaction belongs to another distribution.",
            ));
        }
        None if !distribution.is_paid_by(transaction) => {
            return Err(answer::non_field_error(
                "The transaction does not pay the distribution.",
            ));
        }
        None => {}
    }
    report.note(&mut assets::find_mut(state, call)?.book);
    state
        .distributions
        .confirm(&distribution.uuid, report.txid());
    for share in &distribution.shares {
        if let Some(assignment) = state.assignments.find_mut(share.assignment) {
            assignment.complete();
        }
    }
    get(state, call)
}

fn cancel(state: &mut State, call: &Call<'_>) -> Outcome {
    let distribution = find(state, call)?.clone();
    if distribution.is_confirmed() {
        return Err(answer::non_field_error(
            "The distribution is already confirmed.",
        ));
    }
    for share in &distribution.shares {
        if let Some(assignment) = state.assignments.find_mut(share.assignment) {
            assignment.release();
        }
    }
    state.distributions.remove(&distribution.uuid);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Distribution, Answer> {
    let asset = assets::find(state, call)?;
    let distribution = state.distributions.find(asset.uuid(), call.segment(1));
    distribution.ok_or_else(answer::not_found)
}
