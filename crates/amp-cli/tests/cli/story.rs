//! The issuer's whole day through the command alone: from a user to what that user holds.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::rig::{Ran, Rig, bare, ran};

/// What was typed, and what a terminal showed.
struct Session<'a> {
    rig: &'a Rig,
    text: String,
}

impl Session<'_> {
    /// Types these words at a terminal of 140 columns; what comes of it must be a success.
    fn types(&mut self, words: &[&str]) {
        let (code, shown) = crate::terminal::shown(self.rig, words, 140, &[("NO_COLOR", "1")]);
        assert_eq!(code, Some(0), "{words:?}: {shown}");
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let _ = write!(
            self.text,
            "$ amp {}\n{}\n",
            words.join(" "),
            timeless(&shown)
        );
    }

    /// The same for a result that is needed later.
    fn reads(&self, words: &[&str]) -> Value {
        let ran = self.rig.run(&[words, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        ran.json()
    }
}

fn quoted(word: &str) -> String {
    match word.contains([' ', '"']) {
        true => format!("'{word}'"),
        false => word.to_owned(),
    }
}

/// The text with every moment as the same one.
fn timeless(text: &str) -> String {
    let mut rest = text;
    let mut timeless = String::new();
    while let Some(at) = rest.find("T").filter(|at| *at < rest.len()) {
        let is_moment = at >= 10
            && rest.get(at - 10..at).is_some_and(is_date)
            && rest
                .get(at + 1..at + 9)
                .is_some_and(|time| time.matches(':').count() == 2);
        if !is_moment {
            timeless += &rest[..=at];
            rest = &rest[at + 1..];
            continue;
        }
        timeless += &rest[..at - 10];
        timeless += "2026-11-21T12:00:00";
        rest = &rest[at + 9..];
        let fraction = rest.find(|letter: char| letter != '.' && !letter.is_ascii_digit());
        rest = &rest[fraction.unwrap_or(rest.len())..];
    }
    timeless + rest
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// What the simulated node answers.
pub(crate) fn node(rig: &Rig, command: &str, body: &Value) -> Value {
    let root = rig.sandbox.base_url().trim_end_matches("/api");
    let path = format!("/_sandbox/node/{command}");
    let data = body.to_string();
    let words = [
        "--base-url",
        root,
        "api",
        "POST",
        &path,
        "--no-auth",
        "--data",
        &data,
    ];
    let ran = ran(bare(rig.home()).args(words));
    assert_eq!(ran.code, Some(0), "{command}: {ran:?}");
    ran.json()
}

fn id(value: &Value) -> String {
    value["id"].to_string()
}

/// What a day left behind.
struct Day {
    asset: String,
    gaid: String,
    category: String,
    user: String,
    assignment: String,
    distribution: String,
}

/// From users to what they hold.
fn a_day(session: &mut Session<'_>) -> Day {
    let rig = session.rig;
    let mut users = Vec::new();
    for name in ["Ann", "Ben", "Cy"] {
        let gaid = rig.sandbox.new_gaid();
        users.push(session.reads(&["users", "create", "--name", name, "--gaid", &gaid]));
    }
    session.types(&["users", "list"]);
    let category = id(&session.reads(&["categories", "create", "--name", "Qualified"]));
    for user in &users {
        session.reads(&["categories", "add-user", &category, &id(user)]);
    }
    session.types(&["categories", "get", &category]);

    let gold = json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
        "transfer_restricted": true,
    });
    let issued = session.reads(&["assets", "issue", "--yes", "--data", &gold.to_string()]);
    let asset = issued["asset_uuid"].as_str().unwrap();
    session.types(&["assets", "get", asset]);
    session.reads(&["categories", "add-asset", &category, asset]);

    let batch = batch(
        users
            .iter()
            .zip([100, 200, 300])
            .map(|(user, amount)| (&user["id"], amount)),
    );
    std::fs::write(rig.home().join("batch.json"), batch).unwrap();
    session.types(&["assignments", "create", asset, "--data", "@batch.json"]);

    let instructions = session.reads(&["distributions", "create", asset]);
    let distribution = instructions["distribution_uuid"].as_str().unwrap();
    let report = node(rig, "send", &instructions);
    std::fs::write(rig.home().join("report.json"), report.to_string()).unwrap();
    session.types(&[
        "distributions",
        "confirm",
        asset,
        distribution,
        "--data",
        "@report.json",
        "--yes",
    ]);
    let assignments = session.reads(&["assignments", "list", asset]);
    Day {
        asset: asset.to_owned(),
        gaid: users[0]["GAID"].as_str().unwrap().to_owned(),
        category,
        user: id(&users[0]),
        assignment: id(&assignments[0]),
        distribution: distribution.to_owned(),
    }
}

