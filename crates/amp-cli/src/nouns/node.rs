//! What a node said about a transaction, as arguments.

use amp_api::{NodeJson, TxData};
use clap::Args;
use serde::Deserialize;

use crate::data;
use crate::error::Failure;

#[derive(Debug, Args)]
#[group(id = "node")]
pub(crate) struct NodeArgs {
    /// The whole report as JSON, with tx_data and change_data: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", conflicts_with_all = ["tx_data", "change_data"])]
    data: Option<String>,
    /// What the node's gettransaction answered, as JSON: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", required_unless_present = "data")]
    tx_data: Option<String>,
    /// What the node's listunspent answered for the asset and the transaction [default: no change]
    #[arg(long, value_name = "JSON|@FILE|-")]
    change_data: Option<String>,
}

/// A mined transaction, and the change that it left.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    pub(crate) tx_data: TxData,
    #[serde(default)]
    pub(crate) change_data: Vec<NodeJson>,
}

impl NodeArgs {
    /// Reads what was given.
    pub(crate) fn report(&self) -> Result<Report, Failure> {
        match (&self.data, &self.tx_data) {
            (None, Some(transaction)) => Ok(Report {
                tx_data: data::secret("--tx-data", transaction)?,
                change_data: match &self.change_data {
                    Some(change) => data::secret("--change-data", change)?,
                    None => Vec::new(),
                },
            }),
            (data, _) => data::secret("--data", data.as_deref().unwrap_or_default()),
        }
    }
}
