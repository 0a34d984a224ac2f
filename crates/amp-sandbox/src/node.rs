//! The node of the issuer, as its commands are simulated: it signs and sends what the service only gives orders for.

mod command;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::assets::Asset;
use crate::book::{Coin, Owner, Payment, Refusal, Transaction};
use crate::chain::{CONFIRMATIONS, Chain};
use crate::coins;
use crate::state::State;

pub use command::{NodeCommand, NodeRefusal};

/// Why the node does not do what it is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum NodeError {
    #[error("there is no asset with this id")]
    UnknownAsset,
    #[error("the asset is locked")]
    LockedAsset,
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The body that reports a distribution or a burn to the service.
#[derive(Debug, Serialize)]
struct PaymentReport {
    tx_data: TransactionData,
    change_data: Vec<Unspent>,
}

/// The body that reports a reissuance to the service.
#[derive(Debug, Serialize)]
struct ReissuanceReport {
    details: Vec<Detail>,
    reissuance_output: ReissuanceOutput,
    listissuances: Vec<IssuanceEntry>,
}

/// What `gettransaction` tells, as far as the service wants it.
#[derive(Debug, Serialize)]
struct TransactionData {
    txid: String,
    details: Vec<Detail>,
}

/// One of the `details` of `gettransaction`.
#[derive(Debug, Serialize)]
struct Detail {
    address: String,
    category: &'static str,
    amount: Box<RawValue>,
    asset: String,
    vout: usize,
    amountblinder: String,
    assetblinder: String,
}

/// One entry of `listunspent`.
#[derive(Debug, Serialize)]
struct Unspent {
    txid: String,
    vout: usize,
    address: String,
    amount: Box<RawValue>,
    asset: String,
    spendable: bool,
    confirmations: i64,
    amountblinder: String,
    assetblinder: String,
    scriptpubkey: String,
}

/// What `reissueasset` answers.
#[derive(Debug, Serialize)]
struct ReissuanceOutput {
    txid: String,
    vin: i64,
}

/// One entry of `listissuances`.
#[derive(Debug, Serialize)]
struct IssuanceEntry {
    isreissuance: bool,
    txid: String,
    vin: i64,
    asset: String,
    assetamount: Box<RawValue>,
    assetblinds: String,
}

/// How many blocks follow when nothing is said: enough for a report.
const DEFAULT_BLOCKS: i64 = CONFIRMATIONS;

/// `sendmany`: pays addresses from the treasury; amounts are in the smallest unit.
fn send(
    state: &mut State,
    asset_id: &str,
    amounts: Vec<(String, i64)>,
    blocks: i64,
) -> Result<PaymentReport, NodeError> {
    let payments = payments(state, asset_id, amounts)?;
    let (asset, rng) = asset_mut(state, asset_id)?;
    let sent = asset.book.pay(&Owner::Treasury, payments, rng)?;
    let txid = sent.txid.clone();
    state.mine(blocks);
    payment_report(state, asset_id, &txid)
}

/// `destroyamount`.
fn burn(
    state: &mut State,
    asset_id: &str,
    amount: i64,
    blocks: i64,
) -> Result<PaymentReport, NodeError> {
    let (asset, rng) = asset_mut(state, asset_id)?;
    let txid = asset.book.burn(amount, rng)?.txid.clone();
    state.mine(blocks);
    payment_report(state, asset_id, &txid)
}

/// `reissueasset`.
fn reissue(
    state: &mut State,
    asset_id: &str,
    amount: i64,
    blocks: i64,
) -> Result<ReissuanceReport, NodeError> {
    let (asset, rng) = asset_mut(state, asset_id)?;
    let transaction = asset.book.reissue(amount, rng)?;
    let report = ReissuanceReport::new(transaction, asset_id);
    state.mine(blocks);
    Ok(report)
}

/// What a holder sends, signed by the service, which does not sign for a locked asset. The answer is the transaction id.
fn transfer(
    state: &mut State,
    asset_id: &str,
    from: String,
    to: Payment,
    blocks: i64,
) -> Result<String, NodeError> {
    let (asset, rng) = asset_mut(state, asset_id)?;
    if asset.is_locked() {
        return Err(NodeError::LockedAsset);
    }
    let sent = asset.book.pay(&Owner::Wallet(from), vec![to], rng)?;
    let txid = sent.txid.clone();
    state.mine(blocks);
    Ok(txid)
}

