//! Every operation of the service, sent by its command and answered by the embedded service.

use std::collections::BTreeSet;
use std::fs;

use amp_api::operations;
use serde_json::{Value, json};

use crate::rig::{PASSWORD, Rig, USER, ran};
use crate::story::node;

const FIRST: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";
const SECOND: &str = "GA2zxWdhAYtREeYCVFTGRhHQmYMPAP";

/// Somebody who types one command after the other, as a program reads them and as JSON.
struct Walk(Rig);

impl Walk {
    fn does(&self, words: &[&str]) -> String {
        let ran = self.0.run_as_user(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        ran.stdout
    }

    fn reads(&self, words: &[&str]) -> Value {
        let text = self.does(&[words, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    /// A file beside the command, as the value of a flag.
    fn file(&self, name: &str, content: &Value) -> String {
        fs::write(self.0.home().join(name), content.to_string()).unwrap();
        format!("@{name}")
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key}: {value}"))
}

#[test]
fn every_operation_is_sent_by_a_command_and_its_answer_is_understood() {
    let walk = Walk(Rig::logged_in());
    let expected: BTreeSet<_> = operations::ALL
        .iter()
        .map(|operation| {
            let path: Vec<_> = operation.path().split('/').collect();
            let path: Vec<_> = path
                .iter()
                .map(|part| if part.starts_with('{') { "{}" } else { part })
                .collect();
            let path = path.join("/");
            format!("{} {}", operation.method(), path.trim_end_matches('/'))
        })
        .collect();
    people(&walk);
    assets(&walk);
    accounts(&walk);
    let counts = walk.0.sandbox.counts();
    let sent: BTreeSet<_> = counts
        .iter()
        .filter(|count| count.succeeded() > 0)
        .map(|count| count.operation().trim_end_matches('/').to_owned())
        .collect();
    let missing: Vec<_> = expected.difference(&sent).collect();
    assert!(missing.is_empty(), "not sent: {missing:?}");
    assert_eq!(expected.len(), 84);
}

fn people(walk: &Walk) {
    walk.does(&["auth", "login"]);
    walk.does(&["auth", "refresh"]);
    walk.does(&["info"]);
    walk.does(&["changelog"]);
    let assets = walk.reads(&["assets", "list"]);
    let asset = text(&assets[0], "asset_uuid");
    for words in [
        &[
            "users",
            "create",
            "--name",
            "Jane Doe",
            "--gaid",
            FIRST,
            "--company",
        ][..],
        &["users", "create", "--name", "Bob"],
        &["users", "list"],
        &["users", "get", "1"],
        &["users", "edit", "1", "--name", "Jane Roe"],
        &["users", "add-gaid", "1", SECOND],
        &["users", "set-default-gaid", "1", SECOND],
        &["users", "gaids", "1"],
        &[
            "categories",
            "create",
            "--name",
            "Accredited",
            "--description",
            "Checked",
        ],
        &["categories", "create", "--name", "Staff"],
        &["categories", "edit", "1", "--name", "Investors"],
        &["users", "add-categories", "1", "1", "2"],
        &["users", "remove-categories", "1", "1", "2"],
        &["categories", "add-user", "1", "1"],
        &["categories", "add-asset", "1", asset],
        &["categories", "get", "1"],
        &["categories", "list"],
        &["categories", "remove-user", "1", "1"],
        &["categories", "remove-asset", "1", asset],
        &["categories", "delete", "2", "--yes"],
        &["gaids", "validate", FIRST],
        &["gaids", "address", FIRST],
        &["gaids", "user", FIRST],
        &["gaids", "balance", FIRST],
        &["gaids", "balance", FIRST, "--asset", asset],
        &["users", "delete", "2", "--yes"],
    ] {
        walk.does(words);
    }
}

fn assets(walk: &Walk) {
    let gold = json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
        "is_reissuable": true, "reissuance_amount": 2, "reissuance_address": "vjU8reissuance",
    });
    let issued = walk.reads(&["assets", "issue", "--yes", "--data", &gold.to_string()]);
    let asset = text(&issued, "asset_uuid");
    for words in [
        &["assets", "get", asset][..],
        &[
            "assets",
            "edit",
            asset,
            "--issuer-authorization-endpoint",
            "https://sandbox.example/authorize",
        ],
        &["assets", "register", asset, "--yes"],
        &["assets", "register", asset, "--yes"],
        &["assets", "register-authorized", asset, "--yes"],
        &["assets", "register-authorized", asset, "--yes"],
        &["assets", "lock", asset],
        &["assets", "unlock", asset],
        &["assets", "memo", "set", asset, "For friends"],
        &["assets", "treasury", "add", asset, "vjU8another"],
        &["assets", "treasury", "list", asset],
        &[
            "assets",
            "treasury",
            "delete",
            asset,
            "vjU8another",
            "--yes",
        ],
    ] {
        walk.does(words);
    }
    assert_eq!(
        walk.does(&["assets", "memo", "get", asset]),
        "For friends\n"
    );
    distributions(walk, asset);
    supply(walk, asset);
    looks(walk, asset);
    walk.does(&["assets", "delete", asset, "--yes"]);
}

fn distributions(walk: &Walk, asset: &str) {
    let vested = ["--vesting-timestamp", "1", "--ready"];
    for _ in 0..2 {
        let one = [
            "assignments",
            "create",
            asset,
            "--user",
            "1",
            "--amount",
            "250",
        ];
        walk.does(&[&one[..], &vested].concat());
    }
    let all = walk.reads(&["assignments", "list", asset, "--open"]);
    let [first, second] = [0, 1].map(|at: usize| all[at]["id"].to_string());
    walk.does(&["assignments", "get", asset, &first]);
    walk.does(&["assignments", "lock", asset, &first]);
    walk.does(&["assignments", "unlock", asset, &first]);
    walk.does(&["assignments", "delete", asset, &second, "--yes"]);
    let cancelled = walk.reads(&["distributions", "create", asset]);
    let uuid = text(&cancelled, "distribution_uuid");
    walk.does(&["distributions", "cancel", asset, uuid, "--yes"]);
    let orders = walk.reads(&["distributions", "create", asset]);
    let uuid = text(&orders, "distribution_uuid");
    let report = node(&walk.0, "send", &orders);
    walk.does(&["assets", "lost-outputs", asset]);
    let transaction = walk.file("tx.json", &report["tx_data"]);
    let change = walk.file("change.json", &report["change_data"]);
    walk.does(&[
        "distributions",
        "confirm",
        asset,
        uuid,
        "--tx-data",
        &transaction,
        "--change-data",
        &change,
        "--yes",
    ]);
    walk.does(&["distributions", "get", asset, uuid]);
    walk.does(&["distributions", "list", asset]);
}

fn supply(walk: &Walk, asset: &str) {
    let orders = walk.reads(&[
        "assets", "reissue", "request", asset, "--amount", "100", "--yes",
    ]);
    let report = walk.file("reissued.json", &node(&walk.0, "reissue", &orders));
    walk.does(&[
        "assets", "reissue", "confirm", asset, "--data", &report, "--yes",
    ]);
    walk.does(&["assets", "reissue", "list", asset]);
    let orders = walk.reads(&[
        "assets", "burn", "request", asset, "--amount", "10", "--yes",
    ]);
    let report = node(&walk.0, "burn", &orders);
    walk.does(&["assets", "balance", asset]);
    let change = &report["change_data"][0];
    let blinders = json!({
        "txid": change["txid"], "vout": change["vout"],
        "asset_blinder": change["assetblinder"], "amount_blinder": change["amountblinder"],
    });
    let blinders = walk.file("blinders.json", &blinders);
    walk.does(&["assets", "update-blinders", asset, "--data", &blinders]);
    let report = walk.file("burnt.json", &report);
    walk.does(&[
        "assets", "burn", "confirm", asset, "--data", &report, "--yes",
    ]);
}

fn looks(walk: &Walk, asset: &str) {
    for words in [
        &["assets", "summary", asset][..],
        &[
            "assets",
            "activities",
            asset,
            "--start",
            "1",
            "--count",
            "2",
            "--descending",
        ],
        &["assets", "ownerships", asset],
        &[
            "assets",
            "ownerships",
            asset,
            "--height",
            "1",
            "--height-in-path",
        ],
        &["users", "summary", "1"],
    ] {
        walk.does(words);
    }
    let outputs = walk.reads(&["assets", "utxos", "list", asset]);
    let output = format!("{}:{}", text(&outputs[0], "txid"), outputs[0]["vout"]);
    let blacklisted = walk.reads(&["assets", "utxos", "blacklist", asset, &output]);
    assert_eq!(blacklisted[0]["blacklisted"], true);
    walk.does(&["assets", "utxos", "whitelist", asset, &output]);
    let transactions = walk.reads(&["assets", "txs", "list", asset]);
    walk.does(&[
        "assets",
        "txs",
        "get",
        asset,
        text(&transactions[0], "txid"),
    ]);
    let sent = walk.reads(&["tx", "broadcast", "0200000001", "--yes"]);
    walk.does(&["tx", "status", text(&sent, "txid")]);
}

// W-A33: no password is typed as an argument, and none comes back.
fn accounts(walk: &Walk) {
    let assets = walk.reads(&["assets", "list"]);
    let asset = text(&assets[0], "asset_uuid");
    for (name, password) in [
        ("first", "canary-first"),
        ("second", "canary-second"),
        ("own", "canary-own"),
    ] {
        fs::write(walk.0.home().join(name), password).unwrap();
    }
    let manager = walk.reads(&["managers", "create", "mary", "--password-file", "first"]);
    let id = manager["id"].to_string();
    for words in [
        &["managers", "list"][..],
        &["managers", "get", &id],
        &["managers", "lock", &id],
        &["managers", "unlock", &id],
        &["managers", "add-asset", &id, asset],
        &["managers", "remove-asset", &id, asset],
        &["managers", "remove-asset", &id, asset, "--post"],
        &[
            "managers",
            "change-password",
            &id,
            "--password-file",
            "second",
        ],
    ] {
        let said = walk.does(words);
        assert!(!said.contains("canary"), "{words:?}: {said}");
    }
    let mut mary = walk
        .0
        .amp(&["managers", "me", "--store", "memory", "--json"]);
    let mary = ran(mary
        .env("AMP_USERNAME", "mary")
        .env("AMP_PASSWORD", "canary-second"));
    assert_eq!(mary.json()["username"], "mary", "{mary:?}");

    let before = walk.0.stored_token();
    walk.does(&["auth", "change-password", "--password-file", "own"]);
    assert_ne!(
        walk.0.stored_token(),
        before,
        "the token that came with it is stored"
    );
    assert_eq!(walk.0.run(&["assets", "list"]).code, Some(0));
    let old = ran(walk
        .0
        .amp(&["auth", "login"])
        .env("AMP_USERNAME", USER)
        .env("AMP_PASSWORD", PASSWORD));
    assert_eq!(old.code, Some(4), "{old:?}");
}
