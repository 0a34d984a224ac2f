//! How assets look.

use amp_api::{Asset, IssuedAsset};

use crate::show::{Field, Shown, or_dash, yes_or_no};

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
