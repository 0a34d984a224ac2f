//! `amp assets burn`: burning a part of an asset.

use amp_api::{BurnInstructions, ConfirmBurn};
use clap::{Args, Subcommand};

use super::AssetId;
use crate::call::Wish;
use crate::error::Failure;
use crate::nouns::{NodeArgs, Report, Verb};

#[derive(Debug, Subcommand)]
pub(crate) enum BurnVerb {
    /// Ask what a node has to do
    Request(RequestArgs),
    /// Report what the node did; twice is once
    Confirm(ConfirmArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The number of units to burn
    #[arg(long)]
    amount: i64,
}

#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    #[command(flatten)]
    asset: AssetId,
    #[command(flatten)]
    node: NodeArgs,
}

impl Verb for BurnVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::Request(args) => request(&args),
            Self::Confirm(args) => confirm(&args),
        }
    }
}

fn request(args: &RequestArgs) -> Result<Wish, Failure> {
    let (asset, amount) = (&args.asset.asset_uuid, args.amount);
    let wish = Wish::thing(BurnInstructions::request(asset, amount))?;
    Ok(wish.asking(format!(
        "This prepares to burn {amount} units of the asset {asset}."
    )))
}

fn confirm(args: &ConfirmArgs) -> Result<Wish, Failure> {
    let asset = &args.asset.asset_uuid;
    let Report {
        tx_data,
        change_data,
    } = args.node.report()?;
    let report = ConfirmBurn {
        tx_data,
        change_data,
    };
    let txid = &report.tx_data.txid;
    let risk = format!("This reports the burning {txid} of the asset {asset}.");
    let wish = Wish::done(report.call(asset), "The burning is reported")?;
    Ok(wish.asking(risk))
}