/// Assignments as a batch, ready for distribution.
fn batch<'a>(all: impl Iterator<Item = (&'a Value, i64)>) -> String {
    let one = |(user, amount)| json!({"registered_user": user, "amount": amount, "ready_for_distribution": true});
    Value::from_iter(all.map(one)).to_string()
}

#[test]
fn an_issuer_goes_from_users_to_what_they_hold_with_the_command_alone() {
    let rig = Rig::logged_in();
    let mut session = Session {
        rig: &rig,
        text: String::new(),
    };
    let Day { asset, gaid, .. } = a_day(&mut session);
    for words in [
        &["distributions", "list", &asset][..],
        &["assets", "ownerships", &asset],
        &["assets", "summary", &asset],
        &["assets", "activities", &asset],
        &["gaids", "balance", &gaid],
    ] {
        session.types(words);
    }
    let owners = session.reads(&["assets", "ownerships", &asset]);
    let amounts: Vec<_> = owners
        .as_array()
        .unwrap()
        .iter()
        .map(|owner| owner["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts.iter().sum::<i64>(), 1000);
    for amount in [100, 200, 300, 400] {
        assert!(amounts.contains(&amount), "{amounts:?}");
    }
    compare_with_document(&session.text);
}

/// What each command that only looks shows at a terminal, and as JSON.
#[test]
fn tables_and_json_of_every_noun_stay_as_they_are() {
    let rig = Rig::logged_in();
    let mut session = Session {
        rig: &rig,
        text: String::new(),
    };
    let Day {
        asset,
        gaid,
        category,
        user,
        assignment,
        distribution,
    } = &a_day(&mut session);
    session.reads(&["assets", "memo", "set", asset, "From the vault"]);
    session.reads(&["assets", "treasury", "add", asset, "vjTreasury"]);
    let password = rig.home().join("password");
    std::fs::write(&password, "canary-manager").unwrap();
    let password = password.to_str().unwrap();
    let manager = session.reads(&["managers", "create", "mia", "--password-file", password]);
    let manager = &id(&manager);
    let nouns: [(&str, &[&[&str]]); 8] = [
        (
            "users",
            &[
                &["list"],
                &["get", user],
                &["gaids", user],
                &["summary", user],
            ],
        ),
        (
            "gaids",
            &[
                &["validate", gaid],
                &["validate", "GAnone"],
                &["user", gaid],
                &["balance", gaid],
                &["balance", gaid, "--asset", asset],
            ],
        ),
        ("categories", &[&["list"], &["get", category]]),
        ("managers", &[&["list"], &["get", manager]]),
        (
            "assets",
            &[
                &["list"],
                &["get", asset],
                &["summary", asset],
                &["ownerships", asset],
                &["balance", asset],
                &["lost-outputs", asset],
                &["activities", asset, "--count", "2"],
                &["txs", "list", asset],
                &["utxos", "list", asset],
                &["reissue", "list", asset],
                &["memo", "get", asset],
                &["treasury", "list", asset],
            ],
        ),
        (
            "assignments",
            &[&["list", asset], &["get", asset, assignment]],
        ),
        (
            "distributions",
            &[&["list", asset], &["get", asset, distribution]],
        ),
        ("info", &[&[]]),
    ];
    let settings = snapshots();
    for (noun, verbs) in nouns {
        session.text.clear();
        for verb in verbs {
            let words = [&[noun], *verb].concat();
            session.types(&words);
            let json = rig.run(&[&words[..], &["--json"]].concat());
            let shown = timeless(&json.stdout);
            let _ = writeln!(session.text, "$ amp {} --json\n{shown}", words.join(" "));
        }
        settings.bind(|| insta::assert_snapshot!(noun, session.text));
    }
}

/// Where what is shown is kept.
fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/output");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// The same for commands that change something: each is given once at a terminal and once for programs.
#[test]
fn tables_and_json_of_what_is_done_stay_as_they_are() {
    let rig = Rig::logged_in();
    let mut session = Session {
        rig: &rig,
        text: String::new(),
    };
    let gold = json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
        "is_reissuable": true, "reissuance_amount": 2, "reissuance_address": "vjU8reissuance",
    });
    let gold = gold.to_string();
    let issued = session.reads(&["assets", "issue", "--yes", "--data", &gold]);
    let asset = issued["asset_uuid"].as_str().unwrap();
    let gaid = rig.sandbox.new_gaid();
    let user = id(&session.reads(&["users", "create", "--name", "Ann", "--gaid", &gaid]));
    let sent = session.reads(&["tx", "broadcast", "0200000001", "--yes"]);
    let commands: [&[&str]; 8] = [
        &["changelog"],
        &["gaids", "address", &gaid],
        &["assets", "issue", "--yes", "--data", &gold],
        &[
            "assets", "reissue", "request", asset, "--amount", "100", "--yes",
        ],
        &[
            "assets", "burn", "request", asset, "--amount", "10", "--yes",
        ],
        &[
            "assignments",
            "create",
            asset,
            "--user",
            &user,
            "--amount",
            "5",
            "--ready",
        ],
        &["tx", "broadcast", "0200000002", "--yes"],
        &["tx", "status", sent["txid"].as_str().unwrap()],
    ];
    for words in commands {
        session.types(words);
        let json = rig.run(&[words, &["--json"]].concat());
        assert_eq!(json.code, Some(0), "{words:?}: {json:?}");
        let shown = timeless(&json.stdout);
        let _ = writeln!(session.text, "$ amp {} --json\n{shown}", words.join(" "));
    }
    let shown = session
        .text
        .replace(rig.sandbox.base_url(), "http://127.0.0.1:8787/api");
    snapshots().bind(|| insta::assert_snapshot!("done", shown));
}

