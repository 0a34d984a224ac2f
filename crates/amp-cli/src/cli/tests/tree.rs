//! Every command: what it sends, its help, its line in the documents.

use std::collections::{BTreeMap, BTreeSet};

use amp_api::operations;
use clap::CommandFactory as _;

use super::*;
use crate::call::Wish;
use crate::error::Failure;
use crate::service;

/// A command line for each command that sends what it is told to.
const LINES: &[&str] = &[
    "info",
    "changelog",
    "assets list",
    "assets get a",
    "assets issue --name Gold --amount 5 --destination-address vj --domain a.example --ticker GLD --pubkey 02",
    "assets lock a",
    "assets unlock a",
    "users list",
    "users get 1",
    "users create --name Alice",
    "users edit 1 --name Bob",
    "users delete 1",
    "users gaids 1",
    "users add-gaid 1 GA",
    "users set-default-gaid 1 GA",
    "users add-categories 1 2",
    "users remove-categories 1 2",
    "gaids validate GA",
    "gaids address GA",
    "gaids user GA",
    "gaids balance GA",
    "gaids balance GA --asset a",
    "categories list",
    "categories get 1",
    "categories create --name Qualified",
    "categories edit 1 --name Other",
    "categories delete 1",
    "categories add-user 1 2",
    "categories remove-user 1 2",
    "categories add-asset 1 a",
    "categories remove-asset 1 a",
    "managers list",
    "managers get 1",
    "managers me",
    "managers create bob --password-file Cargo.toml",
    "managers lock 1",
    "managers unlock 1",
    "managers add-asset 1 a",
    "managers remove-asset 1 a",
    "managers remove-asset 1 a --post",
    "managers change-password 1 --password-file Cargo.toml",
];

/// Commands that do more than send what they are told to; of those that send operations, the tests
/// of `tests/cli/auth.rs` count the requests.
const OTHERS: &[(&str, &[&str])] = &[
    ("demo", &[]),
    ("auth login", &["obtainToken"]),
    ("auth status", &[]),
    ("auth token", &["obtainToken", "refreshToken"]),
    ("auth refresh", &["refreshToken"]),
    ("auth logout", &[]),
    ("auth migrate", &[]),
    ("auth rotate-key", &[]),
    ("api", &[]),
    ("doctor", &["getInfo"]),
    ("completions", &[]),
    ("sandbox", &[]),
];

/// What is still without a command.
const NOT_YET: &[&str] = &[
    "changePassword",
    "getRegisteredUserSummary",
    "editAsset",
    "deleteAsset",
    "registerAsset",
    "registerAssetAuthorized",
    "listAssetActivities",
    "listAssetOwnerships",
    "listAssetOwnershipsAtPath",
    "getAssetBalance",
    "getAssetLostOutputs",
    "getAssetSummary",
    "listAssetUtxos",
    "blacklistAssetUtxos",
    "whitelistAssetUtxos",
    "listAssetReissuances",
    "requestReissue",
    "confirmReissue",
    "requestBurn",
    "confirmBurn",
    "getAssetMemo",
    "setAssetMemo",
    "listAssetTransactions",
    "getAssetTransaction",
    "updateAssetBlinders",
    "listTreasuryAddresses",
    "addTreasuryAddresses",
    "deleteTreasuryAddresses",
    "listAssignments",
    "createAssignment",
    "getAssignment",
    "deleteAssignment",
    "lockAssignment",
    "unlockAssignment",
    "listDistributions",
    "createDistribution",
    "getDistribution",
    "confirmDistribution",
    "cancelDistribution",
    "getBroadcastStatus",
    "broadcastTransaction",
];

fn wish(command: Command) -> Result<Wish, Failure> {
    match command {
        Command::Assets(noun) => noun.wish(),
        Command::Users(noun) => noun.wish(),
        Command::Gaids(noun) => noun.wish(),
        Command::Categories(noun) => noun.wish(),
        Command::Managers(noun) => noun.wish(),
        Command::Info(_) => service::info(),
        Command::Changelog(_) => service::changelog(),
        other => panic!("{other:?} sends no wish"),
    }
}

/// Calls `visit` with the words and the description of every command that can be run.
fn walk(mut visit: impl FnMut(&str, &mut clap::Command)) {
    fn below(
        words: &str,
        command: &mut clap::Command,
        visit: &mut dyn FnMut(&str, &mut clap::Command),
    ) {
        if !command.has_subcommands() {
            return visit(words, command);
        }
        for command in command.get_subcommands_mut() {
            let name = command.get_name().to_owned();
            if name != "help" {
                below(format!("{words} {name}").trim_start(), command, visit);
            }
        }
    }
    let mut root = Cli::command();
    root.build();
    below("", &mut root, &mut visit);
}

/// What each command sends, by operation.
fn sent() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut commands: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    walk(|words, _| {
        commands.insert(words.to_owned(), BTreeSet::new());
    });
    for line in LINES {
        let words = line.split(' ');
        let cli = Cli::try_parse_from(std::iter::once("amp").chain(words)).unwrap();
        let wish = wish(cli.command).unwrap();
        let name = commands.keys().find(|words| {
            line.starts_with(words.as_str())
                && line[words.len()..]
                    .chars()
                    .next()
                    .is_none_or(|next| next == ' ')
        });
        let name = name.unwrap_or_else(|| panic!("{line}")).clone();
        for request in wish.requests() {
            let operation = operations::ALL.iter().find(|operation| {
                request.label() == format!("{} {}", operation.method(), operation.path())
            });
            let operation = operation.unwrap_or_else(|| panic!("{line}: {}", request.label()));
            commands.get_mut(&name).unwrap().insert(operation.id());
        }
    }
    for (words, operations) in OTHERS {
        commands.get_mut(*words).unwrap().extend(*operations);
    }
    commands
}

#[test]
fn every_operation_of_the_service_has_a_command() {
    let sent: BTreeSet<_> = sent().into_values().flatten().collect();
    let missing: Vec<_> = operations::ALL
        .iter()
        .map(|operation| operation.id())
        .filter(|id| !sent.contains(id))
        .collect();
    assert_eq!(missing, NOT_YET);
}

#[test]
fn every_command_sends_an_operation_or_does_something_else_on_purpose() {
    for (words, operations) in sent() {
        let is_other = OTHERS.iter().any(|(other, _)| *other == words);
        assert!(
            is_other || !operations.is_empty(),
            "amp {words} is in none of the tables"
        );
    }
}

#[test]
fn the_help_of_every_command_stays_as_it_is() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../tests/snapshots/help");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    walk(|words, command| {
        let help = command.render_long_help().to_string();
        let name = words.replace(' ', "_");
        settings.bind(|| insta::assert_snapshot!(name, help));
    });
}
