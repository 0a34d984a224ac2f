//! A sandbox to run against, with nothing in it or with one of everything.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;
use transport::Transport;

use crate::program::{Outcome, Run};

/// User name and password.
const MANAGER: (&str, &str) = ("mary", "first");

const GAID: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";

/// How the paths begin that steer the sandbox itself.
const CONTROL: &str = "/_sandbox/";

/// The key of an asset that is issued; it is nobody's.
const PUBKEY: &str = "02abababababababababababababababababababababababababababababababab";

/// A running sandbox and what is to be put into paths.
pub(crate) struct Stage {
    sandbox: Sandbox,
    transport: Transport,
    token: String,
    folder: PathBuf,
    places: BTreeMap<&'static str, Value>,
}

impl Stage {
    /// As a sandbox starts; the folder is the run's own.
    pub(crate) async fn empty(folder: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).unwrap();
        let mut stage = Self {
            sandbox: Sandbox::builder().start().await.unwrap(),
            transport: Transport::builder().build().unwrap(),
            token: String::new(),
            folder,
            places: BTreeMap::new(),
        };
        stage.log_in((DEFAULT_USERNAME, DEFAULT_PASSWORD)).await;
        stage
    }

    /// With one of everything that a path can name, which the paths then do.
    pub(crate) async fn furnished(folder: &str) -> Self {
        let mut stage = Self::empty(folder).await;
        let user = json!({ "name": "Jane Doe", "GAID": GAID });
        let user = stage.ask("POST", "/registered_users/add", &user).await;
        let category = json!({ "name": "Accredited" });
        let category = stage.ask("POST", "/categories/add", &category).await;
        let manager = json!({ "username": MANAGER.0, "password": MANAGER.1 });
        let manager = stage.ask("POST", "/managers/create", &manager).await;
        let asset = stage.issue().await;
        let paid = stage.distribute(&asset, &user["id"]).await;
        let open = stage.assign(&asset, &user["id"]).await;
        stage.places = BTreeMap::from([
            ("registeredUserId", user["id"].clone()),
            ("gaid", json!(GAID)),
            ("categoryId", category["id"].clone()),
            ("managerId", manager["id"].clone()),
            ("assetUuid", json!(asset)),
            ("assignmentId", open),
            ("distributionUuid", paid["distribution_uuid"].clone()),
            ("txid", paid["transactions"][0]["txid"].clone()),
            ("blockHeight", json!(1)),
        ]);
        stage
    }

    /// Goes on as a manager who has the asset.
    pub(crate) async fn managed(folder: &str) -> Self {
        let mut stage = Self::furnished(folder).await;
        let (manager, asset) = (stage.named("managerId"), stage.named("assetUuid"));
        let manager = format!("/managers/{manager}");
        let give = format!("{manager}/assets/{asset}/add");
        stage.ask("PUT", &give, &Value::Null).await;
        stage
            .ask("PUT", &format!("{manager}/unlock"), &Value::Null)
            .await;
        stage.log_in(MANAGER).await;
        stage
    }

    /// Runs the program against this.
    pub(crate) async fn run(self, describe: impl FnOnce(&mut Run)) -> Outcome {
        let mut run = Run::against(self.sandbox.base_url(), &self.token);
        describe(&mut run);
        let outcome = run.within(&self.folder, &self.places).await;
        self.sandbox.shutdown().await;
        outcome
    }

    async fn log_in(&mut self, (username, password): (&str, &str)) {
        let credentials = json!({ "username": username, "password": password });
        let answer = self.ask("POST", "/user/obtain_token", &credentials).await;
        self.token = answer["token"].as_str().unwrap().to_owned();
    }

    /// The uuid of a new asset.
    async fn issue(&self) -> String {
        let issuance = json!({
            "name": "Sandbox coin",
            "amount": 1_000_000,
            "destination_address": "vjU8destination",
            "domain": "sandbox.example",
            "ticker": "SBX",
            "pubkey": PUBKEY,
            "is_reissuable": true,
            "reissuance_amount": 1,
            "reissuance_address": "vjU8reissuance",
            "transfer_restricted": true,
        });
        let issued = self.ask("POST", "/assets/issue", &issuance).await;
        issued["asset_uuid"].as_str().unwrap().to_owned()
    }

    /// The id of a new assignment.
    async fn assign(&self, asset: &str, user: &Value) -> Value {
        let assignment =
            json!({ "registered_user": user, "amount": 250, "ready_for_distribution": true });
        let body = json!({ "assignments": [assignment] });
        let path = format!("/assets/{asset}/assignments/create");
        self.ask("POST", &path, &body).await[0]["id"].clone()
    }

    /// A new distribution, paid and confirmed.
    async fn distribute(&self, asset: &str, user: &Value) -> Value {
        self.assign(asset, user).await;
        let path = format!("/assets/{asset}/distributions/create/");
        let orders = self.ask("GET", &path, &Value::Null).await;
        let report = self.ask("POST", "/_sandbox/node/send", &orders).await;
        let uuid = orders["distribution_uuid"].as_str().unwrap();
        let path = format!("/assets/{asset}/distributions/{uuid}/confirm");
        self.ask("POST", &path, &report).await
    }

    /// What stands in every path for this parameter, without quotes.
    fn named(&self, parameter: &str) -> String {
        let place = &self.places[parameter];
        place
            .as_str()
            .map_or_else(|| place.to_string(), str::to_owned)
    }

    /// Sends a request that has to succeed.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let base = match path.starts_with(CONTROL) {
            true => format!("http://{}", self.sandbox.addr()),
            false => self.sandbox.base_url().to_owned(),
        };
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(base + path)
            .header(AUTHORIZATION, format!("token {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.transport.clone().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }
}
