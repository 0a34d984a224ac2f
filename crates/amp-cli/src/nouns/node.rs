//! What a node said about a transaction, as arguments.

use amp_api::{NodeJson, TxData};
use clap::Args;

use crate::data;
use crate::error::Failure;

#[derive(Debug, Args)]
pub(crate) struct NodeArgs {
    /// What the node's gettransaction answered, as JSON: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-")]
    tx_data: String,
    /// What the node's listunspent answered for the asset and the transaction [default: no change]
    #[arg(long, value_name = "JSON|@FILE|-")]
    change_data: Option<String>,
}

impl NodeArgs {
    pub(crate) fn tx_data(&self) -> Result<TxData, Failure> {
        data::secret("--tx-data", &self.tx_data)
    }

    pub(crate) fn change_data(&self) -> Result<Vec<NodeJson>, Failure> {
        match &self.change_data {
            Some(change) => data::secret("--change-data", change),
            None => Ok(Vec::new()),
        }
    }
}
