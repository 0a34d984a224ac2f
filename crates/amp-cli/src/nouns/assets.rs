//! `amp assets`: what the issuer has issued, and what becomes of it.

mod burn;
mod columns;
mod history;
mod issue;
mod ledger;
mod memo;
mod register;
mod reissue;
mod treasury;
mod txs;
mod utxos;

use amp_api::{
    Activity, Asset, AssetBalance, AssetSummary, LostOutputs, Ownership, UpdateBlinders,
};
use clap::{Args, Subcommand};

use self::burn::BurnVerb;
use self::history::HistoryArgs;
use self::issue::IssueArgs;
use self::memo::MemoVerb;
use self::reissue::ReissueVerb;
use self::treasury::TreasuryVerb;
use self::txs::TxsVerb;
use self::utxos::UtxosVerb;
use super::Verb;
use crate::call::Wish;
use crate::data;
use crate::error::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum AssetsVerb {
    /// All assets of the issuer
    List,
    /// One asset
    Get(AssetId),
    /// Issue an asset: this spends money
    Issue(Box<IssueArgs>),
    /// Set the issuer's own authorisation service, the one thing that can be changed
    Edit(EditArgs),
    /// Make the service forget an asset; on the chain it stays
    Delete(AssetId),
    /// Publish an asset in the registry; one that is there already stays there
    Register(AssetId),
    /// Hand the control of the transfers of an asset to the service
    RegisterAuthorized(AssetId),
    /// Lock an asset
    Lock(AssetId),
    /// Unlock an asset
    Unlock(AssetId),
    /// The supply of an asset in figures
    Summary(AssetId),
    /// Who owns how much of an asset
    Ownerships(OwnershipsArgs),
    /// What the service knows of the outputs of an asset
    Balance(AssetId),
    /// Outputs of an asset that the service lost track of
    LostOutputs(AssetId),
    /// What happened with an asset
    Activities(HistoryArgs),
    /// The transactions of an asset
    #[command(subcommand)]
    Txs(TxsVerb),
    /// The unspent outputs of an asset, and which of them may be spent
    #[command(subcommand)]
    Utxos(UtxosVerb),
    /// Issue more of an asset: ask for instructions, let a node do it, report it
    #[command(subcommand)]
    Reissue(ReissueVerb),
    /// Burn a part of an asset: ask for instructions, let a node do it, report it
    #[command(subcommand)]
    Burn(BurnVerb),
    /// The note that is attached to an asset
    #[command(subcommand)]
    Memo(MemoVerb),
    /// The addresses of the treasury of an asset
    #[command(subcommand)]
    Treasury(TreasuryVerb),
    /// Tell the service the blinding factors of an output that it lacks
    UpdateBlinders(BlindersArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AssetId {
    /// The service's id of the asset
    pub(crate) asset_uuid: String,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The address of the authorisation service
    #[arg(long, value_name = "URL")]
    issuer_authorization_endpoint: String,
}

#[derive(Debug, Args)]
pub(crate) struct OwnershipsArgs {
    #[command(flatten)]
    asset: AssetId,
    /// At this height of the chain [default: the last block]
    #[arg(long)]
    height: Option<i64>,
    /// Send the height as a part of the path, as amp-rs does
    #[arg(long, requires = "height")]
    height_in_path: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BlindersArgs {
    #[command(flatten)]
    asset: AssetId,
    /// JSON with txid, vout, asset_blinder and amount_blinder: @FILE, - for stdin, or a text, which
    /// every process of the machine can read
    #[arg(long, value_name = "@FILE|-|JSON")]
    data: String,
}

impl Verb for AssetsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List => Wish::list(Asset::list()),
            Self::Get(asset) => Wish::thing(Asset::get(&asset.asset_uuid)),
            Self::Issue(args) => issue::wish(*args),
            Self::Edit(args) => {
                let endpoint = &args.issuer_authorization_endpoint;
                Wish::thing(Asset::edit(&args.asset.asset_uuid, endpoint))
            }
            Self::Delete(asset) => delete(&asset.asset_uuid),
            Self::Register(asset) => register::wish(asset.asset_uuid),
            Self::RegisterAuthorized(asset) => register::authorized(asset.asset_uuid),
            Self::Lock(asset) => Wish::thing(Asset::lock(&asset.asset_uuid)),
            Self::Unlock(asset) => Wish::thing(Asset::unlock(&asset.asset_uuid)),
            Self::Summary(asset) => Wish::thing(AssetSummary::get(&asset.asset_uuid)),
            Self::Ownerships(args) => ownerships(&args),
            Self::Balance(asset) => {
                Wish::shown(AssetBalance::get(&asset.asset_uuid), ledger::balance)
            }
            Self::LostOutputs(asset) => {
                Wish::shown(LostOutputs::get(&asset.asset_uuid), ledger::lost)
            }
            Self::Activities(args) => {
                Wish::list(Activity::list(&args.asset.asset_uuid, &args.filter()))
            }
            Self::Txs(verb) => verb.wish(),
            Self::Utxos(verb) => verb.wish(),
            Self::Reissue(verb) => verb.wish(),
            Self::Burn(verb) => verb.wish(),
            Self::Memo(verb) => verb.wish(),
            Self::Treasury(verb) => verb.wish(),
            Self::UpdateBlinders(args) => update_blinders(&args),
        }
    }
}

fn delete(asset: &str) -> Result<Wish, Failure> {
    let wish = Wish::done(Asset::delete(asset), format!("Deleted asset {asset}"))?;
    Ok(wish.asking(format!(
        "This makes the service forget the asset {asset} for good."
    )))
}

fn ownerships(args: &OwnershipsArgs) -> Result<Wish, Failure> {
    let asset = &args.asset.asset_uuid;
    match args.height {
        Some(height) if args.height_in_path => Wish::list(Ownership::list_at_path(asset, height)),
        height => Wish::list(Ownership::list(asset, height)),
    }
}

fn update_blinders(args: &BlindersArgs) -> Result<Wish, Failure> {
    let blinders: UpdateBlinders = data::secret("--data", &args.data)?;
    let call = blinders.call(&args.asset.asset_uuid);
    Wish::done(call, "The service has the blinding factors")
}
