//! How assets look, and what a node has to do for them.

use amp_api::{
    Asset, BurnInstructions, ConfirmedReissue, IssuedAsset, Outpoint, ReissueInstructions,
};

use crate::show::{Field, Shown, joined, or_dash, yes_or_no};

impl Shown for Asset {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("asset uuid", |asset| asset.asset_uuid.clone()),
        Field::listed("ticker", |asset| or_dash(asset.ticker.as_deref())),
        Field::prose("name", |asset| asset.name.clone()),
        Field::listed("locked", |asset| yes_or_no(asset.is_locked)),
        Field::alone("asset id", |asset| asset.asset_id.clone()),
        Field::alone("precision", |asset| asset.precision.to_string()),
        Field::alone("domain", |asset| or_dash(asset.domain.as_deref())),
        Field::alone("registered", |asset| yes_or_no(asset.is_registered)),
        Field::alone("authorized", |asset| yes_or_no(asset.is_authorized)),
        Field::alone("transfer restricted", |asset| {
            yes_or_no(asset.transfer_restricted)
        }),
        Field::alone("requirements", |asset| joined(&asset.requirements)),
    ];
}

impl Shown for IssuedAsset {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("name", |asset| asset.name.clone()),
        Field::alone("ticker", |asset| or_dash(asset.ticker.as_deref())),
        Field::alone("amount", |asset| asset.amount.to_string()),
        Field::alone("asset uuid", |asset| asset.asset_uuid.clone()),
        Field::alone("asset id", |asset| asset.asset_id.clone()),
        Field::alone("txid", |asset| asset.txid.clone()),
    ];
}

impl Shown for ReissueInstructions {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("command", |todo| todo.command.clone()),
        Field::alone("asset uuid", |todo| todo.asset_uuid.clone()),
        Field::alone("asset id", |todo| todo.asset_id.clone()),
        Field::alone("amount in coins", |todo| todo.amount.to_string()),
        Field::alone("reissuance outputs", |todo| outputs(&todo.reissuance_utxos)),
    ];
}

impl Shown for ConfirmedReissue {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("txid", |reissue| reissue.txid.clone()),
        Field::alone("vin", |reissue| reissue.vin.to_string()),
        Field::alone("amount", |reissue| reissue.reissuance_amount.to_string()),
    ];
}

impl Shown for BurnInstructions {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("command", |todo| todo.command.clone()),
        Field::alone("asset uuid", |todo| todo.asset_uuid.clone()),
        Field::alone("asset id", |todo| todo.asset_id.clone()),
        Field::alone("amount in coins", |todo| todo.amount.to_string()),
        Field::alone("outputs", |todo| outputs(&todo.utxos)),
    ];
}

fn outputs(outputs: &[Outpoint]) -> String {
    let texts = outputs
        .iter()
        .map(|output| format!("{}:{}", output.txid, output.vout));
    joined(&texts.collect::<Vec<_>>())
}
