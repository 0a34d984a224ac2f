//! `amp sandbox` as a process of its own.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::rig::{bare, ran};

struct Service {
    child: Child,
    lines: BufReader<ChildStdout>,
    base_url: String,
}

impl Service {
    /// Ready as soon as its first line is there.
    fn start(words: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_amp"))
            .arg("sandbox")
            .args(words)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut base_url = String::new();
        lines.read_line(&mut base_url).unwrap();
        Self {
            child,
            lines,
            base_url: base_url.trim_end().to_owned(),
        }
    }

    fn end(mut self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut rest = String::new();
        assert_eq!(self.lines.read_line(&mut rest).unwrap(), 0, "{rest}");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Ended already unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_anybody_from_its_first_line_until_a_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let service = Service::start(&["--seed", "3"]);
        let home = tempfile::tempdir().unwrap();
        let mut command = bare(home.path());
        command.args(["--base-url", &service.base_url, "assets", "list"]);
        let listed = ran(command
            .env("AMP_USERNAME", "anybody")
            .env("AMP_PASSWORD", "anything"));
        assert_eq!(listed.code, Some(0), "{listed:?}");
        service.end(signal);
    }
}

#[test]
fn a_signal_right_after_the_first_line_ends_it_in_order() {
    Service::start(&[]).end(Signal::TERM);
}

#[test]
fn its_faults_happen_in_their_order() {
    let service = Service::start(&["--fault", "GET /info=404x", "--fault", "x"]);
    assert_eq!(service.base_url, "", "a fault that makes no sense ends it");
    let service = Service::start(&["--fault", "GET /info=500:json", "--fault", "GET /info=html"]);
    let home = tempfile::tempdir().unwrap();
    let info = |attempts: &str| {
        let mut command = bare(home.path());
        command.env("API_RETRY_MAX_ATTEMPTS", attempts);
        ran(command.args(["--base-url", &service.base_url, "api", "GET", "/info"]))
    };
    assert_eq!(info("1").code, Some(7));
    assert!(info("1").stdout.contains("<html"));
    assert!(info("1").stdout.contains("version"));
    service.end(Signal::TERM);
}

/// What `curl` answers; a suite that has none says so instead of passing.
fn curl(words: &[&str]) -> Value {
    let output = Command::new("curl")
        // Neither the settings nor the proxy of whoever runs the tests.
        .args(["--disable", "--noproxy", "*", "--max-time", "30"])
        .args(["--silent", "--show-error", "--fail"])
        .args(words)
        .output()
        .expect("curl is missing: `cargo xtask test cli --install` installs it");
    assert!(output.status.success(), "{words:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

// W-A39: the steps of the official quick start, which has a slash behind `assets`.
#[test]
fn the_official_quick_start_works_with_curl() {
    let service = Service::start(&["--seed", "3"]);
    let base_url = &service.base_url;
    let json = "Content-Type: application/json";
    let login = r#"{"username": "your_amp_username", "password": "your_amp_password"}"#;
    let url = format!("{base_url}/user/obtain_token");
    let answer = curl(&["--request", "POST", &url, "--header", json, "--data", login]);
    let token = answer["token"].as_str().unwrap();
    assert!(!token.is_empty(), "{answer}");

    let authorization = format!("Authorization: token {token}");
    for path in ["/assets/", "/assets"] {
        let url = format!("{base_url}{path}");
        let assets = curl(&[&url, "--header", json, "--header", &authorization]);
        let assets = assets.as_array().unwrap();
        assert!(!assets.is_empty(), "{path}");
        for asset in assets {
            assert!(asset["asset_uuid"].is_string(), "{asset}");
        }
    }
    service.end(Signal::TERM);
}

#[test]
fn words_that_make_no_sense_are_2() {
    let home = tempfile::tempdir().unwrap();
    for words in [
        &["sandbox", "--fault", "nonsense"][..],
        &["--base-url", "http://localhost/api", "sandbox"],
        &["--store", "file", "demo"],
    ] {
        let ran = ran(bare(home.path()).args(words));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    }
}
