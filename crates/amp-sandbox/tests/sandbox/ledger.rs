//! Whatever clients, node and holders do in whatever order, the books balance.

use amp_sandbox::{LedgerRow, NodeCommand};
use serde_json::{Value, json};

use crate::issuer::Issuer;

fn assert_balanced(row: &LedgerRow, step: &str) {
    assert_eq!(
        row.issued() + row.reissued() - row.burned(),
        row.treasury() + row.held() + row.lost(),
        "after {step}: {row:?}"
    );
    assert!(row.distributed() <= row.assigned(), "after {step}: {row:?}");
}

/// One issuer, two holders, and what they have in hand.
struct Play {
    issuer: Issuer,
    rng: fastrand::Rng,
    users: Vec<(i64, String)>,
    /// Reports that may be sent, now or again, with their path.
    reports: Vec<(String, Value)>,
    distributions: Vec<Value>,
}

impl Play {
    async fn new(seed: u64) -> Self {
        let mut issuer = Issuer::new().await;
        let users = vec![issuer.user().await, issuer.user().await];
        Self {
            issuer,
            rng: fastrand::Rng::with_seed(seed),
            users,
            reports: Vec::new(),
            distributions: Vec::new(),
        }
    }

    /// Does one thing; whether it is accepted does not matter.
    async fn step(&mut self) -> &'static str {
        match self.rng.u8(..12) {
            0 | 1 => self.assign().await,
            2 => self.delete_assignment().await,
            3 => self.distribute().await,
            4 => self.send().await,
            5 | 6 => self.report().await,
            7 => self.cancel().await,
            8 => self.reissue().await,
            9 => self.burn().await,
            10 => self.transfer().await,
            _ => self.blacklist().await,
        }
    }

    fn confirmations(&mut self) -> u8 {
        self.rng.u8(..3)
    }

    async fn assign(&mut self) -> &'static str {
        let (user, _) = self.users[self.rng.usize(..2)];
        let amount = self.rng.i64(1..300);
        self.issuer.try_assign(user, amount).await;
        "assign"
    }

    async fn delete_assignment(&mut self) -> &'static str {
        let path = format!("/assignments/{}/delete", self.rng.u8(1..20));
        self.issuer.delete(&path).await;
        "delete"
    }

    async fn distribute(&mut self) -> &'static str {
        let path = self.issuer.path("/distributions/create/");
        let answer = self.issuer.client.get(&path).await;
        if answer.status == 200 {
            self.distributions.push(answer.json());
        }
        "distribute"
    }

    async fn send(&mut self) -> &'static str {
        let Some(mut instructions) = self.rng.choice(&self.distributions).cloned() else {
            return "nothing";
        };
        instructions["confirmations"] = json!(self.confirmations());
        let answer = self.issuer.try_node("send", &instructions).await;
        if answer.status == 200 {
            let uuid = instructions["distribution_uuid"].as_str().unwrap();
            let path = format!("/distributions/{uuid}/confirm");
            self.reports.push((path, answer.json()));
        }
        "send"
    }

    async fn report(&mut self) -> &'static str {
        if let Some((path, report)) = self.rng.choice(&self.reports).cloned() {
            self.issuer.post(&path, &report).await;
        }
        "report"
    }

    async fn cancel(&mut self) -> &'static str {
        if let Some(instructions) = self.rng.choice(&self.distributions).cloned() {
            let uuid = instructions["distribution_uuid"].as_str().unwrap();
            self.issuer
                .delete(&format!("/distributions/{uuid}/cancel"))
                .await;
        }
        "cancel"
    }

    async fn reissue(&mut self) -> &'static str {
        self.order("reissue", "/reissue-confirm").await
    }

    async fn burn(&mut self) -> &'static str {
        self.order("burn", "/burn-confirm").await
    }

    async fn order(&mut self, command: &'static str, confirm: &str) -> &'static str {
        let amount = format!("{:.8}", self.rng.f64() / 100_000.0);
        let confirmations = self.confirmations();
        let asset_id = &self.issuer.asset_id;
        let order =
            json!({ "asset_id": asset_id, "amount": amount, "confirmations": confirmations });
        let answer = self.issuer.try_node(command, &order).await;
        if answer.status == 200 {
            self.reports.push((confirm.to_owned(), answer.json()));
        }
        command
    }

    async fn transfer(&mut self) -> &'static str {
        let from = self.users[self.rng.usize(..2)].1.clone();
        let to = match self.rng.u8(..4) {
            0 => "vjU8stranger".to_owned(),
            1 => "vjU8destination".to_owned(),
            _ => self.users[self.rng.usize(..2)].1.clone(),
        };
        let body = json!({
            "asset_id": self.issuer.asset_id, "from": from, "to": to, "amount": "0.0000002",
            "confirmations": self.confirmations(),
        });
        self.issuer.try_node("transfer", &body).await;
        "transfer"
    }

    async fn blacklist(&mut self) -> &'static str {
        let utxos = self.issuer.get("/utxos").await;
        let Some(utxo) = self.rng.choice(utxos.as_array().unwrap()).cloned() else {
            return "nothing";
        };
        let path = ["/utxos/blacklist", "/utxos/whitelist"][self.rng.usize(..2)];
        let body = json!([{ "txid": utxo["txid"], "vout": utxo["vout"] }]);
        self.issuer.post(path, &body).await;
        "blacklist"
    }
}

