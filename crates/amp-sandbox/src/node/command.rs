//! Orders to the node, in the words that the service and the tools around a node use.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::{DEFAULT_BLOCKS, NodeError};
use crate::book::{Owner, Payment};
use crate::coins;
use crate::gaid;
use crate::state::State;

/// More blocks than any test needs, and far from the end of the numbers.
const MOST_BLOCKS: u32 = 100_000;

/// What the simulated node can be told to do. Each takes a JSON object as its order and answers one.
///
/// `confirmations` in an order says how many blocks follow at once. Default: 2, which is what the service asks for
/// before it takes a report. Amounts are in coins of eight decimals, as a JSON number or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeCommand {
    /// Pays a distribution from the treasury. Takes the answer of `distributions/create/` as it is, and answers the body
    /// that `distributions/{uuid}/confirm` wants.
    Send,
    /// Issues more. Takes the answer of `reissue-request` and answers the body of `reissue-confirm`.
    Reissue,
    /// Destroys what the treasury holds. Takes the answer of `burn-request` and answers the body of `burn-confirm`.
    Burn,
    /// A holder sends to another: takes `asset_id`, `amount`, `from`, which is a GAID, and `to`, which is a GAID or an
    /// address; answers the `txid`.
    Transfer,
    /// Makes so many `blocks`, at most 100,000; answers the `height`.
    Mine,
}

/// Why the simulated node did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NodeRefusal(String);

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

impl NodeCommand {
    /// Carries out an order; a wrong one changes nothing.
    pub(crate) fn carry_out(self, state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
        match self {
            Self::Send => send(state, order),
            Self::Reissue => reissue(state, order),
            Self::Burn => burn(state, order),
            Self::Transfer => transfer(state, order),
            Self::Mine => mine(state, order),
        }
    }
}

impl FromStr for NodeCommand {
    type Err = NodeRefusal;

    /// Reads the name that a command has under `/_sandbox/node`.
    fn from_str(name: &str) -> Result<Self, NodeRefusal> {
        match name {
            "send" => Ok(Self::Send),
            "reissue" => Ok(Self::Reissue),
            "burn" => Ok(Self::Burn),
            "transfer" => Ok(Self::Transfer),
            "mine" => Ok(Self::Mine),
            _ => Err(refusal("the node has no such command")),
        }
    }
}

impl From<NodeError> for NodeRefusal {
    fn from(error: NodeError) -> Self {
        Self(error.to_string())
    }
}

fn send(state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
    let order: Send = read(order)?;
    let asset_id = one_asset(&order)?.to_owned();
    let blocks = blocks(order.confirmations)?;
    let amounts = order.map_address_amount.into_iter();
    let amounts = amounts.map(|(address, amount)| Ok((address, units(&amount)?)));
    let amounts = amounts.collect::<Result<_, NodeRefusal>>()?;
    let report = super::send(state, &asset_id, amounts, blocks)?;
    write(&report)
}

fn one_asset(order: &Send) -> Result<&str, NodeRefusal> {
    let named = order.map_address_asset.values();
    let mut assets = named.chain(&order.asset_id);
    let first = assets
        .next()
        .ok_or_else(|| refusal("no asset_id was given"))?;
    match assets.all(|asset| asset == first) {
        true => Ok(first),
        false => Err(refusal("this node sends one asset at a time")),
    }
}

fn reissue(state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
    let order: Change = read(order)?;
    let (amount, blocks) = (units(&order.amount)?, blocks(order.confirmations)?);
    let report = super::reissue(state, &order.asset_id, amount, blocks)?;
    write(&report)
}

fn burn(state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
    let order: Change = read(order)?;
    let (amount, blocks) = (units(&order.amount)?, blocks(order.confirmations)?);
    let report = super::burn(state, &order.asset_id, amount, blocks)?;
    write(&report)
}

fn transfer(state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
    let order: Transfer = read(order)?;
    let blocks = blocks(order.confirmations)?;
    let amount = units(&order.amount)?;
    let payment = match gaid::is_well_formed(&order.to) {
        true => Payment {
            address: gaid::new_address(&mut state.rng),
            owner: Owner::Wallet(order.to),
            amount,
        },
        false => Payment {
            owner: state.chain.owner(&order.to, &[]),
            address: order.to,
            amount,
        },
    };
    let sent = super::transfer(state, &order.asset_id, order.from, payment, blocks);
    write(&json!({ "txid": sent? }))
}

fn mine(state: &mut State, order: &[u8]) -> Result<Vec<u8>, NodeRefusal> {
    let order: Mine = read(order)?;
    state.mine(blocks(Some(order.blocks))?);
    write(&json!({ "height": state.chain.height() }))
}

fn read<T: DeserializeOwned>(order: &[u8]) -> Result<T, NodeRefusal> {
    serde_json::from_slice(order)
        .map_err(|error| NodeRefusal(format!("not such an order: {error}")))
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, NodeRefusal> {
    serde_json::to_vec(answer).map_err(|error| NodeRefusal(error.to_string()))
}

fn units(amount: &RawValue) -> Result<i64, NodeRefusal> {
    let wrong = || NodeRefusal(format!("{amount} is no amount of coins"));
    coins::read(amount).ok_or_else(wrong)
}

fn blocks(confirmations: Option<u32>) -> Result<i64, NodeRefusal> {
    match confirmations {
        None => Ok(DEFAULT_BLOCKS),
        Some(blocks) if blocks <= MOST_BLOCKS => Ok(i64::from(blocks)),
        Some(_) => Err(refusal("no more than 100000 blocks at a time")),
    }
}

fn refusal(reason: &str) -> NodeRefusal {
    NodeRefusal(reason.to_owned())
}
