//! A sandbox to run against, with nothing in it or with one of everything.

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

const GAID: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";

/// The key of an asset that is issued; it is nobody's.
const PUBKEY: &str = "02abababababababababababababababababababababababababababababababab";

/// A running sandbox and what is to be put into paths.
pub(crate) struct Stage {
    sandbox: Sandbox,
    transport: Transport,
    token: String,
    folder: PathBuf,
    /// In the program's own language.
    settings: String,
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
            settings: String::new(),
        };
        let credentials = json!({ "username": DEFAULT_USERNAME, "password": DEFAULT_PASSWORD });
        let answer = stage.ask("POST", "/user/obtain_token", &credentials).await;
        stage.token = answer["token"].as_str().unwrap().to_owned();
        stage
    }

    /// With one of everything that a path can name, which the paths then do.
    pub(crate) async fn furnished(folder: &str) -> Self {
        let mut stage = Self::empty(folder).await;
        let user = json!({ "name": "Jane Doe", "GAID": GAID });
        let user = stage.ask("POST", "/registered_users/add", &user).await;
        let category = json!({ "name": "Accredited" });
        let category = stage.ask("POST", "/categories/add", &category).await;
        let manager = json!({ "username": "mary", "password": "first" });
        let manager = stage.ask("POST", "/managers/create", &manager).await;
        let asset = stage.issue().await;
        stage.set("registeredUserId", &user["id"]);
        stage.set("gaid", &json!(GAID));
        stage.set("categoryId", &category["id"]);
        stage.set("managerId", &manager["id"]);
        stage.set("assetUuid", &asset);
        stage
    }

    /// Runs the program against this.
    pub(crate) async fn run(self, describe: impl FnOnce(&mut Run)) -> Outcome {
        let mut run = Run::against(self.sandbox.base_url(), &self.token);
        describe(&mut run);
        let outcome = run.within(&self.folder, &self.settings).await;
        self.sandbox.shutdown().await;
        outcome
    }

    /// The uuid of a new asset.
    async fn issue(&self) -> Value {
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
        issued["asset_uuid"].clone()
    }

    /// Names what stands in every path for this parameter.
    fn set(&mut self, parameter: &str, value: &Value) {
        if self.settings.is_empty() {
            self.settings.push_str("[parameters]\n");
        }
        self.settings += &format!("\"path.{parameter}\" = {value}\n");
    }

    /// Sends a request that has to succeed.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("{}{path}", self.sandbox.base_url()))
            .header(AUTHORIZATION, format!("token {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.transport.clone().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }
}
