//! `amp auth migrate`: the token moves to another place.

use amp_client::{RedisUrl, StoreKind};
use serde::Serialize;
use token_store::{ChosenStore, Migrated, migrate};
use zeroize::Zeroizing;

use crate::cli::{Destination, MigrateArgs};
use crate::context::Context;
use crate::error::Failure;
use crate::place::{Place, describe};
use crate::session::Session;
use crate::settings::{Settings, known};

/// The variable that names the store.
const TOKEN_STORE: &str = "AMP_TOKEN_STORE";

/// What was done. The names are part of the contract.
#[derive(Debug, Serialize)]
struct Report {
    /// `moved`, `superseded`, `nothing` or `already-there`.
    result: &'static str,
    from: Side,
    to: Side,
}

#[derive(Debug, Serialize)]
struct Side {
    store: &'static str,
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    encrypted: bool,
    key_source: Option<String>,
}

/// Moves the token of the user at the service, which is not asked.
pub(crate) async fn run(args: &MigrateArgs, context: &Context) -> Result<(), Failure> {
    let settings = Settings::read(context, None)?;
    let destination = destination(&args.to, context)?;
    let session = Session::prepare(settings, context, None).await?;
    let place = session.place();
    let Some(from) = place.kept() else {
        // What failed when it was opened says so itself.
        place.load().await?;
        let hint = "log in with --store, or name the user with AMP_USERNAME";
        return Err(Failure::usage("no token is kept, so none can be moved").with_hint(hint));
    };
    let Some(to) = place.other(destination, context).await? else {
        return Err(Failure::storage("this user has no place for state")
            .with_hint("name one with --token-file"));
    };
    let result = match (from.kind() == to.kind(), migrate(from, &to).await?) {
        (true, _) => "already-there",
        (false, Migrated::Moved) => "moved",
        (false, Migrated::Superseded) => "superseded",
        (false, _) => "nothing",
    };
    tell(result, from, &to, place, context);
    if context.output.is_json() {
        let report = Report {
            result,
            from: Side::of(from),
            to: Side::of(&to),
        };
        return context.output.value(&report);
    }
    Ok(())
}

fn destination(to: &Destination, context: &Context) -> Result<StoreKind, Failure> {
    if let Destination::Store(choice) = to {
        return known(choice).cloned();
    }
    let variable = context.vars.text(TOKEN_STORE).map(Zeroizing::new);
    let named = variable.and_then(|text| text.trim().parse().ok());
    named
        .filter(|kind| matches!(kind, StoreKind::Redis(_)))
        .ok_or_else(|| {
            let hint = "set it to the address with user and password: rediss://user:password@host";
            Failure::usage(format!("{TOKEN_STORE} names no Redis server")).with_hint(hint)
        })
}

fn tell(result: &str, from: &ChosenStore, to: &ChosenStore, place: &Place, context: &Context) {
    let (old, new) = (describe(from), describe(to));
    let message = match result {
        "moved" => format!("Moved the token from {old} to {new}"),
        "superseded" => {
            format!("Kept the token of {new}, which ends later, and removed the one of {old}")
        }
        "already-there" => format!("The token is kept in {new} already"),
        _ => format!("There is no token in {old}"),
    };
    context.output.message(message);
    if let Some(source) = to.key_source() {
        context.output.message(format_args!("Its key is {source}"));
    }
    let found = place.whereabouts().map(|place| place.file_kind());
    let is_found = found.as_ref() == Some(to.kind()) && context.globals.store.is_none();
    let is_named = to.server().is_some_and(RedisUrl::has_login);
    if result != "nothing" && is_named {
        context
            .output
            .message("AMP_TOKEN_STORE names it already; leave --store away from now on");
    } else if result != "nothing" && !is_found {
        let store = to.kind();
        context.output.message(format_args!(
            "Set AMP_TOKEN_STORE={store}, or use --store {store}, so that later commands find it"
        ));
    }
}

impl Side {
    fn of(store: &ChosenStore) -> Self {
        Self {
            store: StoreKind::as_str(store.kind()),
            address: store.server().map(ToString::to_string),
            path: store.path().map(|path| path.display().to_string()),
            encrypted: store.is_encrypted(),
            key_source: store.key_source().map(ToString::to_string),
        }
    }
}
