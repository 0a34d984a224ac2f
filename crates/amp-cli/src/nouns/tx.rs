//! `amp tx`: transactions of the chain, whatever they are about.

mod columns;

use amp_api::Broadcast;
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::data;
use crate::error::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum TxVerb {
    /// Broadcast a signed transaction; twice is once
    Broadcast(BroadcastArgs),
    /// What became of a broadcast transaction
    Status(StatusArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BroadcastArgs {
    /// The signed transaction in hex: a text, @FILE, or - for stdin
    #[arg(value_name = "HEX|@FILE|-")]
    transaction: String,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The transaction
    txid: String,
}

impl Verb for TxVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::Broadcast(args) => {
                let hex = data::text("the transaction", &args.transaction)?;
                let wish = Wish::thing(Broadcast::send(hex.trim()))?;
                Ok(wish.asking("This sends a transaction to the chain, which cannot be undone."))
            }
            Self::Status(args) => Wish::thing(Broadcast::status(&args.txid)),
        }
    }
}
