//! Hosts with a home each, one service and one key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use amp_sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const USER: &str = "issuer";
const PASSWORD: &str = "canary-pass-3f9c";

/// The service, and what every host is given.
pub(crate) struct Fleet {
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
    _runtime: Runtime,
}

/// A host of its own: nothing but the environment connects it to others.
pub(crate) struct Host {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What one command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = Sandbox::builder().seed(7).credentials(USER, PASSWORD);
        let fleet = Self {
            sandbox: runtime.block_on(sandbox.start()).unwrap(),
            folder: TempDir::new().unwrap(),
            _runtime: runtime,
        };
        fleet.key("fleet", 'A');
        fleet
    }

    /// A host with this store and the key of the fleet; it knows the user and no password.
    pub(crate) fn host(&self, store: &str) -> Host {
        let host = Host {
            home: TempDir::new().unwrap(),
            variables: Vec::new(),
        };
        let key = self.folder.path().join("fleet").display().to_string();
        host.with("AMP_TOKEN_STORE", store)
            .with("TOKEN_STORE_KEY_FILE", key)
            .with("AMP_USERNAME", USER)
            .with("BASE_URL", self.sandbox.base_url())
    }

    /// Makes a key that only its owner can read.
    pub(crate) fn key(&self, name: &str, letter: char) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, format!("{}=\n", letter.to_string().repeat(43))).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn logins(&self) -> usize {
        self.sandbox.count("POST", "/user/obtain_token")
    }
}

impl Host {
    /// The same with another variable; the last of a name counts.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// The same with the password, which is asked for where no token is.
    pub(crate) fn with_password(self) -> Self {
        self.with("AMP_PASSWORD", PASSWORD)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The command, to be started by the test.
    pub(crate) fn amp(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amp"));
        command.env_clear().current_dir(self.home());
        command
            .env("HOME", self.home())
            .env("XDG_STATE_HOME", self.home().join("state"));
        command
            .env("API_RETRY_BASE_DELAY_MS", "1")
            .env("API_RETRY_MAX_DELAY_MS", "5");
        for (name, value) in &self.variables {
            match *name {
                // As a flag: as a variable, a service on this machine would be a mock.
                "BASE_URL" => command.args(["--base-url", value]),
                name => command.env(name, value),
            };
        }
        command.args(words);
        command
    }

    /// Runs it. No command shows a password or a key, whatever it does.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.amp(words).output().unwrap())
    }

    /// The same for one that must succeed.
    pub(crate) fn ok(&self, words: &[&str]) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        ran
    }

    pub(crate) fn token(&self) -> String {
        self.ok(&["auth", "token"]).stdout.trim().to_owned()
    }

    pub(crate) fn status(&self) -> Value {
        self.ok(&["auth", "status", "--json"]).json()
    }

    /// Whether a file below the home of this host has this text.
    pub(crate) fn has_file_with(&self, text: &str) -> bool {
        has_file_with(self.home(), text)
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let ran = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for secret in [PASSWORD, "change-me", "hunter2", "AAAAAAAA"] {
            let shown = ran.stdout.contains(secret) || ran.stderr.contains(secret);
            assert!(!shown, "{ran:?}");
        }
        ran
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What `doctor --json` found about this.
    pub(crate) fn check(&self, name: &str) -> Value {
        let report = self.json();
        let checks = report["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["check"] == name);
        found.unwrap_or_else(|| panic!("{self:?}")).clone()
    }
}

fn has_file_with(folder: &Path, text: &str) -> bool {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.into_iter().any(|entry| {
        if entry.file_type().unwrap().is_dir() {
            return has_file_with(&entry.path(), text);
        }
        let bytes = fs::read(entry.path()).unwrap();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    })
}
