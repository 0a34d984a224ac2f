//! Making more of an asset and less, and telling the service of it.

use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Call, POST, Route, Token, assets, route};
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::book::{Coin, Entry, Kind, MOST, Owner, TIP};
use crate::coins;
use crate::report::Report;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(POST, "/assets/{}/reissue-request", Token, request_reissue),
    route(POST, "/assets/{}/reissue-confirm", Token, confirm_reissue),
    route(POST, "/assets/{}/burn-request", Token, request_burn),
    route(POST, "/assets/{}/burn-confirm", Token, confirm_burn),
    route(POST, "/assets/{}/update-blinders", Token, update_blinders),
];

/// The first version of the script that follows such instructions.
pub(super) const SCRIPT_VERSION: i64 = 1;

/// What a node is to do; the amount is in coins.
#[derive(Serialize)]
struct Instructions<'a> {
    command: &'static str,
    min_supported_client_script_version: i64,
    base_url: String,
    asset_uuid: &'a str,
    asset_id: &'a str,
    amount: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reissuance_utxos: Option<Vec<Outpoint<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utxos: Option<Vec<Outpoint<'a>>>,
}

#[derive(Serialize)]
struct Outpoint<'a> {
    txid: &'a str,
    vout: usize,
}

fn request_reissue(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_unlocked(state, call)?;
    let mut fields = call.fields()?;
    let amount = fields.integer("amount_to_reissue", 1..=MOST);
    fields.finish()?;
    if asset.reissuance_token_id().is_none() {
        return Err(answer::non_field_error("The asset is not reissuable."));
    }
    if amount > MOST - asset.book.issued() - asset.book.reissued() {
        return Err(answer::field_error(
            "amount_to_reissue",
            "There can be no more than 21 million coins of an asset.",
        ));
    }
    Ok(Answer::ok(&Instructions {
        reissuance_utxos: Some(treasury_outputs(asset, Coin::ReissuanceToken)),
        ..Instructions::new("reissue", asset, amount, call)
    }))
}

fn request_burn(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_unlocked(state, call)?;
    let mut fields = call.fields()?;
    let amount = fields.integer("amount", 1..=MOST);
    fields.finish()?;
    if amount > state.unassigned(asset) {
        return Err(not_enough());
    }
    Ok(Answer::ok(&Instructions {
        utxos: Some(treasury_outputs(asset, Coin::Asset)),
        ..Instructions::new("burn", asset, amount, call)
    }))
}

impl<'a> Instructions<'a> {
    fn new(command: &'static str, asset: &'a Asset, amount: i64, call: &Call<'_>) -> Self {
        Self {
            command,
            min_supported_client_script_version: SCRIPT_VERSION,
            base_url: call.base_url_template(),
            asset_uuid: asset.uuid(),
            asset_id: asset.id(),
            amount: coins::write(amount),
            reissuance_utxos: None,
            utxos: None,
        }
    }
}

fn treasury_outputs<'a>(asset: &'a Asset, coin: Coin) -> Vec<Outpoint<'a>> {
    let is_ours = |entry: &Entry<'_>| {
        entry.output.owner == Owner::Treasury
            && entry.output.is_known
            && !entry.output.is_blacklisted
    };
    let ours = asset.book.unspent(coin, TIP).filter(is_ours);
    let outpoint = |entry: Entry<'a>| Outpoint {
        txid: &entry.transaction.txid,
        vout: entry.vout,
    };
    ours.map(outpoint).collect()
}

pub(super) fn not_enough() -> Answer {
    answer::non_field_error("There is not enough in the treasury balance.")
}

/// The same report again has the same answer, and no effect.
fn confirm_reissue(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let report = Report::of_reissuance(call.fields()?)?;
    let transaction = report.transaction(&asset.book, Kind::Reissuance, &state.chain)?;
    let answer = json!({
        "txid": transaction.txid,
        "vin": 0,
        "reissuance_amount": transaction.amount(),
    });
    report.note(&mut assets::find_mut(state, call)?.book);
    Ok(Answer::ok(&answer))
}

/// The same report again has no effect.
fn confirm_burn(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let report = Report::of_payment(call.fields()?, Kind::Burn)?;
    report.transaction(&asset.book, Kind::Burn, &state.chain)?;
    report.note(&mut assets::find_mut(state, call)?.book);
    Ok(Answer::empty(StatusCode::OK))
}

/// With its blinders, an output of the treasury is not lost any more.
fn update_blinders(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_mut(state, call)?;
    let mut fields = call.fields()?;
    let txid = fields.text("txid", 1..=usize::MAX);
    let vout = fields.integer("vout", 0..=i64::MAX);
    let asset_blinder = fields.text("asset_blinder", 64..=64);
    let amount_blinder = fields.text("amount_blinder", 64..=64);
    for (name, blinder) in [
        ("asset_blinder", &asset_blinder),
        ("amount_blinder", &amount_blinder),
    ] {
        let is_hex = blinder.bytes().all(|byte| byte.is_ascii_hexdigit());
        fields.check(
            name,
            is_hex,
            "This value does not match the required pattern.",
        );
    }
    fields.finish()?;
    let output = asset.book.output_mut(Coin::Asset, &txid, vout);
    let output =
        output.ok_or_else(|| answer::non_field_error("There is no such output of this asset."))?;
    let are_right = output.asset_blinder.eq_ignore_ascii_case(&asset_blinder)
        && output.amount_blinder.eq_ignore_ascii_case(&amount_blinder);
    if !are_right {
        return Err(answer::non_field_error(
            "The blinders do not open the output.",
        ));
    }
    output.is_known = true;
    Ok(Answer::empty(StatusCode::OK))
}
