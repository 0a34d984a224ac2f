//! `amp assets`: what the issuer has issued.

mod columns;
mod issue;

use amp_api::Asset;
use clap::{Args, Subcommand};

use self::issue::IssueArgs;
use super::Verb;
use crate::call::Wish;
use crate::error::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum AssetsVerb {
    /// All assets of the issuer
    List,
    /// One asset
    Get(AssetId),
    /// Issue an asset: this spends money
    Issue(Box<IssueArgs>),
    /// Lock an asset
    Lock(AssetId),
    /// Unlock an asset
    Unlock(AssetId),
}

#[derive(Debug, Args)]
pub(crate) struct AssetId {
    /// The service's id of the asset
    pub(crate) asset_uuid: String,
}

impl Verb for AssetsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List => Wish::list(Asset::list()),
            Self::Get(id) => Wish::thing(Asset::get(&id.asset_uuid)),
            Self::Issue(args) => issue::wish(*args),
            Self::Lock(id) => Wish::thing(Asset::lock(&id.asset_uuid)),
            Self::Unlock(id) => Wish::thing(Asset::unlock(&id.asset_uuid)),
        }
    }
}
