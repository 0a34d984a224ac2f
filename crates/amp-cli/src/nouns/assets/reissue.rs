//! `amp assets reissue`: issuing more of an asset.

use amp_api::{ConfirmReissue, Reissuance, ReissueInstructions};
use clap::{Args, Subcommand};

use super::AssetId;
use crate::call::Wish;
use crate::data;
use crate::error::Failure;
use crate::nouns::Verb;

#[derive(Debug, Subcommand)]
pub(crate) enum ReissueVerb {
    /// The reissuances of an asset
    List(AssetId),
    /// Ask what a node has to do
    Request(RequestArgs),
    /// Report what the node did, after two confirmations; twice is once
    Confirm(ConfirmArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The number of units to issue in addition
    #[arg(long)]
    amount: i64,
}

#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    #[command(flatten)]
    asset: AssetId,
    /// JSON with details (of gettransaction), reissuance_output (of reissueasset) and listissuances:
    /// a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-")]
    data: String,
}

impl Verb for ReissueVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(asset) => Wish::list(Reissuance::list(&asset.asset_uuid)),
            Self::Request(args) => request(&args),
            Self::Confirm(args) => confirm(&args),
        }
    }
}

fn request(args: &RequestArgs) -> Result<Wish, Failure> {
    let (asset, amount) = (&args.asset.asset_uuid, args.amount);
    let wish = Wish::thing(ReissueInstructions::request(asset, amount))?;
    Ok(wish.asking(format!(
        "This prepares to issue {amount} units more of the asset {asset}."
    )))
}

fn confirm(args: &ConfirmArgs) -> Result<Wish, Failure> {
    let asset = &args.asset.asset_uuid;
    let report: ConfirmReissue = data::secret("--data", &args.data)?;
    let txid = &report.reissuance_output.txid;
    let risk = format!("This reports the reissuance {txid} of the asset {asset}.");
    Ok(Wish::thing(report.call(asset))?.asking(risk))
}