/// The session is in the documents as it was.
fn compare_with_document(session: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (begin, end) = (
        "<!-- session -->\n```console\n",
        "```\n<!-- end of session -->",
    );
    let (head, rest) = document.split_once(begin).unwrap();
    let (old, tail) = rest.split_once(end).unwrap();
    let session = session.trim_end().to_owned() + "\n";
    if old != session && std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{head}{begin}{session}{end}{tail}")).unwrap();
        return;
    }
    assert!(
        old == session,
        "docs/cli.md is out of date: run this test with UPDATE_DOCS=1\n{session}"
    );
}

/// An asset with a treasury, and users to assign to.
fn issued(rig: &Rig, users: usize) -> (String, Vec<i64>) {
    let asset = rig.some_asset();
    let user = |number: usize| {
        let (name, gaid) = (format!("User {number}"), rig.sandbox.new_gaid());
        let user = rig.run(&[
            "users", "create", "--name", &name, "--gaid", &gaid, "--json",
        ]);
        user.json()["id"].as_i64().unwrap()
    };
    (asset, (0..users).map(user).collect())
}

fn assign(rig: &Rig, asset: &str, users: &[i64]) -> Ran {
    let batch: Vec<_> = users
        .iter()
        .map(|user| json!({"registered_user": user, "amount": 5}))
        .collect();
    rig.run(&[
        "assignments",
        "create",
        asset,
        "--data",
        &json!(batch).to_string(),
        "--json",
    ])
}

