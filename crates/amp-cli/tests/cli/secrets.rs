//! No stream shows a password or a token, however much is said.

use serde_json::{Value, json};

use crate::rig::{PASSWORD, Rig, ran};
use crate::story::node;

// W-A05, W-A06, W-A08, W-A09, W-A10
#[test]
fn the_most_talkative_commands_show_no_secret() {
    let rig = Rig::new();
    let commands: [&[&str]; 9] = [
        &["auth", "login"],
        &["auth", "status"],
        &["assets", "list"],
        &["auth", "refresh"],
        &["api", "GET", "/assets/nothing"],
        &["api", "POST", "/user/obtain_token", "--data", "{}"],
        &["assets", "lock", "nothing"],
        &["auth", "logout"],
        &["assets", "list"],
    ];
    let mut said = String::new();
    let mut tokens = Vec::new();
    for words in commands {
        let ran = rig.run_as_user(&[words, &["-vv"]].concat());
        said += &format!("{}{}", ran.stdout, ran.stderr);
        if rig.token_file().exists() {
            tokens.push(rig.stored_token());
        }
    }
    // What this one prints is the token, so only its messages must not.
    said += &rig.run_as_user(&["auth", "token", "-vv"]).stderr;
    tokens.push(rig.stored_token());
    assert!(said.contains("DEBUG"), "little was logged: {said}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert!(tokens.len() > 3);
    for token in tokens {
        assert!(!said.contains(&token[..8]), "{said}");
    }
}

/// The passwords that the following test sends.
const CANARIES: [&str; 3] = ["canary-first", "canary-second", "canary-own"];

// W-A05, W-A06, W-A08, W-A09, W-A10
#[test]
fn commands_that_send_passwords_or_blinders_show_none_however_much_is_said() {
    let rig = Rig::logged_in();
    for (file, canary) in ["first", "second", "own"].into_iter().zip(CANARIES) {
        std::fs::write(rig.home().join(file), canary).unwrap();
    }
    let mut said = String::new();
    let mut talk = |words: &[&str]| {
        let ran = rig.run_as_user(&[words, &["-vv", "--json"]].concat());
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains("DEBUG"), "little was logged: {ran:?}");
        said += &format!("{}{}", ran.stdout, ran.stderr);
        serde_json::from_str::<Value>(&ran.stdout).unwrap_or_default()
    };
    let manager = talk(&["managers", "create", "mary", "--password-file", "first"]);
    let manager = manager["id"].to_string();
    let words = [
        "managers",
        "change-password",
        &manager,
        "--password-file",
        "second",
    ];
    talk(&words);

    let gold = json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
        "is_reissuable": true, "reissuance_amount": 2, "reissuance_address": "vjU8reissuance",
    });
    let issued = talk(&["assets", "issue", "--yes", "--data", &gold.to_string()]);
    let asset = issued["asset_uuid"].as_str().unwrap();
    let words = [
        "assets", "reissue", "request", asset, "--amount", "100", "--yes",
    ];
    let reissued = node(&rig, "reissue", &talk(&words));
    std::fs::write(rig.home().join("reissued"), reissued.to_string()).unwrap();
    let words = [
        "assets",
        "reissue",
        "confirm",
        asset,
        "--data",
        "@reissued",
        "--yes",
    ];
    talk(&words);
    let words = [
        "assets", "burn", "request", asset, "--amount", "10", "--yes",
    ];
    let change = node(&rig, "burn", &talk(&words))["change_data"][0].clone();
    let blinders = json!({
        "txid": change["txid"], "vout": change["vout"],
        "asset_blinder": change["assetblinder"], "amount_blinder": change["amountblinder"],
    });
    std::fs::write(rig.home().join("blinders"), blinders.to_string()).unwrap();
    talk(&["assets", "update-blinders", asset, "--data", "@blinders"]);

    let mut hidden = vec![rig.stored_token()];
    talk(&["auth", "change-password", "--password-file", "own"]);
    hidden.push(rig.stored_token());
    assert_ne!(
        hidden[0], hidden[1],
        "the token that came with it is stored"
    );
    hidden.extend(blinders_of(&reissued));
    hidden.extend(blinders_of(&blinders));
    assert!(hidden.len() >= 6, "{} to look for", hidden.len());
    hidden.push(PASSWORD.to_owned());
    hidden.extend(CANARIES.map(str::to_owned));
    for secret in hidden {
        let beginning = &secret[..secret.len().min(12)];
        assert!(!said.contains(beginning), "{beginning}: {said}");
    }
}

/// Every blinder in a report, however deep.
fn blinders_of(report: &Value) -> Vec<String> {
    match report {
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| match value {
                Value::String(text) if name.contains("blinder") => vec![text.clone()],
                _ => blinders_of(value),
            };
            fields.iter().flat_map(one).collect()
        }
        Value::Array(values) => values.iter().flat_map(blinders_of).collect(),
        _ => Vec::new(),
    }
}

// W-A08: a variable of the original that printed requests.
#[test]
fn the_debug_variable_of_the_original_prints_nothing() {
    let rig = Rig::logged_in();
    let ran = ran(rig
        .amp(&["api", "GET", "/info"])
        .env("AMP_DEBUG", "1")
        .env("RUST_LOG", "trace"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
}
