//! The whole story of an issuer, by commands alone: with a service that behaves, and with one that does not.
//!
//! Under faults the issuer does what the messages say: a command that failed without effect is repeated, and where
//! nobody knows, the issuer looks first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use amp_sandbox::NodeCommand;
use serde_json::{Value, json};

use crate::rig::{Ran, Rig};

const HOLDERS: usize = 100;

/// Processes at the same time; they share a token file.
const AT_ONCE: usize = 4;

/// More often than this nothing fails in a row, unless it cannot work.
const PATIENCE: usize = 30;

const ADDRESS: &str =
    "vjTvpDMQx3EQ2bS3pmmy7RivU3QTjGyyJFJy1Y5basdKmwpW3R4YRdsxFNT7B3bPNmJkgKCRCS63AtjR";

/// What is true in the end, whatever happened on the way.
#[derive(Debug, PartialEq)]
struct Story {
    /// The sums of each asset, but for their names.
    books: Vec<Value>,
    /// Units by name of the holder.
    ownerships: BTreeMap<String, i64>,
    /// Units and state by name of the holder.
    assignments: BTreeMap<String, (i64, bool, bool)>,
    distributions: Vec<Value>,
    users: usize,
    is_locked: Value,
}

struct Issuer<'a>(&'a Rig);

impl Issuer<'_> {
    fn run(&self, words: &[&str]) -> Ran {
        self.0.run_as_user(&[words, &["--json", "--yes"]].concat())
    }

    /// A command that may be repeated.
    fn repeat(&self, words: &[&str]) -> Value {
        for _ in 0..PATIENCE {
            let ran = self.run(words);
            if ran.code == Some(0) {
                return ran.json();
            }
            assert_is_passing(&ran);
        }
        panic!("never done: {words:?}");
    }

    /// A command that makes something, which `look` finds where it was made.
    fn make(&self, words: &[&str], look: impl Fn(&Self) -> Option<Value>) -> Value {
        for _ in 0..PATIENCE {
            let ran = self.run(words);
            if ran.code == Some(0) {
                return ran.json();
            }
            assert_is_passing(&ran);
            if let Some(made) = look(self) {
                return made;
            }
        }
        panic!("never made: {words:?}");
    }

    /// The row of a list whose `key` is `value`.
    fn find(&self, list: &[&str], key: &str, value: &str) -> Option<Value> {
        let rows = self.repeat(list);
        let rows = rows.as_array().unwrap();
        let found: Vec<_> = rows.iter().filter(|row| row[key] == value).collect();
        assert!(found.len() <= 1, "made twice: {found:?}");
        found.first().map(|row| (*row).clone())
    }

    /// What a flag reads it from.
    fn file(&self, name: &str, content: &Value) -> String {
        let path = self.0.home().join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        format!("@{}", path.display())
    }

    /// A user with a wallet, in the category.
    fn add_holder(&self, number: usize, gaid: &str, category: &str) -> (i64, String) {
        let name = format!("Holder {number}");
        let words = ["users", "create", "--name", &name, "--gaid", gaid];
        let user = self.make(&words, |issuer| {
            issuer.find(&["users", "list"], "name", &name)
        });
        let id = user["id"].as_i64().unwrap();
        self.repeat(&["categories", "add-user", category, &id.to_string()]);
        (id, name)
    }

    fn add_holders(&self, category: &str) -> BTreeMap<i64, String> {
        let gaids: Vec<_> = (0..HOLDERS).map(|_| self.0.sandbox.new_gaid()).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut added = Vec::new();
            while let Some((number, gaid)) = {
                let number = next.fetch_add(1, Ordering::Relaxed);
                gaids.get(number).map(|gaid| (number, gaid))
            } {
                added.push(self.add_holder(number, gaid, category));
            }
            added
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let added = workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap());
            added.collect()
        })
    }

    /// Units by GAID; what the issuer has itself has none.
    fn holdings(&self, asset: &str) -> Vec<(String, i64)> {
        let rows = self.repeat(&["assets", "ownerships", asset]);
        let rows = rows.as_array().unwrap().iter();
        let row = |row: &Value| Some((row["GAID"].as_str()?.to_owned(), row["amount"].as_i64()?));
        rows.filter_map(row).collect()
    }

    /// One batch; after a failure what is not there yet is the next one.
    fn assign(&self, asset: &str, holders: &BTreeMap<i64, String>) {
        for _ in 0..PATIENCE {
            let there = self.repeat(&["assignments", "list", asset]);
            let there: Vec<_> = there.as_array().unwrap().iter().map(user_of).collect();
            let missing = holders.iter().filter(|(user, _)| !there.contains(user));
            let batch: Vec<_> = missing
                .map(|(user, name)| json!({"registered_user": user, "amount": due(name), "ready_for_distribution": true}))
                .collect();
            if batch.is_empty() {
                return;
            }
            let data = self.file("batch.json", &Value::from(batch));
            let ran = self.run(&["assignments", "create", asset, "--data", &data]);
            if ran.code != Some(0) {
                assert_is_passing(&ran);
            }
        }
        panic!("never all assigned");
    }

    /// Hands out what is ready: the node sends, and that is reported.
    fn distribute(&self, asset: &str) {
        let words = ["distributions", "create", asset];
        let orders = (0..PATIENCE).find_map(|_| {
            let ran = self.run(&words);
            if ran.code == Some(0) {
                return Some(ran.stdout);
            }
            assert_is_passing(&ran);
            // One whose orders were lost is taken back.
            for lost in self
                .repeat(&["distributions", "list", asset])
                .as_array()
                .unwrap()
            {
                if lost["distribution_status"] == "UNCONFIRMED" {
                    let id = lost["distribution_uuid"].as_str().unwrap();
                    self.repeat(&["distributions", "cancel", asset, id]);
                }
            }
            None
        });
        let orders = orders.unwrap();
        let report = self.0.sandbox.node(NodeCommand::Send, &orders).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        let tx_data = self.file("tx.json", &report["tx_data"]);
        let change_data = self.file("change.json", &report["change_data"]);
        let orders: Value = serde_json::from_str(&orders).unwrap();
        let id = orders["distribution_uuid"].as_str().unwrap();
        let words = ["distributions", "confirm", asset, id];
        let data = ["--tx-data", &tx_data, "--change-data", &change_data];
        self.repeat(&[words, data].concat());
    }
}

