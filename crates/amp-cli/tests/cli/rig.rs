//! A service, a home directory and an environment for one test.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use amp_sandbox::{Sandbox, SandboxBuilder};
use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const USER: &str = "issuer";

/// Appears nowhere but where a test puts it.
pub(crate) const PASSWORD: &str = "canary-pass-3f9c";

pub(crate) const LOGIN: (&str, &str) = ("POST", "/user/obtain_token");

/// A hung command fails its test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    home: TempDir,
    runtime: Runtime,
}

/// What one command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Rig {
    /// A service that knows one user, and an empty home.
    pub(crate) fn new() -> Self {
        Self::with(|sandbox| sandbox)
    }

    /// The same with a service of another kind.
    pub(crate) fn with(kind: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = kind(Sandbox::builder().seed(7).credentials(USER, PASSWORD));
        Self {
            sandbox: runtime.block_on(sandbox.start()).unwrap(),
            home: tempfile::tempdir().unwrap(),
            runtime,
        }
    }

    /// The same with a stored login, and a clean record.
    pub(crate) fn logged_in() -> Self {
        let rig = Self::new();
        let ran = rig.run_as_user(&["auth", "login"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        rig.sandbox.clear_requests();
        rig
    }

    /// The command with nothing but a home in its environment.
    pub(crate) fn amp(&self, words: &[&str]) -> Command {
        let mut command = bare(self.home.path());
        command
            .args(["--base-url", self.sandbox.base_url()])
            .args(words);
        command
    }

    /// The same to be started by the test itself, with user name and password.
    pub(crate) fn process_as_user(&self, words: &[&str]) -> std::process::Command {
        let mut process = process(self.home.path());
        process
            .args(["--base-url", self.sandbox.base_url()])
            .args(words);
        process
            .env("AMP_USERNAME", USER)
            .env("AMP_PASSWORD", PASSWORD);
        process
    }

    /// The same with user name and password.
    pub(crate) fn amp_as_user(&self, words: &[&str]) -> Command {
        let mut command = self.amp(words);
        command
            .env("AMP_USERNAME", USER)
            .env("AMP_PASSWORD", PASSWORD);
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        ran(&mut self.amp(words))
    }

    pub(crate) fn run_as_user(&self, words: &[&str]) -> Ran {
        ran(&mut self.amp_as_user(words))
    }

    pub(crate) fn inject(&self, fault: &str) {
        self.sandbox.inject(fault.parse().unwrap());
    }

    pub(crate) fn logins(&self) -> usize {
        self.sandbox.count(LOGIN.0, LOGIN.1)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the command keeps its state.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state").join("amp")
    }

    /// The token file of the only login.
    pub(crate) fn token_file(&self) -> PathBuf {
        let status: Value = self.run_as_user(&["auth", "status", "--json"]).json();
        PathBuf::from(status["path"].as_str().unwrap())
    }

    /// The token that the file holds.
    pub(crate) fn stored_token(&self) -> String {
        let text = std::fs::read(self.token_file()).unwrap();
        let record: Value = serde_json::from_slice(&text).unwrap();
        record["token"].as_str().unwrap().to_owned()
    }

    /// The id of an asset that the service has.
    pub(crate) fn some_asset(&self) -> String {
        let assets: Value = self.run_as_user(&["assets", "list", "--json"]).json();
        self.sandbox.clear_requests();
        assets[0]["asset_uuid"].as_str().unwrap().to_owned()
    }

    /// Ends the service; its address stays behind and answers nobody.
    pub(crate) fn stop_service(self) -> (TempDir, String) {
        let base_url = self.sandbox.base_url().to_owned();
        self.runtime.block_on(self.sandbox.shutdown());
        (self.home, base_url)
    }
}

impl Ran {
    /// The only value on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error object, which must be all that is on stderr.
    pub(crate) fn error(&self) -> Value {
        let envelope: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        envelope["error"].clone()
    }
}

/// The command with nothing but this home, and with short pauses between tries.
pub(crate) fn bare(home: &Path) -> Command {
    let mut command = Command::from_std(process(home));
    command.timeout(PATIENCE);
    command
}

/// The same for tests that start it themselves.
pub(crate) fn process(home: &Path) -> std::process::Command {
    let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_amp"));
    let state = home.join("state");
    process.env_clear().current_dir(home);
    process.env("HOME", home).env("XDG_STATE_HOME", state);
    // A keyring of whoever runs the tests is none of ours.
    process.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
    process
        .env("API_RETRY_BASE_DELAY_MS", "1")
        .env("API_RETRY_MAX_DELAY_MS", "5");
    process
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Waits for an event by looking for it.
pub(crate) fn until(what: &str, happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::yield_now();
    }
}
