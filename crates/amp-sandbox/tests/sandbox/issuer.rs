//! An issuer with an asset, for tests of what can be done with it.

use amp_sandbox::{LedgerRow, Sandbox};
use serde_json::{Value, json};

use crate::client::{Answer, Client, issuance};

/// An issuer who has issued one asset.
pub(crate) struct Issuer {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
    pub(crate) uuid: String,
    pub(crate) asset_id: String,
    users: usize,
}

impl Issuer {
    /// With 1000 units of an asset that can be reissued.
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::builder().seed(7).in_memory();
        let mut client = Client::logged_in(&sandbox).await;
        let mut request = issuance();
        request["is_reissuable"] = json!(true);
        request["reissuance_amount"] = json!(2);
        request["reissuance_address"] = json!("vjU8reissuance");
        let issued = client.post("/assets/issue", &request).await.json();
        let text = |name: &str| issued[name].as_str().unwrap().to_owned();
        Self {
            uuid: text("asset_uuid"),
            asset_id: text("asset_id"),
            sandbox,
            client,
            users: 0,
        }
    }

    /// A path of the asset.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/assets/{}{rest}", self.uuid)
    }

    pub(crate) async fn get(&mut self, rest: &str) -> Value {
        let answer = self.client.get(&self.path(rest)).await;
        assert_eq!(answer.status, 200, "{rest}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn post(&mut self, rest: &str, body: &Value) -> Answer {
        self.client.post(&self.path(rest), body).await
    }

    pub(crate) async fn put(&mut self, rest: &str) -> Answer {
        self.client.put(&self.path(rest)).await
    }

    pub(crate) async fn delete(&mut self, rest: &str) -> Answer {
        self.client.delete(&self.path(rest)).await
    }

    /// A registered user with a wallet: the id and the GAID.
    pub(crate) async fn user(&mut self) -> (i64, String) {
        let digit = char::from(b"ABCDEFGH"[self.users]);
        self.users += 1;
        let gaid = format!("GA{}", digit.to_string().repeat(27));
        let body = json!({ "name": format!("Holder {digit}"), "GAID": gaid });
        let answer = self.client.post("/registered_users/add", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        (answer.json()["id"].as_i64().unwrap(), gaid)
    }

    /// Asks for an assignment that is ready for distribution.
    pub(crate) async fn try_assign(&mut self, user: i64, amount: i64) -> Answer {
        let assignment =
            json!({ "registered_user": user, "amount": amount, "ready_for_distribution": true });
        let body = json!({ "assignments": [assignment] });
        self.post("/assignments/create", &body).await
    }

    pub(crate) async fn assign(&mut self, user: i64, amount: i64) -> Value {
        let answer = self.try_assign(user, amount).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()[0].clone()
    }

    /// A distribution of all that is assigned: its instructions.
    pub(crate) async fn distribution(&mut self) -> Value {
        self.get("/distributions/create/").await
    }

    /// What the node answers.
    pub(crate) async fn node(&mut self, command: &str, body: &Value) -> Value {
        let answer = self.try_node(command, body).await;
        assert_eq!(answer.status, 200, "{command}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn try_node(&mut self, command: &str, body: &Value) -> Answer {
        let name = format!("node/{command}");
        self.client.control("POST", &name, body).await
    }

    pub(crate) async fn confirm(&mut self, instructions: &Value, report: &Value) -> Answer {
        let uuid = instructions["distribution_uuid"].as_str().unwrap();
        let path = format!("/distributions/{uuid}/confirm");
        self.post(&path, report).await
    }

    /// Sends this many units to a new user by a whole distribution.
    pub(crate) async fn distribute(&mut self, amount: i64) -> (i64, String) {
        let (user, gaid) = self.user().await;
        self.assign(user, amount).await;
        let instructions = self.distribution().await;
        let report = self.node("send", &instructions).await;
        let answer = self.confirm(&instructions, &report).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (user, gaid)
    }

    /// The sums of the asset.
    pub(crate) fn ledger(&self) -> LedgerRow {
        let mut rows = self.sandbox.ledger().into_iter();
        rows.find(|row| row.asset_uuid() == self.uuid).unwrap()
    }
}

/// The one message of a refusal without a field.
pub(crate) fn refusal(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{answer:?}");
    let body = answer.json();
    let message = body["non_field_errors"][0].as_str();
    message.unwrap_or_else(|| panic!("{body}")).to_owned()
}
