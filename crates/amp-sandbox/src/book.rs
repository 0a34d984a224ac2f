//! The book of one asset: its transactions on the simulated chain, and all that follows from them.
//!
//! Balances, ownerships, outputs and the summary are read from here, so they cannot disagree.

mod entries;
mod transaction;

use std::collections::BTreeMap;

pub(crate) use entries::{Funding, Payment, Refusal};
pub(crate) use transaction::{Coin, Kind, Output, Owner, Place, Transaction};

/// A height that no block is above: everything that is in a block counts.
pub(crate) const TIP: i64 = i64::MAX;

/// 21 million coins in their smallest unit, the most that there can be of one asset.
pub(crate) const MOST: i64 = 2_100_000_000_000_000;

/// The transactions of one asset, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    transactions: Vec<Transaction>,
}

/// An output with the transaction that made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) transaction: &'a Transaction,
    pub(crate) vout: usize,
    pub(crate) output: &'a Output,
}

impl Book {
    /// All transactions, also those that are in no block.
    pub(crate) fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    pub(crate) fn find(&self, txid: &str) -> Option<&Transaction> {
        self.transactions.iter().find(|known| known.txid == txid)
    }

    pub(crate) fn find_mut(&mut self, txid: &str) -> Option<&mut Transaction> {
        self.transactions
            .iter_mut()
            .find(|known| known.txid == txid)
    }

    pub(crate) fn output(&self, place: Place) -> &Output {
        &self.transactions[place.transaction].outputs[place.vout]
    }

    /// The transaction at a place.
    pub(crate) fn at(&self, place: Place) -> &Transaction {
        &self.transactions[place.transaction]
    }

    /// The output that a transaction id and a number name, if it holds this coin.
    pub(crate) fn output_mut(&mut self, coin: Coin, txid: &str, vout: i64) -> Option<&mut Output> {
        let vout = usize::try_from(vout).ok()?;
        let output = self.find_mut(txid)?.outputs.get_mut(vout)?;
        (output.coin == coin).then_some(output)
    }

    /// What was not spent when a block was the last one.
    pub(crate) fn unspent(&self, coin: Coin, height: i64) -> impl Iterator<Item = Entry<'_>> {
        let made = move |transaction: &&Transaction| is_in(transaction, height);
        let entries = self.transactions.iter().filter(made);
        let outputs = entries.flat_map(move |transaction| {
            let outputs = transaction.outputs_of(coin);
            outputs.map(move |(vout, output)| Entry {
                transaction,
                vout,
                output,
            })
        });
        outputs.filter(move |entry| !self.is_spent(entry.output, height))
    }

    fn is_spent(&self, output: &Output, height: i64) -> bool {
        output
            .spent_by
            .is_some_and(|spender| is_in(&self.transactions[spender], height))
    }

    /// How much each owner whom the service knows held; the treasury is the first.
    pub(crate) fn holdings(&self, height: i64) -> BTreeMap<&Owner, i64> {
        let mut holdings = BTreeMap::new();
        let held = self
            .unspent(Coin::Asset, height)
            .filter(|entry| entry.output.is_held());
        for entry in held {
            *holdings.entry(&entry.output.owner).or_default() += entry.output.amount;
        }
        holdings
    }

    /// How much an owner holds as far as the service knows.
    pub(crate) fn held_by(&self, owner: &Owner) -> i64 {
        self.holdings(TIP).get(owner).copied().unwrap_or_default()
    }

    /// What the service knows to be in the treasury and free to be sent.
    pub(crate) fn treasury(&self) -> i64 {
        let is_free = |output: &Output| {
            output.owner == Owner::Treasury && output.is_known && !output.is_blacklisted
        };
        self.sum_unspent(is_free)
    }

    pub(crate) fn lost(&self) -> i64 {
        self.sum_unspent(Output::is_lost)
    }

    pub(crate) fn burned(&self) -> i64 {
        self.sum_unspent(|output| output.owner == Owner::Nobody)
    }

    pub(crate) fn blacklisted(&self) -> i64 {
        self.sum_unspent(|output| output.is_blacklisted)
    }

    fn sum_unspent(&self, is_meant: impl Fn(&Output) -> bool) -> i64 {
        let meant = self
            .unspent(Coin::Asset, TIP)
            .filter(|entry| is_meant(entry.output));
        meant.map(|entry| entry.output.amount).sum()
    }

    pub(crate) fn issued(&self) -> i64 {
        self.sum_made(Kind::Issuance)
    }

    pub(crate) fn reissued(&self) -> i64 {
        self.sum_made(Kind::Reissuance)
    }

    fn sum_made(&self, kind: Kind) -> i64 {
        let made = self
            .transactions
            .iter()
            .filter(|transaction| transaction.kind == kind && transaction.height.is_some());
        made.map(Transaction::amount).sum()
    }

    /// How many reissuance tokens there are.
    pub(crate) fn tokens(&self) -> i64 {
        self.unspent(Coin::ReissuanceToken, TIP)
            .map(|entry| entry.output.amount)
            .sum()
    }

    /// What the service has lost track of.
    pub(crate) fn lost_outputs(&self, coin: Coin) -> impl Iterator<Item = Entry<'_>> {
        self.unspent(coin, TIP)
            .filter(|entry| entry.output.is_lost())
    }

    /// Puts what is in no block yet into this one. A block takes all that waits, so only the newest can wait.
    pub(crate) fn include(&mut self, height: i64) {
        let newest = self.transactions.iter_mut().rev();
        for transaction in newest.take_while(|transaction| transaction.height.is_none()) {
            transaction.height = Some(height);
        }
    }
}

fn is_in(transaction: &Transaction, height: i64) -> bool {
    transaction.height.is_some_and(|made_at| made_at <= height)
}
