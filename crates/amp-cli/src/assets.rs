//! `amp assets`: list, get, issue, lock, unlock.

mod issue;

use amp_client::{ApiClient, Asset, Call, IssuedAsset};

use crate::cli::AssetsCommand;
use crate::context::Context;
use crate::error::Failure;
use crate::output::Output;
use crate::session::Session;
use crate::settings::Settings;

/// A request that can be meant, before anything is opened or sent.
enum Wish {
    Many(Call<Vec<Asset>>),
    One(Call<Asset>),
    Issue(Box<Call<IssuedAsset>>),
}

/// Runs one of the commands.
pub(crate) async fn run(command: AssetsCommand, context: &Context) -> Result<(), Failure> {
    let wish = wish(command)?;
    let session = Session::open_for_call(Settings::read_for_token(context)?, context).await?;
    let client = session.client().await?;
    let answer = wish.send(&client).await;
    // Before anything else can end the command: what was issued must not go untold.
    let printed = answer.and_then(|answer| answer.print(&context.output));
    session.close(&client).await;
    printed
}

impl Wish {
    async fn send(&self, client: &ApiClient) -> Result<Shown, Failure> {
        Ok(match self {
            Self::Many(call) => Shown::Many(client.send(call).await?),
            Self::One(call) => Shown::One(client.send(call).await?),
            Self::Issue(call) => Shown::Issued(issue::send(client, call).await?),
        })
    }
}

fn wish(command: AssetsCommand) -> Result<Wish, Failure> {
    let call = match command {
        AssetsCommand::Issue(args) => return issue::call(*args).map(Box::new).map(Wish::Issue),
        AssetsCommand::List => Asset::list().map(Wish::Many),
        AssetsCommand::Get(id) => Asset::get(&id.asset_uuid).map(Wish::One),
        AssetsCommand::Lock(id) => Asset::lock(&id.asset_uuid).map(Wish::One),
        AssetsCommand::Unlock(id) => Asset::unlock(&id.asset_uuid).map(Wish::One),
    };
    call.map_err(|error| Failure::usage(error.to_string()))
}

/// What the service answered.
enum Shown {
    Many(Vec<Asset>),
    One(Asset),
    Issued(IssuedAsset),
}

impl Shown {
    fn print(&self, output: &Output) -> Result<(), Failure> {
        match (self, output.is_json()) {
            (Self::Many(assets), true) => output.value(assets),
            (Self::One(asset), true) => output.value(asset),
            (Self::Many(assets), false) => {
                let rows: Vec<_> = assets.iter().map(row).collect();
                output.table(&["ASSET UUID", "TICKER", "NAME", "LOCKED"], &rows)
            }
            (Self::One(asset), false) => output.table(&["FIELD", "VALUE"], &fields(asset)),
            (Self::Issued(asset), _) => issue::print(asset, output),
        }
    }
}

fn row(asset: &Asset) -> Vec<String> {
    vec![
        asset.asset_uuid.clone(),
        or_dash(asset.ticker.as_deref()),
        asset.name.clone(),
        yes_or_no(asset.is_locked),
    ]
}

fn fields(asset: &Asset) -> Vec<Vec<String>> {
    let fields = [
        ("name", asset.name.clone()),
        ("asset uuid", asset.asset_uuid.clone()),
        ("asset id", asset.asset_id.clone()),
        ("ticker", or_dash(asset.ticker.as_deref())),
        ("precision", asset.precision.to_string()),
        ("domain", or_dash(asset.domain.as_deref())),
        ("registered", yes_or_no(asset.is_registered)),
        ("authorized", yes_or_no(asset.is_authorized)),
        ("locked", yes_or_no(asset.is_locked)),
        ("transfer restricted", yes_or_no(asset.transfer_restricted)),
    ];
    fields
        .map(|(name, value)| vec![name.to_owned(), value])
        .into()
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}
