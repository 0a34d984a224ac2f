//! `amp assets issue`: a transaction that spends money.

use amp_api::IssueAsset;
use clap::Args;

use crate::call::Wish;
use crate::data;
use crate::error::Failure;

/// What to do when nobody knows whether the asset exists now.
const LOOK_FIRST: &str = "The asset may exist now. Look for it with `amp assets list` before you \
                          issue it again: issuing twice makes two assets.";

#[derive(Debug, Default, Args)]
#[group(id = "issue")]
pub(crate) struct IssueArgs {
    /// The whole request as JSON instead of flags: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true, conflicts_with_all = ISSUE_FIELDS)]
    pub(crate) data: Option<String>,
    /// The name: 5 to 255 ASCII characters
    #[arg(long, required_unless_present = "data")]
    pub(crate) name: Option<String>,
    /// The number of units
    #[arg(long, required_unless_present = "data")]
    pub(crate) amount: Option<i64>,
    /// The confidential Liquid address that receives them
    #[arg(long, required_unless_present = "data")]
    pub(crate) destination_address: Option<String>,
    /// The host name that vouches for the asset
    #[arg(long, required_unless_present = "data")]
    pub(crate) domain: Option<String>,
    /// The short name: 3 to 5 letters
    #[arg(long, required_unless_present = "data")]
    pub(crate) ticker: Option<String>,
    /// The issuer's public key: 66 hex characters
    #[arg(long, required_unless_present = "data")]
    pub(crate) pubkey: Option<String>,
    /// The digits after the decimal point, 0 to 8
    #[arg(long)]
    pub(crate) precision: Option<i64>,
    /// Hide the amount on the chain
    #[arg(long)]
    pub(crate) confidential: bool,
    /// Allow to issue more later
    #[arg(long)]
    pub(crate) reissuable: bool,
    /// The units of the token that allows to issue more
    #[arg(long)]
    pub(crate) reissuance_amount: Option<i64>,
    /// The address that receives that token
    #[arg(long)]
    pub(crate) reissuance_address: Option<String>,
    /// Make transfers need an authorisation
    #[arg(long)]
    pub(crate) transfer_restricted: bool,
}

const ISSUE_FIELDS: [&str; 12] = [
    "name",
    "amount",
    "destination_address",
    "domain",
    "ticker",
    "pubkey",
    "precision",
    "confidential",
    "reissuable",
    "reissuance_amount",
    "reissuance_address",
    "transfer_restricted",
];

/// The request that flags or data describe. It is sent again only where the service certainly did not
/// act on it.
pub(super) fn wish(args: IssueArgs) -> Result<Wish, Failure> {
    let asset = match &args.data {
        Some(data) => data::json("--data", data, "an asset to issue")?,
        None => from_flags(args),
    };
    let (amount, name) = (asset.amount, &asset.name);
    let risk = format!("This issues {amount} units of {name}, which spends money.");
    let wish = Wish::shown(asset.call(), |issued, output| {
        // Whoever cannot be told on stdout must not think that nothing happened.
        let id = &issued.asset_uuid;
        let printed = output.thing(issued);
        printed.map_err(|failure| failure.with_hint(format_args!("The asset was issued: {id}")))
    })?;
    Ok(wish.asking(risk).in_doubt(LOOK_FIRST))
}

/// A flag that is not given is left to the service, as is one that can only say yes.
fn from_flags(args: IssueArgs) -> IssueAsset {
    let yes = |flag: bool| flag.then_some(true);
    IssueAsset {
        name: args.name.unwrap_or_default(),
        amount: args.amount.unwrap_or_default(),
        destination_address: args.destination_address.unwrap_or_default(),
        domain: args.domain.unwrap_or_default(),
        ticker: args.ticker.unwrap_or_default(),
        pubkey: args.pubkey.unwrap_or_default(),
        precision: args.precision,
        is_confidential: yes(args.confidential),
        is_reissuable: yes(args.reissuable),
        reissuance_amount: args.reissuance_amount,
        reissuance_address: args.reissuance_address,
        transfer_restricted: yes(args.transfer_restricted),
    }
}
