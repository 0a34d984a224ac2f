//! The sums of each asset, for whoever checks that nothing happened twice.

use serde::Serialize;

use crate::assets::Asset;
use crate::book::{Owner, TIP};
use crate::state::State;

/// What became of the units of one asset. The books balance: `issued + reissued - burned` is `treasury + held + lost`.
///
/// It tells what the simulated chain holds, also what the service was not told of yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    asset_uuid: String,
    asset_id: String,
    issued: i64,
    reissued: i64,
    burned: i64,
    treasury: i64,
    held: i64,
    lost: i64,
    blacklisted: i64,
    assigned: i64,
    distributed: i64,
    transactions: usize,
}

impl LedgerRow {
    /// The service's own id of the asset.
    pub fn asset_uuid(&self) -> &str {
        &self.asset_uuid
    }

    /// Its id on the chain.
    pub fn asset_id(&self) -> &str {
        &self.asset_id
    }

    /// What was issued at first; this and all sums are in the smallest unit.
    pub fn issued(&self) -> i64 {
        self.issued
    }

    /// What was issued later.
    pub fn reissued(&self) -> i64 {
        self.reissued
    }

    /// What was burned.
    pub fn burned(&self) -> i64 {
        self.burned
    }

    /// What the issuer holds as far as the service knows, blacklisted or not.
    pub fn treasury(&self) -> i64 {
        self.treasury
    }

    /// What Green wallets hold.
    pub fn held(&self) -> i64 {
        self.held
    }

    /// What the service has lost track of: change that nobody reported, and what strangers hold.
    pub fn lost(&self) -> i64 {
        self.lost
    }

    /// What is in outputs that are blacklisted, whoever holds them.
    pub fn blacklisted(&self) -> i64 {
        self.blacklisted
    }

    /// The sum of the assignments, distributed or not.
    pub fn assigned(&self) -> i64 {
        self.assigned
    }

    /// The sum of the assignments whose distribution is confirmed.
    pub fn distributed(&self) -> i64 {
        self.distributed
    }

    /// How many transactions there are, also in no block.
    pub fn transactions(&self) -> usize {
        self.transactions
    }
}

pub(crate) fn rows(state: &State) -> Vec<LedgerRow> {
    let row = |asset: &Asset| row(asset, state);
    state.assets.all().iter().map(row).collect()
}

fn row(asset: &Asset, state: &State) -> LedgerRow {
    let (book, uuid) = (&asset.book, asset.uuid());
    let holdings = book.holdings(TIP);
    let treasury = holdings.get(&Owner::Treasury).copied().unwrap_or_default();
    LedgerRow {
        asset_uuid: uuid.to_owned(),
        asset_id: asset.id().to_owned(),
        issued: book.issued(),
        reissued: book.reissued(),
        burned: book.burned(),
        treasury,
        held: holdings.values().sum::<i64>() - treasury,
        lost: book.lost(),
        blacklisted: book.blacklisted(),
        assigned: state.assignments.assigned(uuid),
        distributed: state.assignments.distributed(uuid),
        transactions: book.transactions().len(),
    }
}
