//! How distributions look.

use amp_api::{Distribution, DistributionInstructions};

use crate::show::{Field, Shown, joined, or_dash, or_dash_of};

impl Shown for Distribution {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("distribution uuid", |one| one.distribution_uuid.clone()),
        Field::listed("status", |one| one.distribution_status.as_str().to_owned()),
        Field::number("amount", |one| units(one).to_string()),
        Field::listed("txids", |one| {
            let txids = one.transactions.iter().map(|tx| tx.txid.clone());
            joined(&txids.collect::<Vec<_>>())
        }),
    ];
}

fn units(distribution: &Distribution) -> i64 {
    let assignments = distribution
        .transactions
        .iter()
        .flat_map(|tx| &tx.assignments);
    assignments.fold(0, |sum, one| sum.saturating_add(one.amount))
}

impl Shown for DistributionInstructions {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("distribution uuid", |todo| todo.distribution_uuid.clone()),
        Field::alone("asset id", |todo| todo.asset_id.clone()),
        Field::alone("units", |todo| or_dash_of(todo.total_units())),
        Field::alone("coins by address", |todo| {
            let amounts = todo.map_address_amount.iter();
            let amounts = amounts.map(|(address, amount)| format!("{address} {amount}"));
            joined(&amounts.collect::<Vec<_>>())
        }),
        Field::alone("command", |todo| or_dash(todo.command.as_deref())),
    ];
}
