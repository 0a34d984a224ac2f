//! How the books of an asset look: who owns it, what happened, and what is missing.

use amp_api::{
    Activity, AssetBalance, AssetSummary, AssetTransaction, LostOutputs, Outpoint, Ownership,
    Reissuance, Utxo,
};

use crate::error::Failure;
use crate::output::Output;
use crate::show::{Column, Field, Shown, joined, moment, or_dash, or_dash_of, yes_or_no};

impl Shown for AssetSummary {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("asset id", |asset| asset.asset_id.clone()),
        Field::alone("issued", |asset| asset.issued.to_string()),
        Field::alone("reissued", |asset| asset.reissued.to_string()),
        Field::alone("assigned", |asset| asset.assigned.to_string()),
        Field::alone("distributed", |asset| asset.distributed.to_string()),
        Field::alone("burned", |asset| asset.burned.to_string()),
        Field::alone("blacklisted", |asset| asset.blacklisted.to_string()),
        Field::alone("circulating", |asset| or_dash_of(asset.circulating())),
        Field::alone("registered users", |asset| {
            or_dash_of(asset.registered_users)
        }),
        Field::alone("active users", |asset| {
            or_dash_of(asset.active_registered_users)
        }),
        Field::alone("active accounts", |asset| {
            or_dash_of(asset.active_green_subaccounts)
        }),
        Field::alone("reissuance tokens", |asset| {
            or_dash_of(asset.reissuance_tokens)
        }),
    ];
}

impl Shown for Ownership {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("owner", |part| or_dash_of(part.owner.as_ref())),
        Field::number("amount", |part| part.amount.to_string()),
        Field::listed("gaid", |part| or_dash(part.gaid.as_deref())),
    ];
}

impl Shown for Activity {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("datetime", |activity| moment(&activity.datetime)),
        Field::listed("type", |activity| activity.kind.as_str().to_owned()),
        Field::number("amount", |activity| activity.amount.to_string()),
        Field::number("user", |activity| or_dash_of(activity.registered_user)),
        Field::number("height", |activity| or_dash_of(activity.blockheight)),
        Field::listed("txid", |activity| activity.txid.clone()),
        Field::prose("description", |activity| {
            or_dash(activity.description.as_deref())
        }),
    ];
}

impl Shown for AssetTransaction {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("datetime", |tx| {
            tx.datetime.as_deref().map_or_else(|| or_dash(None), moment)
        }),
        Field::number("height", |tx| tx.blockheight.to_string()),
        Field::listed("type", kind),
        Field::listed("txid", |tx| tx.txid.clone()),
        Field::alone("inputs", |tx| {
            let inputs = tx.inputs.iter();
            let inputs = inputs
                .map(|input| format!("{}:{} {}", input.prev_txid, input.prev_vout, input.amount));
            joined(&inputs.collect::<Vec<_>>())
        }),
        Field::alone("outputs", |tx| {
            let outputs = tx.outputs.iter();
            let outputs = outputs.map(|output| format!("{} {}", output.vout, output.amount));
            joined(&outputs.collect::<Vec<_>>())
        }),
    ];
}

fn kind(tx: &AssetTransaction) -> String {
    let word = match (tx.is_issuance, tx.is_reissuance, tx.is_distribution) {
        (true, ..) => "issuance",
        (_, true, _) => "reissuance",
        (_, _, true) => "distribution",
        _ => "transfer",
    };
    word.to_owned()
}

impl Shown for Reissuance {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("created", |reissuance| moment(&reissuance.created)),
        Field::number("amount", |reissuance| {
            reissuance.reissuance_amount.to_string()
        }),
        Field::listed("txid", |reissuance| reissuance.txid.clone()),
        Field::number("vout", |reissuance| reissuance.vout.to_string()),
        Field::listed("confirmed", |reissuance| {
            yes_or_no(reissuance.confirmed_in_block.is_some())
        }),
    ];
}

impl Shown for Utxo {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("output", |output| {
            format!("{}:{}", output.txid, output.vout)
        }),
        Field::number("amount", |output| output.amount.to_string()),
        Field::number("user", |output| or_dash_of(output.registered_user)),
        Field::listed("gaid", |output| or_dash(output.gaid.as_deref())),
        Field::listed("blacklisted", |output| yes_or_no(output.blacklisted)),
    ];
}

/// The owners; what is lost is said beside them, because nothing can be moved before it is found.
pub(super) fn balance(balance: &AssetBalance, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.value(balance);
    }
    output.list(&balance.confirmed_balance)?;
    if !balance.is_complete() {
        let lost = balance.lost_outputs.len() + balance.reissuance_lost_outputs.len();
        output.message(format_args!(
            "warning: the service lost track of {lost} outputs; see `amp assets lost-outputs`"
        ));
    }
    Ok(())
}

/// Lost outputs of the asset, and of its reissuance token.
pub(super) fn lost(lost: &LostOutputs, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.value(lost);
    }
    let row =
        |of: &str, lost: &Outpoint| vec![of.to_owned(), format!("{}:{}", lost.txid, lost.vout)];
    let of_asset = lost.lost_outputs.iter().map(|lost| row("asset", lost));
    let of_token = lost
        .reissuance_lost_outputs
        .iter()
        .map(|lost| row("reissuance token", lost));
    let rows: Vec<_> = of_asset.chain(of_token).collect();
    output.table(&Column::whole(&["OF", "OUTPUT"]), &rows)
}
