//! How GAIDs look.

use amp_api::{GaidAddress, GaidBalanceEntry, GaidValidation};

use crate::show::{Field, Shown, or_dash, yes_or_no};

impl Shown for GaidValidation {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("valid", |found| yes_or_no(found.is_valid)),
        Field::alone("error", |found| or_dash(found.error.as_deref())),
    ];
}

impl Shown for GaidAddress {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("address", |found| or_dash(Some(&found.address))),
        Field::alone("error", |found| or_dash(found.error.as_deref())),
    ];
}

impl Shown for GaidBalanceEntry {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("asset uuid", |entry| entry.asset_uuid.clone()),
        Field::number("balance", |entry| entry.balance.to_string()),
        Field::alone("asset id", |entry| or_dash(Some(&entry.asset_id))),
    ];
}
