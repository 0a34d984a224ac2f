//! `amp distributions`: handing out what was assigned.

mod columns;

use amp_api::{ConfirmDistribution, Distribution, DistributionInstructions};
use clap::{Args, Subcommand};

use super::{NodeArgs, Report, Verb};
use crate::call::Wish;
use crate::error::Failure;

/// What to do when nobody knows whether a distribution exists now.
const LOOK_FIRST: &str = "The distribution may exist now. Assignments that name it tell: look with \
                          `amp assignments list` before you create another one.";

#[derive(Debug, Subcommand)]
pub(crate) enum DistributionsVerb {
    /// The distributions of an asset
    List(AssetId),
    /// One distribution
    Get(DistributionId),
    /// Start a distribution of everything that is ready: the answer says what a node has to do
    Create(AssetId),
    /// Report what the node did, after two confirmations; twice is once
    Confirm(ConfirmArgs),
    /// Take back a distribution that was not sent to the chain
    Cancel(DistributionId),
}

#[derive(Debug, Args)]
pub(crate) struct AssetId {
    /// The service's id of the asset
    asset_uuid: String,
}

#[derive(Debug, Args)]
pub(crate) struct DistributionId {
    /// The service's id of the asset
    asset_uuid: String,
    /// The id of the distribution
    distribution_uuid: String,
}

#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    #[command(flatten)]
    distribution: DistributionId,
    #[command(flatten)]
    node: NodeArgs,
}

impl Verb for DistributionsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(asset) => Wish::list(Distribution::list(&asset.asset_uuid)),
            Self::Get(id) => Wish::thing(Distribution::get(&id.asset_uuid, &id.distribution_uuid)),
            Self::Create(asset) => create(&asset.asset_uuid),
            Self::Confirm(args) => confirm(&args),
            Self::Cancel(id) => cancel(&id),
        }
    }
}

/// Nothing moves yet, so nobody is asked.
fn create(asset: &str) -> Result<Wish, Failure> {
    let wish = Wish::shown(DistributionInstructions::create(asset), |todo, output| {
        output.thing(todo)?;
        output.message(
            "Send it with your node, wait for two confirmations, then `amp distributions confirm`.",
        );
        Ok(())
    })?;
    Ok(wish.in_doubt(LOOK_FIRST))
}

fn confirm(args: &ConfirmArgs) -> Result<Wish, Failure> {
    let DistributionId {
        asset_uuid: asset,
        distribution_uuid: distribution,
    } = &args.distribution;
    let Report {
        tx_data,
        change_data,
    } = args.node.report()?;
    let report = ConfirmDistribution {
        tx_data,
        change_data,
    };
    let txid = &report.tx_data.txid;
    let risk =
        format!("This reports {txid} as the distribution {distribution} of the asset {asset}.");
    let done = format!("Distribution {distribution} is reported");
    let wish = Wish::shown(
        report.call(asset, distribution),
        move |answer, output| match answer {
            Some(distribution) => output.thing(distribution),
            None => output.done(done),
        },
    )?;
    Ok(wish.asking(risk))
}

fn cancel(id: &DistributionId) -> Result<Wish, Failure> {
    let (asset, distribution) = (&id.asset_uuid, &id.distribution_uuid);
    let done = format!("Cancelled distribution {distribution}");
    let wish = Wish::done(Distribution::cancel(asset, distribution), done)?;
    Ok(wish.asking(format!(
        "This cancels the distribution {distribution} of the asset {asset}; it must not be on the chain."
    )))
}
