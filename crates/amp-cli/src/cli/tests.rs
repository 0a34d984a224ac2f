use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::*;

mod tree;

fn parse(words: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(words.split(' '))
}

fn refusal(words: &str) -> clap::Error {
    match parse(words) {
        Ok(cli) => panic!("{words}: {cli:?}"),
        Err(error) => error,
    }
}

#[test]
fn the_description_of_the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn flags_of_every_command_may_stand_before_and_behind_it() {
    for words in [
        "amp --json --timeout 5 assets list",
        "amp assets list --timeout 5 --json",
        "amp assets --json list --timeout=5",
    ] {
        let cli = parse(words).unwrap();
        assert!(cli.globals.json, "{words}");
        assert_eq!(cli.globals.timeout, Some(5), "{words}");
    }
}

// what is typed can be read by every process of the machine.
#[test]
fn there_is_no_flag_for_a_password() {
    let error = refusal("amp auth login --password=hunter2");
    assert_eq!(error.kind(), ErrorKind::UnknownArgument);
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn a_store_that_is_not_built_in_is_known_and_its_address_is_not_repeated() {
    let stores = [
        ("file", StoreChoice::Known(StoreKind::File)),
        ("memory", StoreChoice::Known(StoreKind::Memory)),
        ("encrypted", StoreChoice::Known(StoreKind::Encrypted)),
        #[cfg(not(feature = "keyring"))]
        ("keyring", StoreChoice::Missing("keyring")),
        #[cfg(feature = "keyring")]
        ("keyring", StoreChoice::Known(StoreKind::Keyring)),
        #[cfg(not(feature = "redis"))]
        ("redis://:hunter2@host", StoreChoice::Missing("redis")),
    ];
    for (text, expected) in stores {
        let cli = parse(&format!("amp --store {text} auth status")).unwrap();
        assert_eq!(cli.globals.store, Some(expected));
        assert!(!format!("{cli:?}").contains("hunter2"));
    }
    assert_eq!(refusal("amp --store disk auth status").exit_code(), 2);
}

// clap repeats what it refuses, so an address is refused only later.
#[cfg(feature = "redis")]
#[test]
fn an_address_with_a_login_is_refused_without_its_text_and_names_the_variable() {
    let localhost: StoreKind = "redis://localhost".parse().unwrap();
    let cli = parse("amp --store redis://localhost auth status").unwrap();
    assert_eq!(cli.globals.store, Some(StoreChoice::Known(localhost)));
    for (text, reason) in [
        ("rediss://u:hunter2@host", "AMP_TOKEN_STORE"),
        ("redis://hunter2@localhost", "AMP_TOKEN_STORE"),
        ("unix:///run/redis.sock?pass=hunter2", "AMP_TOKEN_STORE"),
        ("redis://:hunter2@host", "needs TLS"),
        ("redis://:hunter2%@host", "a part that it cannot have"),
        ("https://:hunter2@host", "expected memory, file"),
    ] {
        let cli = parse(&format!("amp --store {text} auth migrate --to {text}")).unwrap();
        let shown = format!("{cli:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let Some(StoreChoice::Refused(why)) = &cli.globals.store else {
            panic!("{shown}");
        };
        assert!(why.contains(reason), "{why}");
    }
}

#[test]
fn an_asset_is_described_by_all_required_flags_or_by_data_alone() {
    let flags = "--name Gold --amount 5 --destination-address vj --domain a.example --ticker GLD --pubkey 02";
    assert!(parse(&format!("amp assets issue {flags}")).is_ok());
    assert!(parse("amp assets issue --data -").is_ok());
    let half = refusal("amp assets issue --name Gold");
    assert_eq!(half.kind(), ErrorKind::MissingRequiredArgument);
    let both = refusal(&format!("amp assets issue --data {{}} {flags}"));
    assert_eq!(both.kind(), ErrorKind::ArgumentConflict);
}

#[test]
fn methods_are_read_in_any_case_and_nonsense_is_a_usage_error() {
    let cli = parse("amp api put /assets/a/lock").unwrap();
    assert!(matches!(cli.command, Command::Api(args) if args.method == Method::PUT));
    for words in [
        "amp",
        "amp nonsense",
        "amp api G@T /info",
        "amp assets get",
        "amp --timeout 0 auth token",
        "amp --timeout 18446744073709551615 auth token",
        "amp sandbox --port 70000",
        "amp sandbox --token-ttl 0",
        "amp auth migrate",
        "amp auth migrate --to memory",
        "amp auth login --password-stdin --password-file p",
    ] {
        assert_eq!(refusal(words).exit_code(), 2, "{words}");
    }
}