// W-A24, A-71
#[test]
fn a_batch_that_ends_in_the_middle_says_what_was_done_what_may_be_and_what_was_not_tried() {
    let rig = Rig::logged_in();
    let (asset, mut users) = issued(&rig, 3);
    users.insert(2, 999_999);
    let ran = assign(&rig, &asset, &users);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let outcome = ran.json();
    let created = outcome["created"].as_array().unwrap();
    let whom: Vec<_> = created
        .iter()
        .map(|one| one["registered_user"].as_i64().unwrap())
        .collect();
    assert_eq!(whom, users[..2]);
    assert_eq!(outcome["failed"]["index"], 2);
    assert_eq!(outcome["failed"]["may_exist"], false);
    assert_eq!(outcome["failed"]["assignment"]["registered_user"], 999_999);
    let rest = json!([{"registered_user": users[3], "amount": 5}]);
    assert_eq!(outcome["not_tried"], rest);
    let said = ran.error()["message"].as_str().unwrap().to_owned();
    assert!(said.contains("2 created; number 3"), "{said}");
    assert!(said.contains("was not created; 1 not tried"), "{said}");

    rig.inject("POST /assets/*/assignments/create=reset-after");
    let lost = assign(&rig, &asset, &users[..2]);
    assert_eq!(lost.code, Some(8), "{lost:?}");
    let outcome = lost.json();
    assert_eq!(outcome["failed"]["may_exist"], true);
    assert_eq!(outcome["created"], json!([]));
    assert!(
        lost.error()["message"]
            .as_str()
            .unwrap()
            .contains("before you create it again")
    );
}

// W-A24: Ctrl-C in the middle of a batch
#[cfg(unix)]
#[test]
fn an_interrupted_batch_says_what_was_done_too() {
    use rustix::process::{Pid, Signal, kill_process};

    let rig = Rig::logged_in();
    let (asset, users) = issued(&rig, 3);
    // Each of them eight times, so that the end is far away.
    let users: Vec<_> = users.repeat(8).into_iter().map(Value::from).collect();
    rig.sandbox.clear_requests();
    let path = format!("/assets/{asset}/assignments/create");
    // Slow enough that there is something left to be interrupted.
    rig.inject("POST /assets/*/assignments/create=latency:200ms*always");
    let data = batch(users.iter().map(|user| (user, 5)));
    let child = rig
        .process_as_user(&["assignments", "create", &asset, "--data", &data, "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    crate::rig::until("the second call", || rig.sandbox.count("POST", &path) == 2);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    let created = outcome["created"].as_array().unwrap();
    let rest = outcome["not_tried"].as_array().unwrap();
    assert!(!created.is_empty() && !rest.is_empty(), "{outcome}");
    assert_eq!(created.len() + 1 + rest.len(), users.len());
    for (one, user) in created.iter().zip(&users) {
        assert_eq!(one["registered_user"], *user);
    }
    assert_eq!(outcome["failed"]["index"], created.len());
    assert_eq!(outcome["failed"]["may_exist"], true);
}

// W-A24: Ctrl-C while the login before a batch stalls
#[cfg(unix)]
#[test]
fn an_interrupted_batch_says_what_was_done_also_where_a_login_still_runs() {
    use rustix::process::{Pid, Signal, kill_process};

    let rig = Rig::logged_in();
    let (asset, users) = issued(&rig, 3);
    assert_eq!(rig.run(&["auth", "logout"]).code, Some(0));
    rig.sandbox.clear_requests();
    rig.inject("POST /user/obtain_token=stall*always");
    let users: Vec<_> = users.into_iter().map(Value::from).collect();
    let data = batch(users.iter().map(|user| (user, 5)));
    let child = rig
        .process_as_user(&["assignments", "create", &asset, "--data", &data])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    crate::rig::until("the login", || rig.logins() == 1);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("0 created; number 1 "), "{said}");
    assert!(said.contains("2 not tried"), "{said}");
}
