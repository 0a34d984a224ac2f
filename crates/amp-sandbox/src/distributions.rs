//! Distributions: assignments that are paid by one transaction.

use serde_json::{Value, json};

use crate::book::{Book, Output, Transaction};
use crate::chain;
use crate::timestamp;

/// The distributions of all assets, oldest first.
#[derive(Default)]
pub(crate) struct Distributions {
    distributions: Vec<Distribution>,
}

/// One distribution.
#[derive(Clone, Debug)]
pub(crate) struct Distribution {
    pub(crate) uuid: String,
    pub(crate) asset_uuid: String,
    pub(crate) shares: Vec<Share>,
    /// The transaction that paid it; none while it is not confirmed.
    pub(crate) txid: Option<String>,
}

/// What one assignment gets.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) assignment: i64,
    pub(crate) registered_user: i64,
    /// In the smallest unit.
    pub(crate) amount: i64,
    pub(crate) address: String,
}

impl Distributions {
    pub(crate) fn of_asset<'a>(&'a self, uuid: &'a str) -> impl Iterator<Item = &'a Distribution> {
        let all = self.distributions.iter();
        all.filter(move |distribution| distribution.asset_uuid == uuid)
    }

    pub(crate) fn find(&self, asset_uuid: &str, uuid: &str) -> Option<&Distribution> {
        let mut all = self.distributions.iter();
        all.find(|distribution| distribution.asset_uuid == asset_uuid && distribution.uuid == uuid)
    }

    pub(crate) fn add(&mut self, distribution: Distribution) {
        self.distributions.push(distribution);
    }

    /// Notes which transaction paid a distribution.
    pub(crate) fn confirm(&mut self, uuid: &str, txid: &str) {
        let mut all = self.distributions.iter_mut();
        if let Some(distribution) = all.find(|distribution| distribution.uuid == uuid) {
            distribution.txid = Some(txid.to_owned());
        }
    }

    pub(crate) fn remove(&mut self, uuid: &str) {
        self.distributions
            .retain(|distribution| distribution.uuid != uuid);
    }

    /// Forgets those of an asset.
    pub(crate) fn remove_asset(&mut self, uuid: &str) {
        self.distributions
            .retain(|distribution| distribution.asset_uuid != uuid);
    }
}

impl Distribution {
    pub(crate) fn is_confirmed(&self) -> bool {
        self.txid.is_some()
    }

    /// How much of it is for this registered user.
    pub(crate) fn sum_of(&self, registered_user: i64) -> i64 {
        let shares = self.shares.iter();
        let shares = shares.filter(|share| share.registered_user == registered_user);
        shares.map(|share| share.amount).sum()
    }

    /// Whether a transaction pays every share what it is to get.
    pub(crate) fn is_paid_by(&self, transaction: &Transaction) -> bool {
        self.shares
            .iter()
            .all(|share| share.output(transaction).is_some())
    }

    /// As the service shows it; the book is that of its asset.
    pub(crate) fn show(&self, book: &Book) -> Value {
        let transaction = self.txid.as_ref().and_then(|txid| book.find(txid));
        let status = match transaction {
            Some(_) => "CONFIRMED",
            None => "UNCONFIRMED",
        };
        let transactions: Vec<Value> = transaction
            .map(|transaction| self.show_payment(transaction))
            .into_iter()
            .collect();
        json!({
            "distribution_uuid": self.uuid,
            "distribution_status": status,
            "transactions": transactions,
        })
    }

    fn show_payment(&self, transaction: &Transaction) -> Value {
        let show_share = |share: &Share| {
            let (vout, _) = share.output(transaction)?;
            Some(json!({
                "registered_user": share.registered_user,
                "amount": share.amount,
                "vout": vout,
            }))
        };
        let assignments: Vec<Value> = self.shares.iter().filter_map(show_share).collect();
        let mined_at = transaction.height.map(chain::block_time);
        json!({
            "txid": transaction.txid,
            "transaction_status": "CONFIRMED",
            "included_blockheight": transaction.height,
            "confirmed_datetime": mined_at.map(timestamp::iso),
            "assignments": assignments,
        })
    }
}

impl Share {
    /// The output that pays it, with its vout.
    fn output<'a>(&self, transaction: &'a Transaction) -> Option<(usize, &'a Output)> {
        let mut outputs = transaction.outputs.iter().enumerate();
        outputs.find(|(_, output)| output.address == self.address && output.amount == self.amount)
    }
}
