//! `amp assets issue`: a transaction that spends money.

use amp_client::{ApiClient, Call, Error, IssueAsset, IssuedAsset};

use super::or_dash;
use crate::cli::IssueArgs;
use crate::data;
use crate::error::Failure;
use crate::output::Output;

/// What to do when nobody knows whether the asset exists now.
const LOOK_FIRST: &str = "The asset may exist now. Look for it with `amp assets list` before you \
                          issue it again: issuing twice makes two assets.";

/// The request that flags or data describe.
pub(crate) fn call(args: IssueArgs) -> Result<Call<IssuedAsset>, Failure> {
    let asset = match &args.data {
        Some(data) => from_data(data)?,
        None => from_flags(args),
    };
    asset
        .call()
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Sends the request. It is sent again only where the service certainly did not act on it.
pub(crate) async fn send(
    client: &ApiClient,
    call: &Call<IssuedAsset>,
) -> Result<IssuedAsset, Failure> {
    client.send(call).await.map_err(explained)
}

/// Prints what was issued. Whoever cannot be told on stdout must not think that nothing happened.
pub(crate) fn print(asset: &IssuedAsset, output: &Output) -> Result<(), Failure> {
    let printed = match output.is_json() {
        true => output.value(asset),
        false => output.table(&["FIELD", "VALUE"], &fields(asset)),
    };
    let id = &asset.asset_uuid;
    printed.map_err(|failure| failure.with_hint(format_args!("The asset was issued: {id}")))
}

fn fields(asset: &IssuedAsset) -> Vec<Vec<String>> {
    let fields = [
        ("name", asset.name.clone()),
        ("ticker", or_dash(asset.ticker.as_deref())),
        ("amount", asset.amount.to_string()),
        ("asset uuid", asset.asset_uuid.clone()),
        ("asset id", asset.asset_id.clone()),
        ("txid", asset.txid.clone()),
    ];
    fields
        .map(|(name, value)| vec![name.to_owned(), value])
        .into()
}

fn explained(error: Error) -> Failure {
    let may_exist = error.may_have_happened();
    let failure = Failure::from(error);
    match may_exist {
        true => failure.with_hint(LOOK_FIRST),
        false => failure,
    }
}

fn from_data(value: &str) -> Result<IssueAsset, Failure> {
    let data = data::read(value)?;
    serde_json::from_slice(&data)
        .map_err(|error| Failure::usage(format!("--data describes no asset to issue: {error}")))
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