fn payments(
    state: &State,
    asset_id: &str,
    amounts: Vec<(String, i64)>,
) -> Result<Vec<Payment>, NodeError> {
    let asset = asset(state, asset_id)?;
    let payment = |(address, amount): (String, i64)| Payment {
        owner: state.chain.owner(&address, &asset.treasury_addresses),
        address,
        amount,
    };
    Ok(amounts.into_iter().map(payment).collect())
}

fn asset<'a>(state: &'a State, asset_id: &str) -> Result<&'a Asset, NodeError> {
    let all = state.assets.all();
    let found = all.iter().find(|asset| asset.id() == asset_id);
    found.ok_or(NodeError::UnknownAsset)
}

fn asset_mut<'a>(
    state: &'a mut State,
    asset_id: &str,
) -> Result<(&'a mut Asset, &'a mut fastrand::Rng), NodeError> {
    let asset = state.assets.on_chain_mut(asset_id);
    Ok((asset.ok_or(NodeError::UnknownAsset)?, &mut state.rng))
}

fn payment_report(state: &State, asset_id: &str, txid: &str) -> Result<PaymentReport, NodeError> {
    let transaction = asset(state, asset_id)?.book.find(txid);
    let transaction = transaction.ok_or(NodeError::UnknownAsset)?;
    Ok(PaymentReport {
        tx_data: TransactionData {
            txid: txid.to_owned(),
            details: details(transaction, asset_id)
                .filter(|(owner, _)| **owner != Owner::Treasury)
                .map(|(_, detail)| detail)
                .collect(),
        },
        change_data: unspent(transaction, asset_id, &state.chain),
    })
}

/// The outputs and whose they are. A node leaves its change out of what it tells.
fn details<'a>(
    transaction: &'a Transaction,
    asset_id: &'a str,
) -> impl Iterator<Item = (&'a Owner, Detail)> {
    let outputs = transaction.outputs_of(Coin::Asset);
    outputs.map(move |(vout, output)| {
        (
            &output.owner,
            Detail {
                address: output.address.clone(),
                category: "send",
                amount: coins::write_negative(output.amount),
                asset: asset_id.to_owned(),
                vout,
                amountblinder: output.amount_blinder.clone(),
                assetblinder: output.asset_blinder.clone(),
            },
        )
    })
}

/// What the transaction left to the treasury.
fn unspent(transaction: &Transaction, asset_id: &str, chain: &Chain) -> Vec<Unspent> {
    let outputs = transaction.outputs_of(Coin::Asset);
    let ours = outputs.filter(|(_, output)| output.owner == Owner::Treasury);
    let entry = ours.map(|(vout, output)| Unspent {
        txid: transaction.txid.clone(),
        vout,
        address: output.address.clone(),
        amount: coins::write(output.amount),
        asset: asset_id.to_owned(),
        spendable: true,
        confirmations: chain.confirmations(transaction.height),
        amountblinder: output.amount_blinder.clone(),
        assetblinder: output.asset_blinder.clone(),
        scriptpubkey: format!("0014{}", &transaction.txid[..40]),
    });
    entry.collect()
}

impl ReissuanceReport {
    fn new(transaction: &Transaction, asset_id: &str) -> Self {
        let (txid, vin) = (&transaction.txid, 0);
        let outputs = transaction.outputs_of(Coin::Asset);
        let issuance = outputs.map(|(_, output)| IssuanceEntry {
            isreissuance: true,
            txid: txid.clone(),
            vin,
            asset: asset_id.to_owned(),
            assetamount: coins::write(output.amount),
            assetblinds: output.asset_blinder.clone(),
        });
        Self {
            details: details(transaction, asset_id)
                .map(|(_, detail)| detail)
                .collect(),
            reissuance_output: ReissuanceOutput {
                txid: txid.clone(),
                vin,
            },
            listissuances: issuance.collect(),
        }
    }
}