/// It failed for a while: rate limited, the service, the network; or a token that was new ended
/// before its request arrived.
fn assert_is_passing(ran: &Ran) {
    assert!(matches!(ran.code, Some(4 | 6..=8)), "{ran:?}");
}

/// What a holder is to get.
fn due(name: &str) -> i64 {
    let number = name.rsplit(' ').next().unwrap();
    10 + number.parse::<i64>().unwrap()
}

fn user_of(assignment: &Value) -> i64 {
    assignment["registered_user"].as_i64().unwrap()
}

fn tell(rig: &Rig) -> Story {
    let issuer = Issuer(rig);
    let category = issuer.make(&["categories", "create", "--name", "Holders"], |issuer| {
        issuer.find(&["categories", "list"], "name", "Holders")
    });
    let category = category["id"].to_string();
    let holders = issuer.add_holders(&category);

    let words = [
        ["assets", "issue", "--name", "Harbour Share"].as_slice(),
        &["--amount", "1000000", "--destination-address", ADDRESS],
        &["--domain", "harbour.example", "--ticker", "HARB"],
        &[
            "--pubkey",
            "020202020202020202020202020202020202020202020202020202020202020202",
        ],
        &["--transfer-restricted"],
    ];
    let asset = issuer.make(&words.concat(), |issuer| {
        issuer.find(&["assets", "list"], "ticker", "HARB")
    });
    let asset = asset["asset_uuid"].as_str().unwrap();
    issuer.repeat(&["categories", "add-asset", &category, asset]);

    issuer.assign(asset, &holders);
    let list = issuer.repeat(&["assignments", "list", asset]);
    let last = holders.keys().next_back().unwrap();
    let kept = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| user_of(one) == *last);
    let kept = kept.unwrap()["id"].to_string();
    issuer.repeat(&["assignments", "lock", asset, &kept]);
    issuer.distribute(asset);
    let held = issuer.holdings(asset).len();
    assert_eq!(held, HOLDERS - 1, "the locked one waits");
    issuer.repeat(&["assignments", "unlock", asset, &kept]);
    issuer.distribute(asset);
    issuer.repeat(&["assets", "lock", asset]);

    ending(&issuer, asset, &holders)
}

