//! One run of schemathesis, and what it reports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

/// Where `cargo xtask test schemathesis --install` puts it, from where cargo builds.
const INSTALLED: &str = "schemathesis/bin/schemathesis";

const DESCRIPTION: &str = "crates/amp-api/data/amp-api.yaml";

/// The first four are what the sandbox promises; the rest costs nothing.
const CHECKS: &[&str] = &[
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
];

/// What to do in one run. Every run of it does the same.
pub(crate) struct Run {
    arguments: Vec<String>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How many requests were made up.
    pub(crate) generated: usize,
    /// What was wrong; empty when nothing was.
    pub(crate) complaints: Vec<String>,
    /// The operations that took at least one of the requests.
    pub(crate) accepted: Vec<String>,
    pub(crate) output: String,
}

impl Run {
    pub(crate) fn against(base_url: &str, token: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let description = root.join(DESCRIPTION);
        let mut run = Self {
            arguments: Vec::new(),
        };
        run.add(["run", &description.to_string_lossy()])
            .add(["--url", base_url])
            .add(["--header", &format!("Authorization: token {token}")])
            .add(["--checks", &CHECKS.join(",")])
            .add(["--generation-deterministic", "--continue-on-failure"])
            .add(["--no-color", "--warnings", "off"]);
        run
    }

    /// How many cases there are for each operation, those for its limits aside.
    pub(crate) fn examples(&mut self, count: usize) -> &mut Self {
        self.add(["--max-examples", &count.to_string()])
    }

    pub(crate) fn only(&mut self, operation: &str) -> &mut Self {
        self.add(["--include-operation-id", operation])
    }

    pub(crate) fn without(&mut self, operation: &str) -> &mut Self {
        self.add(["--exclude-operation-id", operation])
    }

    pub(crate) fn without_method(&mut self, method: &str) -> &mut Self {
        self.add(["--exclude-method", method])
    }

    fn add<const N: usize>(&mut self, arguments: [&str; N]) -> &mut Self {
        self.arguments.extend(arguments.map(str::to_owned));
        self
    }

    /// Runs it in this folder, which keeps its settings and its report. The places say what is to stand in every path
    /// for a parameter; other parameters are made up.
    pub(crate) async fn within(
        &self,
        folder: &Path,
        places: &BTreeMap<&'static str, Value>,
    ) -> Outcome {
        let (settings_file, report) = (folder.join("settings.toml"), folder.join("report.json"));
        let places = places.iter();
        let settings = places.map(|(name, value)| format!("\"path.{name}\" = {value}\n"));
        let settings: String = ["[parameters]\n".to_owned()]
            .into_iter()
            .chain(settings)
            .collect();
        fs::write(&settings_file, settings).unwrap();
        let run = Command::new(program())
            .arg("--config-file")
            .arg(&settings_file)
            .args(&self.arguments)
            .args(["--report", "json", "--report-json-path"])
            .arg(&report)
            .current_dir(folder)
            .output()
            .await
            .unwrap();
        let output = String::from_utf8_lossy(&run.stdout).into_owned()
            + &String::from_utf8_lossy(&run.stderr);
        let report = fs::read(&report).unwrap_or_else(|error| panic!("{error}: {output}"));
        Outcome::read(&serde_json::from_slice(&report).unwrap(), output)
    }
}

impl Outcome {
    fn read(report: &Value, output: String) -> Self {
        let listed = ["failures", "errors"].map(|key| report[key].as_array().unwrap());
        let mut complaints: Vec<String> =
            listed.into_iter().flatten().map(Value::to_string).collect();
        if report["complete"] != true {
            complaints.push(format!("stopped: {}", report["stop_reason"]));
        }
        let rates = report["valid_rates"].as_object().unwrap().iter();
        let accepted = rates.filter(|(_, phases)| was_accepted(phases));
        Self {
            generated: usize::try_from(report["test_cases"]["generated"].as_u64().unwrap())
                .unwrap(),
            complaints,
            accepted: accepted.map(|(operation, _)| operation.clone()).collect(),
            output,
        }
    }
}

fn was_accepted(phases: &Value) -> bool {
    let mut phases = phases.as_object().unwrap().values();
    phases.any(|phase| phase["accepted"].as_u64().is_some_and(|count| count > 0))
}

fn program() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap().join(INSTALLED)
}
