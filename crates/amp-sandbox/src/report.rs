//! What an issuer reports of a transaction that its node has made.

use serde_json::Value;

use crate::answer::{self, Answer};
use crate::book::{Book, Coin, Kind, Owner, Transaction};
use crate::chain::{CONFIRMATIONS, Chain};
use crate::fields::Fields;

/// The transaction, and the outputs that came back to the treasury.
#[derive(Debug)]
pub(crate) struct Report {
    txid: String,
    /// Transaction id and vout, as they were sent.
    change: Vec<(String, i64)>,
}

impl Report {
    /// Reads `tx_data` and `change_data`. The details of the transaction are needed for a distribution alone.
    pub(crate) fn of_payment(mut fields: Fields, kind: Kind) -> Result<Self, Answer> {
        let mut data = fields.nested("tx_data");
        let txid = data.text("txid", 1..=usize::MAX);
        if kind == Kind::Payment {
            data.objects("details");
        }
        fields.absorb("tx_data", data);
        let entries = fields.objects("change_data");
        let change = entries.into_iter().map(|entry| {
            let mut entry = Fields::of(entry);
            let outpoint = (
                entry.text("txid", 1..=usize::MAX),
                entry.integer("vout", 0..=i64::MAX),
            );
            fields.absorb("change_data", entry);
            outpoint
        });
        let change = change.collect();
        fields.finish()?;
        Ok(Self { txid, change })
    }

    /// Reads what a node told of a reissuance.
    pub(crate) fn of_reissuance(mut fields: Fields) -> Result<Self, Answer> {
        let details = fields.take("details");
        let is_kind = matches!(details, Some(Value::Array(_) | Value::Object(_)) | None);
        fields.check("details", details.is_some(), "This field is required.");
        fields.check("details", is_kind, "Expected a list or a dictionary.");
        let mut output = fields.nested("reissuance_output");
        let txid = output.text("txid", 1..=usize::MAX);
        output.integer("vin", 0..=i64::MAX);
        fields.absorb("reissuance_output", output);
        fields.objects("listissuances");
        fields.finish()?;
        let change = Vec::new();
        Ok(Self { txid, change })
    }

    pub(crate) fn txid(&self) -> &str {
        &self.txid
    }

    /// The transaction, if it is of this kind and deep enough in the chain.
    pub(crate) fn transaction<'a>(
        &self,
        book: &'a Book,
        kind: Kind,
        chain: &Chain,
    ) -> Result<&'a Transaction, Answer> {
        let known = book.find(&self.txid);
        let transaction = known
            .filter(|transaction| transaction.kind == kind)
            .ok_or_else(|| {
                answer::non_field_error("There is no such transaction of this asset.")
            })?;
        if chain.confirmations(transaction.height) < CONFIRMATIONS {
            return Err(answer::non_field_error(
                "The transaction has fewer than two confirmations.",
            ));
        }
        self.check_change(transaction)?;
        Ok(transaction)
    }

    fn check_change(&self, transaction: &Transaction) -> Result<(), Answer> {
        let is_change = |(txid, vout): &(String, i64)| {
            let vout = usize::try_from(*vout).ok();
            let output = vout.and_then(|vout| transaction.outputs.get(vout));
            *txid == self.txid && output.is_some_and(|output| output.owner == Owner::Treasury)
        };
        match self.change.iter().all(is_change) {
            true => Ok(()),
            false => Err(answer::field_error(
                "change_data",
                "This is no output of the transaction to the treasury.",
            )),
        }
    }

    /// Takes note of it: the transaction is reported, and the outputs that came back are no longer lost. A second time
    /// changes nothing.
    pub(crate) fn note(&self, book: &mut Book) {
        if let Some(transaction) = book.find_mut(&self.txid) {
            transaction.is_reported = true;
            if transaction.kind == Kind::Reissuance {
                let outputs = transaction.outputs.iter_mut();
                outputs.for_each(|output| output.is_known = true);
            }
        }
        for (txid, vout) in &self.change {
            if let Some(output) = book.output_mut(Coin::Asset, txid, *vout) {
                output.is_known = true;
            }
        }
    }
}
