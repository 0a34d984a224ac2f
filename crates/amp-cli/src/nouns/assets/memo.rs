//! `amp assets memo`: the note of an asset.

use amp_api::Memo;
use clap::{Args, Subcommand};

use super::AssetId;
use crate::call::Wish;
use crate::error::Failure;
use crate::nouns::Verb;
use crate::show::harmless;

#[derive(Debug, Subcommand)]
pub(crate) enum MemoVerb {
    /// The note of an asset
    Get(AssetId),
    /// Set the note of an asset
    Set(SetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The note
    text: String,
}

impl Verb for MemoVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::Get(asset) => Wish::shown(Memo::get(&asset.asset_uuid), |memo, output| {
                match output.is_json() {
                    true => output.value(memo),
                    false => output.line(&harmless(memo.as_str())),
                }
            }),
            Self::Set(args) => {
                let asset = &args.asset.asset_uuid;
                let done = format!("Set the note of asset {asset}");
                Wish::done(Memo::set(asset, &args.text), done)
            }
        }
    }
}