fn ending(issuer: &Issuer<'_>, asset: &str, holders: &BTreeMap<i64, String>) -> Story {
    let users = issuer.repeat(&["users", "list"]);
    let users = users.as_array().unwrap();
    let name_of = |gaid: &str| {
        let owner = |user: &&Value| user["GAID"] == gaid;
        users.iter().find(owner).unwrap()["name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ownerships = issuer.holdings(asset).into_iter().map(|(gaid, amount)| {
        let balances = issuer.repeat(&["gaids", "balance", &gaid]);
        let balances = balances.as_array().unwrap();
        let balance = balances.iter().find(|row| row["asset_uuid"] == asset);
        assert_eq!(balance.unwrap()["balance"], amount);
        (name_of(&gaid), amount)
    });
    let ownerships = ownerships.collect();
    let assignments = issuer.repeat(&["assignments", "list", asset]);
    let assignments = assignments.as_array().unwrap();
    assert_eq!(assignments.len(), HOLDERS, "none is there twice");
    let state = |one: &Value| {
        let flag = |key: &str| one[key].as_bool().unwrap();
        let amount = one["amount"].as_i64().unwrap();
        let name = holders[&user_of(one)].clone();
        (
            name,
            (
                amount,
                flag("ready_for_distribution"),
                flag("is_distributed"),
            ),
        )
    };
    let assignments = assignments.iter().map(state).collect();
    let distributions = issuer.repeat(&["distributions", "list", asset]);
    let statuses = |row: &Value| row["distribution_status"].clone();
    let distributions = distributions.as_array().unwrap().iter().map(statuses);
    let distributions = distributions.collect();
    let is_locked = issuer.repeat(&["assets", "get", asset])["is_locked"].clone();
    let books = issuer.0.sandbox.ledger();
    let books = books.iter().map(|row| {
        let mut row = serde_json::to_value(row).unwrap();
        let names = row.as_object_mut().unwrap();
        names.retain(|key, _| key != "asset_uuid" && key != "asset_id");
        row
    });
    Story {
        books: books.collect(),
        ownerships,
        assignments,
        distributions,
        users: users.len(),
        is_locked,
    }
}

#[test]
fn an_issuer_gets_the_same_from_a_service_that_fails_as_from_one_that_does_not() {
    let calm = Rig::new();
    let expected = tell(&calm);
    assert_eq!(expected.ownerships.len(), HOLDERS);
    assert_eq!(calm.logins(), 1);

    // Each token is revoked after 2 s, though nobody is told.
    let stormy = Rig::with(|sandbox| sandbox.token_ttl(Duration::from_secs(2)));
    for fault in [
        "reset*5%",
        "reset-after*5%",
        "503*5%",
        "429*1%",
        "POST 429:1",
    ] {
        stormy.inject(fault);
    }
    assert_eq!(tell(&stormy), expected);
    let met = stormy.sandbox.requests();
    let met = |status| {
        met.iter()
            .filter(|request| request.status() == status)
            .count()
    };
    for status in [None, Some(401), Some(429), Some(503)] {
        assert!(met(status) > 0, "it was no storm: {status:?}");
    }
}
