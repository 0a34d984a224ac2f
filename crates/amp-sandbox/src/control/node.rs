//! Commands to the simulated node, each of which takes the instructions of the service as they are and answers the body
//! that reports the result to it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;

use super::refusal;
use crate::answer::Answer;
use crate::book::{Owner, Payment};
use crate::coins;
use crate::gaid;
use crate::handle::SandboxHandle;
use crate::node::{self, DEFAULT_BLOCKS, NodeError};
use crate::state::State;

/// More blocks than any test needs, and far from the end of the numbers.
const MOST_BLOCKS: u32 = 100_000;

/// What `sendmany` is told; a list of the addresses' assets, or one asset for all.
#[derive(Deserialize)]
struct Send {
    map_address_amount: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    map_address_asset: BTreeMap<String, String>,
    asset_id: Option<String>,
    confirmations: Option<u32>,
}

/// What `reissueasset` and `destroyamount` are told.
#[derive(Deserialize)]
struct Change {
    asset_id: String,
    amount: Box<RawValue>,
    confirmations: Option<u32>,
}

/// What the wallet of a holder is told; `to` is a GAID or an address.
#[derive(Deserialize)]
struct Transfer {
    asset_id: String,
    from: String,
    to: String,
    amount: Box<RawValue>,
    confirmations: Option<u32>,
}

#[derive(Deserialize)]
struct Mine {
    blocks: u32,
}

pub(super) fn is_command(name: &str) -> bool {
    matches!(
        name,
        "node/send" | "node/reissue" | "node/burn" | "node/transfer" | "node/mine"
    )
}

/// Carries out a command; a wrong one changes nothing.
pub(super) fn answer(sandbox: &SandboxHandle, name: &str, body: &[u8]) -> Answer {
    let state = &mut sandbox.lock().state;
    let answer = match name {
        "node/send" => send(state, body),
        "node/reissue" => reissue(state, body),
        "node/burn" => burn(state, body),
        "node/transfer" => transfer(state, body),
        _ => mine(state, body),
    };
    answer.unwrap_or_else(|reason| refusal(&reason))
}

fn send(state: &mut State, body: &[u8]) -> Result<Answer, String> {
    let command: Send = read(body)?;
    let asset_id = one_asset(&command)?.to_owned();
    let blocks = blocks(command.confirmations)?;
    let amounts = command.map_address_amount.into_iter();
    let amounts = amounts.map(|(address, amount)| Ok((address, units(&amount)?)));
    let amounts = amounts.collect::<Result<_, String>>()?;
    let report = node::send(state, &asset_id, amounts, blocks).map_err(text)?;
    Ok(Answer::ok(&report))
}

fn one_asset(command: &Send) -> Result<&str, String> {
    let named = command.map_address_asset.values();
    let mut assets = named.chain(&command.asset_id);
    let first = assets.next().ok_or("no asset_id was given")?;
    match assets.all(|asset| asset == first) {
        true => Ok(first),
        false => Err("this node sends one asset at a time".to_owned()),
    }
}

fn reissue(state: &mut State, body: &[u8]) -> Result<Answer, String> {
    let command: Change = read(body)?;
    let (amount, blocks) = (units(&command.amount)?, blocks(command.confirmations)?);
    let report = node::reissue(state, &command.asset_id, amount, blocks).map_err(text)?;
    Ok(Answer::ok(&report))
}

fn burn(state: &mut State, body: &[u8]) -> Result<Answer, String> {
    let command: Change = read(body)?;
    let (amount, blocks) = (units(&command.amount)?, blocks(command.confirmations)?);
    let report = node::burn(state, &command.asset_id, amount, blocks).map_err(text)?;
    Ok(Answer::ok(&report))
}

fn transfer(state: &mut State, body: &[u8]) -> Result<Answer, String> {
    let command: Transfer = read(body)?;
    let blocks = blocks(command.confirmations)?;
    let amount = units(&command.amount)?;
    let payment = match gaid::is_well_formed(&command.to) {
        true => Payment {
            address: gaid::new_address(&mut state.rng),
            owner: Owner::Wallet(command.to),
            amount,
        },
        false => Payment {
            owner: state.chain.owner(&command.to, &[]),
            address: command.to,
            amount,
        },
    };
    let sent = node::transfer(state, &command.asset_id, command.from, payment, blocks);
    Ok(Answer::ok(&json!({ "txid": sent.map_err(text)? })))
}

fn mine(state: &mut State, body: &[u8]) -> Result<Answer, String> {
    let command: Mine = read(body)?;
    state.mine(blocks(Some(command.blocks))?);
    Ok(Answer::ok(&json!({ "height": state.chain.height() })))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("not such a command: {error}"))
}

fn units(amount: &RawValue) -> Result<i64, String> {
    coins::read(amount).ok_or_else(|| format!("{amount} is no amount of coins"))
}

fn blocks(confirmations: Option<u32>) -> Result<i64, String> {
    match confirmations {
        None => Ok(DEFAULT_BLOCKS),
        Some(blocks) if blocks <= MOST_BLOCKS => Ok(i64::from(blocks)),
        Some(_) => Err(format!("no more than {MOST_BLOCKS} blocks at a time")),
    }
}

fn text(error: NodeError) -> String {
    error.to_string()
}
