//! Who holds an asset, in which outputs, and its sums.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Call, GET, POST, Route, Token, assets, route};
use crate::answer::{self, Answer, Outcome};
use crate::book::{Book, Coin, Entry, Owner, TIP};
use crate::fields::Fields;
use crate::query::Query;
use crate::registered_users::RegisteredUsers;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/{}/ownerships/?", Token, ownerships),
    route(GET, "/assets/{}/ownerships/{}", Token, ownerships_at),
    route(GET, "/assets/{}/balance", Token, balance),
    route(GET, "/assets/{}/lost-outputs", Token, lost_outputs),
    route(GET, "/assets/{}/summary", Token, summary),
    route(GET, "/assets/{}/utxos", Token, utxos),
    route(POST, "/assets/{}/utxos/blacklist", Token, blacklist),
    route(POST, "/assets/{}/utxos/whitelist", Token, whitelist),
];

fn ownerships(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let mut query = Query::parse(call.request.query);
    let height = query.integer("height").unwrap_or(TIP);
    query.finish()?;
    Ok(Answer::ok(&owners(state, &asset.book, height)))
}

fn ownerships_at(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let height = call.segment(1).parse();
    let height = height.map_err(|_| answer::non_field_error("A valid height is required."))?;
    Ok(Answer::ok(&owners(state, &asset.book, height)))
}

fn owners(state: &State, book: &Book, height: i64) -> Vec<Value> {
    let users = &state.registered_users;
    let show = |(owner, amount): (&Owner, i64)| match owner {
        Owner::Wallet(gaid) => json!({
            "owner": user_with(users, gaid),
            "amount": amount,
            "GAID": gaid,
        }),
        _ => json!({ "owner": "ISSUER", "amount": amount, "GAID": null }),
    };
    book.holdings(height).into_iter().map(show).collect()
}

fn balance(state: &mut State, call: &Call<'_>) -> Outcome {
    let book = &assets::find(state, call)?.book;
    Ok(Answer::ok(&json!({
        "confirmed_balance": owners(state, book, TIP),
        "lost_outputs": lost(book, Coin::Asset),
        "reissuance_lost_outputs": lost(book, Coin::ReissuanceToken),
    })))
}

fn lost_outputs(state: &mut State, call: &Call<'_>) -> Outcome {
    let book = &assets::find(state, call)?.book;
    Ok(Answer::ok(&json!({
        "lost_outputs": lost(book, Coin::Asset),
        "reissuance_lost_outputs": lost(book, Coin::ReissuanceToken),
    })))
}

fn lost(book: &Book, coin: Coin) -> Vec<Value> {
    let show = |entry: Entry<'_>| json!({ "txid": entry.transaction.txid, "vout": entry.vout });
    book.lost_outputs(coin).map(show).collect()
}

fn summary(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let book = &asset.book;
    let holdings = book.holdings(TIP);
    let gaids = holdings.keys().filter_map(|owner| match owner {
        Owner::Wallet(gaid) => Some(gaid),
        _ => None,
    });
    let gaids: Vec<&String> = gaids.collect();
    let users = &state.registered_users;
    let active: BTreeSet<i64> = gaids
        .iter()
        .filter_map(|gaid| user_with(users, gaid))
        .collect();
    Ok(Answer::ok(&json!({
        "asset_id": asset.id(),
        "reissuance_token_id": asset.reissuance_token_id(),
        "issued": book.issued(),
        "reissued": book.reissued(),
        "assigned": state.assignments.assigned(asset.uuid()),
        "distributed": state.assignments.distributed(asset.uuid()),
        "burned": book.burned(),
        "blacklisted": book.blacklisted(),
        "registered_users": users.all().count(),
        "active_registered_users": active.len(),
        "active_green_subaccounts": gaids.len(),
        "reissuance_tokens": book.tokens(),
    })))
}

fn utxos(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let entries = asset.book.unspent(Coin::Asset, TIP);
    let held = entries.filter(|entry| entry.output.is_held());
    let users = &state.registered_users;
    let rows: Vec<Value> = held.map(|entry| utxo(asset.id(), &entry, users)).collect();
    Ok(Answer::ok(&rows))
}

fn utxo(asset_id: &str, entry: &Entry<'_>, users: &RegisteredUsers) -> Value {
    let gaid = match &entry.output.owner {
        Owner::Wallet(gaid) => Some(gaid),
        _ => None,
    };
    json!({
        "txid": entry.transaction.txid,
        "vout": entry.vout,
        "asset": asset_id,
        "amount": entry.output.amount,
        "registered_user": gaid.and_then(|gaid| user_with(users, gaid)),
        "gaid": gaid,
        "blacklisted": entry.output.is_blacklisted,
    })
}

fn blacklist(state: &mut State, call: &Call<'_>) -> Outcome {
    set_blacklisted(state, call, true)
}

fn whitelist(state: &mut State, call: &Call<'_>) -> Outcome {
    set_blacklisted(state, call, false)
}

/// All of the outputs or none.
fn set_blacklisted(state: &mut State, call: &Call<'_>, is_blacklisted: bool) -> Outcome {
    let asset = assets::find_mut(state, call)?;
    let outpoints = call.list()?.into_iter().map(outpoint);
    let outpoints: Vec<(String, i64)> = outpoints.collect::<Result<_, Answer>>()?;
    for (txid, vout) in &outpoints {
        if asset.book.output_mut(Coin::Asset, txid, *vout).is_none() {
            return Err(answer::non_field_error(
                "There is no such output of this asset.",
            ));
        }
    }
    for (txid, vout) in &outpoints {
        if let Some(output) = asset.book.output_mut(Coin::Asset, txid, *vout) {
            output.is_blacklisted = is_blacklisted;
        }
    }
    let asset = assets::find(state, call)?;
    let is_meant = |entry: &Entry<'_>| {
        outpoints.iter().any(|(txid, vout)| {
            *txid == entry.transaction.txid && usize::try_from(*vout) == Ok(entry.vout)
        })
    };
    let affected = asset.book.unspent(Coin::Asset, TIP).filter(is_meant);
    let users = &state.registered_users;
    let rows: Vec<Value> = affected
        .map(|entry| utxo(asset.id(), &entry, users))
        .collect();
    Ok(Answer::ok(&rows))
}

fn outpoint(value: Value) -> Result<(String, i64), Answer> {
    let mut fields = Fields::from_value(value)?;
    let outpoint = (
        fields.text("txid", 1..=usize::MAX),
        fields.integer("vout", 0..=i64::MAX),
    );
    fields.finish()?;
    Ok(outpoint)
}

/// The id of the registered user whose wallet it is.
fn user_with(users: &RegisteredUsers, gaid: &str) -> Option<i64> {
    users.owner_of(gaid).map(|user| user.id())
}