#[tokio::test]
async fn the_books_balance_after_every_step_of_any_sequence() {
    let mut seen = [false; 5];
    for seed in 0..40 {
        let mut play = Play::new(seed).await;
        for _ in 0..60 {
            let step = play.step().await;
            let row = play.issuer.ledger();
            assert_balanced(&row, step);
            let sums = [
                row.held(),
                row.lost(),
                row.burned(),
                row.reissued(),
                row.distributed(),
            ];
            seen.iter_mut()
                .zip(sums)
                .for_each(|(seen, sum)| *seen |= sum > 0);
        }
        let owners = play.issuer.get("/ownerships").await;
        let rows = owners.as_array().unwrap().iter();
        let sum: i64 = rows.map(|row| row["amount"].as_i64().unwrap()).sum();
        let row = play.issuer.ledger();
        assert_eq!(sum, row.treasury() + row.held(), "seed {seed}: {owners}");
    }
    assert_eq!(seen, [true; 5], "every kind of sum was moved");
}

#[tokio::test]
async fn the_ledger_and_the_counts_can_be_read_from_outside() {
    let mut issuer = Issuer::new().await;
    issuer.distribute(250).await;
    let rows = issuer
        .client
        .control("GET", "ledger", &json!(null))
        .await
        .json();
    let rows = rows.as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["asset_uuid"] == issuer.uuid)
        .unwrap();
    let expected = json!({
        "asset_uuid": issuer.uuid, "asset_id": issuer.asset_id,
        "issued": 1000, "reissued": 0, "burned": 0,
        "treasury": 750, "held": 250, "lost": 0, "blacklisted": 0,
        "assigned": 250, "distributed": 250, "transactions": 2,
    });
    assert_eq!(*row, expected);
    let counts = issuer
        .client
        .control("GET", "counts", &json!(null))
        .await
        .json();
    let expected = json!([
        { "operation": "GET /assets/{}/distributions/create", "requests": 1, "succeeded": 1 },
        { "operation": "POST /assets/issue", "requests": 1, "succeeded": 1 },
        { "operation": "POST /assets/{}/assignments/create", "requests": 1, "succeeded": 1 },
        { "operation": "POST /assets/{}/distributions/{}/confirm", "requests": 1, "succeeded": 1 },
        { "operation": "POST /registered_users/add", "requests": 1, "succeeded": 1 },
        { "operation": "POST /user/obtain_token", "requests": 1, "succeeded": 1 },
    ]);
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn a_test_can_give_orders_to_the_node_without_a_request() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let before = issuer.sandbox.total();
    let order = instructions.to_string();
    let report = issuer.sandbox.node(NodeCommand::Send, &order).unwrap();
    assert_eq!(issuer.sandbox.total(), before);
    let report = serde_json::from_str(&report).unwrap();
    assert_eq!(issuer.confirm(&instructions, &report).await.status, 200);
    let height = issuer.sandbox.node(NodeCommand::Mine, "{\"blocks\": 5}");
    let next = issuer.sandbox.mine(1);
    assert_eq!(height.unwrap(), format!("{{\"height\":{}}}", next - 1));
    let refused = issuer.sandbox.node(NodeCommand::Burn, "{}").unwrap_err();
    assert!(refused.to_string().contains("asset_id"), "{refused}");
}
