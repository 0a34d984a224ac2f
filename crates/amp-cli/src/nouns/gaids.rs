//! `amp gaids`: account ids of Green, who they belong to and what they hold.

mod columns;

use amp_api::{GaidAddress, GaidBalanceEntry, GaidValidation, RegisteredUser};
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::error::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum GaidsVerb {
    /// Whether the service knows a GAID
    Validate(Gaid),
    /// An address that a GAID receives at; each time perhaps another one
    Address(Gaid),
    /// The registered user that a GAID belongs to
    User(Gaid),
    /// What a GAID holds
    Balance(BalanceArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Gaid {
    /// The GAID
    gaid: String,
}

#[derive(Debug, Args)]
pub(crate) struct BalanceArgs {
    #[command(flatten)]
    gaid: Gaid,
    /// Only this asset
    #[arg(long, value_name = "ASSET_UUID")]
    asset: Option<String>,
}

impl Verb for GaidsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::Validate(gaid) => Wish::thing(GaidValidation::get(&gaid.gaid)),
            Self::Address(gaid) => Wish::thing(GaidAddress::get(&gaid.gaid)),
            Self::User(gaid) => Wish::thing(RegisteredUser::of_gaid(&gaid.gaid)),
            Self::Balance(args) => match &args.asset {
                Some(asset) => Wish::thing(GaidBalanceEntry::get(&args.gaid.gaid, asset)),
                None => Wish::list(GaidBalanceEntry::list(&args.gaid.gaid)),
            },
        }
    }
}
