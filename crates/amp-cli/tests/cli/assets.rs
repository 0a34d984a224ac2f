//! `amp assets`: what is shown, what is changed, and what is never done twice.

use serde_json::{Value, json};

use crate::rig::{Rig, ran};

const ISSUE: (&str, &str) = ("POST", "/assets/issue");

fn gold() -> Value {
    json!({
        "name": "Gold coin",
        "amount": 1000,
        "destination_address": "vjU8gold",
        "domain": "gold.example",
        "ticker": "GOLD",
        "pubkey": format!("02{}", "ab".repeat(32)),
    })
}

fn issue_words(asset: &Value) -> Vec<String> {
    let mut words = vec!["assets".to_owned(), "issue".to_owned(), "--yes".to_owned()];
    for (name, value) in asset.as_object().unwrap() {
        words.push(format!("--{}", name.replace('_', "-")));
        words.push(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        );
    }
    words
}

#[test]
fn a_list_is_rows_for_programs_and_an_array_as_json() {
    let rig = Rig::logged_in();
    let rows = rig.run(&["assets", "list"]);
    assert_eq!((rows.code, rows.stderr.as_str()), (Some(0), ""), "{rows:?}");
    let array = rig.run(&["assets", "list", "--json"]).json();
    let array = array.as_array().unwrap();
    assert_eq!(array.len(), rig.sandbox.asset_count());
    for (row, asset) in rows.stdout.lines().zip(array) {
        let cells: Vec<_> = row.split('\t').collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert_eq!(Some(cells[0]), asset["asset_uuid"].as_str());
    }
}

#[test]
fn an_asset_is_locked_and_unlocked() {
    let rig = Rig::logged_in();
    let id = rig.some_asset();
    for (verb, locked) in [("lock", true), ("lock", true), ("unlock", false)] {
        let ran = rig.run(&["assets", verb, &id, "--json"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.json()["is_locked"], locked);
    }
    let shown = rig.run(&["assets", "get", &id]);
    assert!(shown.stdout.contains("locked\tno"), "{shown:?}");
}

#[test]
fn an_asset_is_issued_from_flags_from_a_file_and_from_stdin() {
    let rig = Rig::logged_in();
    let words = issue_words(&gold());
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let issued = ran(rig.amp(&words).args(["--json", "--precision", "2"]));
    assert_eq!(
        (issued.code, issued.stderr.as_str()),
        (Some(0), ""),
        "{issued:?}"
    );
    assert_eq!(
        (&issued.json()["amount"], &issued.json()["precision"]),
        (&1000.into(), &2.into())
    );

    std::fs::write(rig.home().join("gold.json"), gold().to_string()).unwrap();
    let from_file = rig.run(&["assets", "issue", "--yes", "--data", "@gold.json"]);
    assert_eq!(from_file.code, Some(0), "{from_file:?}");
    assert!(from_file.stdout.contains("ticker\tGOLD"), "{from_file:?}");
    let from_stdin = ran(rig
        .amp(&["assets", "issue", "--yes", "--data", "-"])
        .write_stdin(gold().to_string()));
    assert_eq!(from_stdin.code, Some(0), "{from_stdin:?}");
    assert_eq!(rig.sandbox.issued_count(), 3);
}

#[test]
fn a_request_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    let rig = Rig::logged_in();
    let mut unknown_key = gold();
    unknown_key["ammount"] = 1.into();
    let mut nothing = gold();
    nothing["amount"] = 0.into();
    for data in [unknown_key.to_string(), nothing.to_string(), "{".to_owned()] {
        let ran = rig.run(&["assets", "issue", "--yes", "--data", &data]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    }
    assert_eq!(rig.run(&["assets", "get", " "]).code, Some(2));
    assert_eq!(rig.sandbox.total(), 0);
}

// W-A11: real money.
#[test]
fn an_issue_whose_answer_is_lost_is_sent_once_and_says_how_to_look() {
    let rig = Rig::logged_in();
    for fault in ["reset-after", "half-body", "504-after", "truncated-json"] {
        rig.sandbox.reset();
        assert_eq!(rig.run_as_user(&["auth", "login"]).code, Some(0));
        rig.inject(&format!("POST /assets/issue={fault}"));
        let ran = rig.run(&["assets", "issue", "--yes", "--data", &gold().to_string()]);
        assert!(matches!(ran.code, Some(1 | 7 | 8)), "{fault}: {ran:?}");
        assert_eq!(rig.sandbox.count(ISSUE.0, ISSUE.1), 1, "{fault}");
        assert_eq!(rig.sandbox.issued_count(), 1, "{fault}");
        assert!(ran.stderr.contains("may exist"), "{fault}: {ran:?}");
        assert!(ran.stderr.contains("amp assets list"), "{fault}: {ran:?}");
    }
}

#[test]
fn an_issue_that_was_certainly_not_processed_warns_of_nothing() {
    let rig = Rig::logged_in();
    rig.inject("POST /assets/issue=429:1");
    let ran = rig.run(&["assets", "issue", "--yes", "--data", &gold().to_string()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(rig.sandbox.count(ISSUE.0, ISSUE.1), 2);
    assert_eq!(rig.sandbox.issued_count(), 1);
}

// W-A11: whoever reads the exit code alone would issue it again.
#[cfg(target_os = "linux")]
#[test]
fn an_asset_that_was_issued_but_not_printed_is_named_on_stderr() {
    let rig = Rig::logged_in();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let data = gold().to_string();
    let output = rig
        .process_as_user(&["assets", "issue", "--yes", "--data", &data])
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("The asset was issued: "), "{said}");
    assert_eq!(rig.sandbox.issued_count(), 1);
}
