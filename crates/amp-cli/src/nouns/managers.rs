//! `amp managers`: accounts of others that may handle some assets of the issuer.

mod columns;

use amp_api::{ChangedPassword, CreateManager, Manager};
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::error::Failure;
use crate::output::Output;
use crate::password::{self, PasswordArgs};

/// What to do when nobody knows whether the account exists now.
const LOOK_FIRST: &str = "The manager may exist now. Look for it with `amp managers list` before \
                          you create it again.";

/// What to do when nobody knows which password counts.
const TRY_BOTH: &str = "The new password may count already: try it before you set another one.";

#[derive(Debug, Subcommand)]
pub(crate) enum ManagersVerb {
    /// All managers
    List,
    /// One manager
    Get(ManagerId),
    /// The manager that is logged in
    Me,
    /// Make a manager account; it is locked at first
    Create(CreateArgs),
    /// Lock a manager, who can then do nothing
    Lock(ManagerId),
    /// Unlock a manager
    Unlock(ManagerId),
    /// Let a manager handle an asset
    AddAsset(AssetArgs),
    /// Take an asset away from a manager
    RemoveAsset(RemoveAssetArgs),
    /// Set the password of a manager
    ChangePassword(ChangePasswordArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ManagerId {
    /// The id of the manager
    manager_id: i64,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The name that the manager logs in with
    username: String,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AssetArgs {
    #[command(flatten)]
    manager: ManagerId,
    /// The service's id of the asset
    asset_uuid: String,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveAssetArgs {
    #[command(flatten)]
    asset: AssetArgs,
    /// Send POST instead of PUT: which of the two the service takes is not documented
    #[arg(long)]
    post: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChangePasswordArgs {
    #[command(flatten)]
    manager: ManagerId,
    #[command(flatten)]
    password: PasswordArgs,
}

impl Verb for ManagersVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List => Wish::list(Manager::list()),
            Self::Get(manager) => Wish::thing(Manager::get(manager.manager_id)),
            Self::Me => Wish::thing(Manager::current()),
            Self::Create(args) => create(args),
            Self::Lock(manager) => changed(Manager::lock(manager.manager_id), "Locked"),
            Self::Unlock(manager) => changed(Manager::unlock(manager.manager_id), "Unlocked"),
            Self::AddAsset(args) => {
                let call = Manager::add_asset(args.manager.manager_id, &args.asset_uuid);
                changed(call, "Added the asset to")
            }
            Self::RemoveAsset(RemoveAssetArgs { asset, post }) => {
                let (manager, asset) = (asset.manager.manager_id, asset.asset_uuid);
                let done = "Removed the asset from";
                match post {
                    true => {
                        let call = Manager::remove_asset_by_post(manager, &asset);
                        Wish::done(call, format!("{done} the manager"))
                    }
                    false => changed(Manager::remove_asset(manager, &asset), done),
                }
            }
            Self::ChangePassword(args) => change_password(&args),
        }
    }
}

/// A change whose answer may tell what came of it.
fn changed(
    call: Result<amp_api::Call<Option<Manager>>, amp_api::InvalidRequest>,
    done: &'static str,
) -> Result<Wish, Failure> {
    Wish::shown(
        call,
        move |manager: &Option<Manager>, output: &Output| match manager {
            Some(manager) => output.thing(manager),
            None => output.done(format_args!("{done} the manager")),
        },
    )
}

fn create(args: CreateArgs) -> Result<Wish, Failure> {
    let manager = CreateManager {
        username: args.username,
        password: password::read_new(&args.password)?,
    };
    Ok(Wish::thing(manager.call())?.in_doubt(LOOK_FIRST))
}

/// The answered token is the manager's, so nothing of it is kept or shown.
fn change_password(args: &ChangePasswordArgs) -> Result<Wish, Failure> {
    let manager = args.manager.manager_id;
    let password = password::read_new(&args.password)?;
    let call = ChangedPassword::of_manager(manager, &password);
    let done = format!("Set the password of manager {manager}");
    Ok(Wish::done(call, done)?.in_doubt(TRY_BOTH))
}
