//! Every command: what it sends, its help, its line in the documents.

use std::collections::{BTreeMap, BTreeSet};

use amp_api::operations;
use clap::CommandFactory as _;

use super::*;
use crate::auth::change_password;
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
    "assets edit a --issuer-authorization-endpoint https://a.example",
    "assets delete a",
    "assets register a",
    "assets register-authorized a",
    "assets summary a",
    "assets ownerships a",
    "assets ownerships a --height 5 --height-in-path",
    "assets balance a",
    "assets lost-outputs a",
    "assets activities a --start -5 --count 5 --sort 1 --descending --height-start 1 --height-stop 9",
    "assets txs list a",
    "assets txs get a tx",
    "assets utxos list a",
    "assets utxos blacklist a tx:0 tx:1",
    "assets utxos whitelist a tx:0",
    "assets reissue list a",
    "assets reissue request a --amount 5",
    r#"assets reissue confirm a --data {"details":[],"reissuance_output":{"txid":"tx","vin":0},"listissuances":[]}"#,
    "assets burn request a --amount 5",
    r#"assets burn confirm a --tx-data {"txid":"tx"}"#,
    "assets memo get a",
    "assets memo set a text",
    "assets treasury list a",
    "assets treasury add a vj",
    "assets treasury delete a vj",
    r#"assets update-blinders a --data {"txid":"tx","vout":0,"asset_blinder":"00","amount_blinder":"00"}"#,
    "assignments list a --open",
    "assignments get a 1",
    "assignments create a --user 1 --amount 5",
    "assignments delete a 1",
    "assignments lock a 1",
    "assignments unlock a 1",
    "distributions list a",
    "distributions get a d",
    "distributions create a",
    r#"distributions confirm a d --tx-data {"txid":"tx","details":[]} --change-data [{"txid":"tx","vout":0}]"#,
    "distributions cancel a d",
    "tx broadcast 00",
    "tx status tx",
    "auth change-password --password-file Cargo.toml",
    "users list",
    "users get 1",
    "users create --name Alice",
    "users edit 1 --name Bob",
    "users delete 1",
    "users summary 1",
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

fn wish(command: Command) -> Result<Wish, Failure> {
    match command {
        Command::Assets(noun) => noun.wish(),
        Command::Users(noun) => noun.wish(),
        Command::Gaids(noun) => noun.wish(),
        Command::Categories(noun) => noun.wish(),
        Command::Managers(noun) => noun.wish(),
        Command::Assignments(noun) => noun.wish(),
        Command::Distributions(noun) => noun.wish(),
        Command::Tx(noun) => noun.wish(),
        Command::Auth(AuthCommand::ChangePassword(args)) => change_password::wish(&args),
        Command::Info(_) => service::info(),
        Command::Changelog(_) => service::changelog(),
        other => panic!("{other:?} sends no wish"),
    }
}

/// Calls `visit` with the words and the description of every command that can be run.
fn walk(mut visit: impl FnMut(&str, &mut clap::Command)) {
    walk_all(|words, command| {
        if !command.has_subcommands() {
            visit(words, command);
        }
    });
}

/// The same, with those that only have others below them.
fn walk_all(mut visit: impl FnMut(&str, &mut clap::Command)) {
    fn below(
        words: &str,
        command: &mut clap::Command,
        visit: &mut dyn FnMut(&str, &mut clap::Command),
    ) {
        visit(words, command);
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
    assert_eq!(missing, [""; 0]);
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
    let mut names = BTreeSet::new();
    walk_all(|words, command| {
        let help = command.render_long_help().to_string();
        let name = format!("amp {words}").trim_end().replace(' ', "_");
        names.insert(format!("{name}.snap"));
        settings.bind(|| insta::assert_snapshot!(name, help));
    });
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/help");
    let kept = std::fs::read_dir(kept).unwrap();
    let kept: BTreeSet<_> = kept
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(kept, names, "remove what belongs to no command");
}

/// The table of the document: a line for each command.
fn table() -> String {
    let operations = sent();
    let mut table = "\n| command | what it does | operations |\n|---|---|---|\n".to_owned();
    walk(|words, command| {
        let usage = command.render_usage().to_string();
        let arguments = usage
            .split_once(words)
            .map_or("", |(_, arguments)| arguments);
        let arguments = arguments.replace("[OPTIONS]", "").replace('|', "\\|");
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let line = format!("amp {words} {}", arguments.join(" "));
        let about = command.get_about().map(ToString::to_string);
        let sends: Vec<_> = operations[words].iter().copied().collect();
        table += &format!(
            "| `{}` | {} | {} |\n",
            line.trim_end(),
            about.unwrap_or_default(),
            sends.join(", ")
        );
    });
    table + "\n"
}

#[test]
fn the_document_has_a_line_for_every_command() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- commands -->\n", "<!-- end of commands -->");
    let (head, rest) = document.split_once(begin).unwrap();
    let (old, tail) = rest.split_once(end).unwrap();
    let table = table();
    if old != table && std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{head}{begin}{table}{end}{tail}")).unwrap();
        return;
    }
    assert!(
        old == table,
        "docs/cli.md is out of date: run this test with UPDATE_DOCS=1"
    );
}
