//! What happened to an asset on the chain.

use serde_json::{Value, json};

use super::{Call, GET, Route, Token, assets, route};
use crate::answer::{self, Answer, Outcome};
use crate::book::{Book, Coin, Kind, Output, Owner, Transaction};
use crate::chain;
use crate::page::Page;
use crate::registered_users::RegisteredUsers;
use crate::state::State;
use crate::timestamp;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/{}/activities", Token, activities),
    route(GET, "/assets/{}/txs", Token, transactions),
    route(GET, "/assets/{}/txs/{}", Token, transaction),
    route(GET, "/assets/{}/reissuances", Token, reissuances),
];

/// By number or name; the first one keeps the order of the chain.
const ACTIVITY_COLUMNS: &[&str] = &[
    "datetime",
    "type",
    "description",
    "txid",
    "vout",
    "blockheight",
    "registered user",
    "amount",
];

const TRANSACTION_COLUMNS: &[&str] = &["datetime", "txid", "blockheight"];

/// What the service writes for a blinder that it does not know (amp-api.yaml, AssetTransactionOutput).
const UNKNOWN_BLINDER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn activities(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let page = Page::read(call.request.query, ACTIVITY_COLUMNS)?;
    let users = &state.registered_users;
    let mined = mined(&asset.book);
    let rows = mined.flat_map(|(transaction, height)| rows_of(transaction, height, users));
    Ok(Answer::ok(&page.of(rows.collect())))
}

/// One row for each output, but for what the issuer or a holder gets back.
fn rows_of(transaction: &Transaction, height: i64, users: &RegisteredUsers) -> Vec<Value> {
    let (kind, description) = telling(transaction);
    let outputs = transaction.outputs_of(Coin::Asset);
    let told = outputs.filter(|(vout, output)| match transaction.kind {
        Kind::Issuance | Kind::Reissuance => true,
        Kind::Burn => output.owner == Owner::Nobody,
        Kind::Payment => output.owner != Owner::Treasury,
        Kind::Transfer => *vout == 0,
    });
    let row = |(vout, output): (usize, &Output)| {
        json!({
            "type": kind,
            "datetime": timestamp::iso(chain::block_time(height)),
            "description": description,
            "txid": transaction.txid,
            "vout": vout,
            "blockheight": height,
            "asset_blinder": blinder(output, &output.asset_blinder),
            "amount_blinder": blinder(output, &output.amount_blinder),
            "registered user": user_of(output, users),
            "amount": output.amount,
        })
    };
    told.map(row).collect()
}

fn telling(transaction: &Transaction) -> (&'static str, &'static str) {
    match transaction.kind {
        Kind::Issuance => ("issuance", "Issued"),
        Kind::Reissuance => ("reissuance", "Reissued"),
        Kind::Burn => ("burn", "Burned"),
        Kind::Payment if transaction.is_reported => ("distribution", "Distributed"),
        Kind::Payment => ("transaction", "Sent by the issuer"),
        Kind::Transfer => ("transaction", "Sent by a holder"),
    }
}

fn transactions(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let page = Page::read(call.request.query, TRANSACTION_COLUMNS)?;
    let rows = mined(&asset.book)
        .map(|(transaction, height)| show(asset.id(), &asset.book, transaction, height, state));
    Ok(Answer::ok(&page.of(rows.collect())))
}

fn transaction(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let found = mined(&asset.book).find(|(transaction, _)| transaction.txid == call.segment(1));
    let (transaction, height) = found.ok_or_else(answer::not_found)?;
    let row = show(asset.id(), &asset.book, transaction, height, state);
    Ok(Answer::ok(&row))
}

/// The transactions that are in a block.
fn mined(book: &Book) -> impl Iterator<Item = (&Transaction, i64)> {
    let all = book.transactions().iter();
    all.filter_map(|transaction| Some((transaction, transaction.height?)))
}

fn show(
    asset_id: &str,
    book: &Book,
    transaction: &Transaction,
    height: i64,
    state: &State,
) -> Value {
    let users = &state.registered_users;
    let places = transaction.inputs.iter().enumerate();
    let spent = places.filter(|(_, place)| book.output(**place).coin == Coin::Asset);
    let inputs = spent.map(|(vin, place)| {
        let mut input = show_output(asset_id, book.output(*place), users);
        input["vin"] = json!(vin);
        input["prev_txid"] = json!(book.at(*place).txid);
        input["prev_vout"] = json!(place.vout);
        input
    });
    let inputs: Vec<Value> = inputs.collect();
    let outputs = transaction.outputs_of(Coin::Asset).map(|(vout, output)| {
        let mut shown = show_output(asset_id, output, users);
        shown["vout"] = json!(vout);
        shown["is_spent"] = json!(output.spent_by.is_some());
        shown["is_burnt"] = json!(output.owner == Owner::Nobody);
        shown
    });
    let outputs: Vec<Value> = outputs.collect();
    json!({
        "txid": transaction.txid,
        "datetime": timestamp::iso(chain::block_time(height)),
        "blockheight": height,
        "is_issuance": transaction.kind == Kind::Issuance,
        "is_reissuance": transaction.kind == Kind::Reissuance,
        "is_distribution": transaction.is_distribution(),
        "inputs": inputs,
        "outputs": outputs,
        "unblinded_url": format!("https://explorer.example/tx/{}#blinded=", transaction.txid),
    })
}

fn show_output(asset_id: &str, output: &Output, users: &RegisteredUsers) -> Value {
    let gaid = match &output.owner {
        Owner::Wallet(gaid) => Some(gaid),
        _ => None,
    };
    json!({
        "asset_id": asset_id,
        "amount": output.amount,
        "asset_blinder": blinder(output, &output.asset_blinder),
        "amount_blinder": blinder(output, &output.amount_blinder),
        "registered_user": user_of(output, users),
        "GAID": gaid,
        "is_treasury": output.owner == Owner::Treasury,
    })
}

fn blinder<'a>(output: &Output, blinder: &'a str) -> &'a str {
    match output.is_known {
        true => blinder,
        false => UNKNOWN_BLINDER,
    }
}

fn user_of(output: &Output, users: &RegisteredUsers) -> Option<i64> {
    match &output.owner {
        Owner::Wallet(gaid) => users.owner_of(gaid).map(|user| user.id()),
        _ => None,
    }
}

/// Those that the issuer has reported.
fn reissuances(state: &mut State, call: &Call<'_>) -> Outcome {
    let book = &assets::find(state, call)?.book;
    let reported = book.transactions().iter();
    let reported = reported
        .filter(|transaction| transaction.kind == Kind::Reissuance && transaction.is_reported);
    let row = |transaction: &Transaction| {
        let (vout, output) = transaction.outputs_of(Coin::Asset).next()?;
        let made_at = transaction.height.unwrap_or_default();
        Some(json!({
            "txid": transaction.txid,
            "vout": vout,
            "destination_address": output.address,
            "reissuance_amount": output.amount,
            "confirmed_in_block": transaction.height.map(chain::block_hash),
            "created": timestamp::iso(chain::block_time(made_at)),
        }))
    };
    let rows: Vec<Value> = reported.filter_map(row).collect();
    Ok(Answer::ok(&rows))
}
