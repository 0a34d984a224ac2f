//! `amp assets treasury`: the addresses whose outputs count as the issuer's.

use amp_api::TreasuryAddresses;
use clap::{Args, Subcommand};

use super::AssetId;
use crate::call::Wish;
use crate::error::Failure;
use crate::nouns::Verb;

#[derive(Debug, Subcommand)]
pub(crate) enum TreasuryVerb {
    /// The addresses of the treasury
    List(AssetId),
    /// Add addresses to the treasury
    Add(AddressesArgs),
    /// Remove addresses from the treasury
    Delete(AddressesArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AddressesArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The addresses
    #[arg(required = true, value_name = "ADDRESS")]
    addresses: Vec<String>,
}

impl Verb for TreasuryVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(asset) => {
                let call = TreasuryAddresses::list(&asset.asset_uuid);
                Wish::shown(call, |addresses, output| output.lines(addresses.as_slice()))
            }
            Self::Add(args) => {
                let call = TreasuryAddresses::add(&args.asset.asset_uuid, &args.addresses);
                Wish::done(call, "Added the addresses to the treasury")
            }
            Self::Delete(args) => {
                let (asset, count) = (&args.asset.asset_uuid, args.addresses.len());
                let call = TreasuryAddresses::delete(asset, &args.addresses);
                let wish = Wish::done(call, "Removed the addresses from the treasury")?;
                Ok(wish.asking(format!(
                    "This removes {count} addresses from the treasury of the asset {asset}."
                )))
            }
        }
    }
}
