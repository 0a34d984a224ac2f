//! `amp assets txs`: the transactions of an asset.

use amp_api::AssetTransaction;
use clap::{Args, Subcommand};

use super::AssetId;
use super::history::HistoryArgs;
use crate::call::Wish;
use crate::error::Failure;
use crate::nouns::Verb;

#[derive(Debug, Subcommand)]
pub(crate) enum TxsVerb {
    /// The transactions of an asset
    List(HistoryArgs),
    /// One transaction of an asset
    Get(TxArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TxArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The transaction
    txid: String,
}

impl Verb for TxsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(args) => Wish::list(AssetTransaction::list(
                &args.asset.asset_uuid,
                &args.filter(),
            )),
            Self::Get(args) => {
                Wish::thing(AssetTransaction::get(&args.asset.asset_uuid, &args.txid))
            }
        }
    }
}
