//! Every test suite: what it runs and what it cannot run without.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use crate::tools::Tool;

/// When a suite runs without being named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    /// On every change.
    PullRequest,
    /// With `--all`, or when named.
    Extended,
}

/// A named set of tests.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// What to hand to `cargo test`. Always the whole workspace, so that every suite uses the same features of the
    /// dependencies and they are built once; but for a suite with a build of its own.
    pub(crate) args: &'static [&'static str],
    /// Whether the test programs in `crates/*/tests` belong to it.
    pub(crate) takes_crate_tests: bool,
    /// The test programs that are the suite; without one of them the suite does not exist.
    pub(crate) files: &'static [&'static str],
    pub(crate) size: Size,
    /// Variables it cannot run without, with the value each must have.
    pub(crate) needs: &'static [Variable],
    /// Programs it cannot run without.
    pub(crate) tools: &'static [Tool],
    /// What it is compiled with, in a target directory of its own so that everyday builds stay warm.
    pub(crate) compiled_with: &'static [(&'static str, &'static str)],
}

/// An environment variable a suite needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    /// The one accepted value; `None` is any text that is not empty.
    pub(crate) value: Option<&'static str>,
}

/// The suites, in the order they run: cheap and basic ones first.
pub(crate) const SUITES: &[Suite] = &[
    Suite {
        about: "tests beside the code, and of one crate's public API",
        args: &["--workspace", "--lib", "--bins", "--examples"],
        takes_crate_tests: true,
        ..suite("unit")
    },
    Suite {
        about: "examples in the documentation",
        args: &["--workspace", "--doc"],
        ..suite("doc")
    },
    Suite {
        about: "promises and settings, against mock servers and the sandbox",
        args: &["--workspace", "--test", "contract"],
        files: &["tests/tests/contract.rs"],
        ..suite("contract")
    },
    Suite {
        about: "the amp command as a process",
        args: &["--workspace", "--test", "cli"],
        files: &["crates/amp-cli/tests/cli/main.rs"],
        tools: &[CURL],
        ..suite("cli")
    },
    Suite {
        about: "whole journeys on the sandbox, and what their log does not tell",
        args: &["--workspace", "--test", "e2e", "--test", "secrets"],
        files: &["tests/tests/e2e.rs", "tests/tests/secrets.rs"],
        ..suite("e2e")
    },
    Suite {
        about: "everything that can go wrong on the network, in memory and on a paused clock",
        args: &["--workspace", "--test", "faults"],
        files: &["tests/tests/faults/main.rs"],
        ..suite("faults")
    },
    Suite {
        about: "death, errors of the system and power cuts at any step of the file stores",
        args: &["--workspace", "--test", "crash", "--test", "file_store"],
        files: &["tests/tests/crash/main.rs", "tests/tests/file_store.rs"],
        tools: TRACERS,
        ..suite("crash")
    },
    Suite {
        about: "many tasks and processes that share one token",
        args: &["--workspace", "--test", "herd"],
        files: &["tests/tests/herd/main.rs"],
        ..suite("herd")
    },
    Suite {
        about: "the Redis store on a server that is killed, wiped and taken away, and amp on it",
        args: &[
            "--workspace",
            "--features",
            "amp-cli/redis",
            "--test",
            "redis",
        ],
        files: &[
            "tests/tests/redis/main.rs",
            "crates/amp-cli/tests/redis/main.rs",
        ],
        tools: &[REDIS_SERVER, OPENSSL],
        ..suite("redis")
    },
    Suite {
        about: "token manager, pause gate and breaker under every order of their threads, or 200,000",
        args: &[
            "--package",
            "retry",
            "--package",
            "token-manager",
            "--lib",
            "models::",
        ],
        files: &[
            "crates/retry/src/models.rs",
            "crates/token-manager/src/models.rs",
        ],
        size: Size::Extended,
        // Optimised, it runs ten times as many orders in the same time.
        compiled_with: &[
            ("RUSTFLAGS", "--cfg shuttle"),
            ("CARGO_PROFILE_DEV_OPT_LEVEL", "2"),
            ("CARGO_PROFILE_DEV_DEBUG", "false"),
        ],
        ..suite("model")
    },
    Suite {
        about: "the layers of retry around reqwest and tonic, which only this builds",
        args: &[
            "--manifest-path",
            "tests/peers/layers/Cargo.toml",
            "--examples",
        ],
        files: &["tests/peers/layers/Cargo.toml"],
        size: Size::Extended,
        compiled_with: &[("CARGO_PROFILE_DEV_DEBUG", "false")],
        ..suite("layers")
    },
    Suite {
        about: "requests that schemathesis makes up from the description of the service, against the sandbox",
        args: &["--workspace", "--test", "schemathesis"],
        files: &["tests/tests/schemathesis/main.rs"],
        size: Size::Extended,
        tools: &[SCHEMATHESIS],
        ..suite("schemathesis")
    },
    Suite {
        about: "the keyring of the operating system, in a session of its own",
        args: &[
            "--workspace",
            "--features",
            "integration-tests/keyring,amp-cli/keyring",
            "--test",
            "keyring",
        ],
        files: &["tests/tests/keyring.rs", "crates/amp-cli/tests/keyring.rs"],
        size: Size::Extended,
        tools: &[DBUS, GNOME_KEYRING],
        ..suite("keyring")
    },
    Suite {
        about: "a real AMP account",
        args: &[
            "--workspace",
            "--features",
            "integration-tests/live",
            "--test",
            "live",
        ],
        files: &["tests/tests/live.rs"],
        size: Size::Extended,
        needs: &[
            Variable {
                name: "AMP_TESTS",
                value: Some("live"),
            },
            Variable {
                name: "AMP_USERNAME",
                value: None,
            },
            Variable {
                name: "AMP_PASSWORD",
                value: None,
            },
        ],
        ..suite("live")
    },
];

/// Does the steps of the official quick start.
const CURL: Tool = Tool {
    name: "curl",
    probe: &["curl", "--version"],
    install: &["apt-get", "install", "--yes", "curl"],
};

/// apt works for root alone; elsewhere its message says so.
const REDIS_SERVER: Tool = Tool {
    name: "redis-server",
    probe: &["redis-server", "--version"],
    install: &["apt-get", "install", "--yes", "redis-server"],
};

/// Elsewhere the suite has only what needs none.
const TRACERS: &[Tool] = if cfg!(target_os = "linux") {
    &[STRACE]
} else {
    &[]
};

/// Stops the step of a store at any of its calls.
const STRACE: Tool = Tool {
    name: "strace",
    probe: &["strace", "--version"],
    install: &["apt-get", "install", "--yes", "strace"],
};

/// A Python program, in an environment of its own where cargo builds.
const SCHEMATHESIS: Tool = Tool {
    name: "schemathesis",
    probe: &[
        "sh",
        "-c",
        "\"${CARGO_TARGET_DIR:-target}/schemathesis/bin/schemathesis\" --version",
    ],
    install: &[
        "sh",
        "-c",
        "cd \"${CARGO_TARGET_DIR:-target}\" && python3 -m venv schemathesis && \
         schemathesis/bin/pip install schemathesis==4.32.5",
    ],
};

/// Makes the certificates of `docs/operations.md`.
const OPENSSL: Tool = Tool {
    name: "openssl",
    probe: &["openssl", "version"],
    install: &["apt-get", "install", "--yes", "openssl"],
};

/// A message bus of a test's own.
const DBUS: Tool = Tool {
    name: "dbus-run-session",
    probe: &["dbus-run-session", "--version"],
    install: &["apt-get", "install", "--yes", "dbus"],
};

/// A keyring on it.
const GNOME_KEYRING: Tool = Tool {
    name: "gnome-keyring-daemon",
    probe: &["gnome-keyring-daemon", "--version"],
    install: &["apt-get", "install", "--yes", "gnome-keyring"],
};

const fn suite(name: &'static str) -> Suite {
    Suite {
        name,
        about: "",
        args: &[],
        takes_crate_tests: false,
        files: &[],
        size: Size::PullRequest,
        needs: &[],
        tools: &[],
        compiled_with: &[],
    }
}

impl Suite {
    /// The first of the suite's files that is not in the workspace at `root`.
    pub(crate) fn absent(&self, root: &Path) -> Option<&'static str> {
        self.files
            .iter()
            .copied()
            .find(|file| !root.join(file).is_file())
    }

    /// What to hand to `cargo test` in the workspace at `root`.
    pub(crate) fn arguments(&self, root: &Path) -> Vec<String> {
        let mut arguments: Vec<_> = self.args.iter().map(|text| (*text).to_owned()).collect();
        if self.takes_crate_tests {
            for name in crate_tests(root) {
                arguments.extend(["--test".to_owned(), name]);
            }
        }
        arguments
    }

    /// The variables that `environment` does not have as the suite needs them.
    pub(crate) fn missing(&self, environment: impl Fn(&str) -> Option<OsString>) -> Vec<Variable> {
        let lacks = |variable: &&Variable| match (environment(variable.name), variable.value) {
            (None, _) => true,
            (Some(found), Some(wanted)) => found != wanted,
            (Some(found), None) => found.is_empty(),
        };
        self.needs.iter().filter(lacks).copied().collect()
    }
}

/// The names of the test programs in `crates/*/tests`, without those that share their name with a suite: naming a
/// test program runs it in every package, so the suite runs them.
fn crate_tests(root: &Path) -> BTreeSet<String> {
    let files = entries(&root.join("crates"))
        .into_iter()
        .flat_map(|krate| entries(&krate.join("tests")));
    let name = |path: PathBuf| {
        let is_program =
            path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").is_file();
        let stem = path.file_stem()?.to_str()?.to_owned();
        (is_program && SUITES.iter().all(|suite| suite.name != stem)).then_some(stem)
    };
    files.filter_map(name).collect()
}

/// What is in a folder; nothing when there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

impl std::fmt::Display for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> &'static Suite {
        SUITES.iter().find(|suite| suite.name == "live").unwrap()
    }

    fn names(variables: &[Variable]) -> Vec<String> {
        variables.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn live_names_each_variable_it_lacks() {
        let nothing = live().missing(|_| None);
        assert_eq!(
            names(&nothing),
            ["AMP_TESTS=live", "AMP_USERNAME", "AMP_PASSWORD"]
        );
        let wrong = live().missing(|name| (name != "AMP_PASSWORD").then(|| "Live".into()));
        assert_eq!(names(&wrong), ["AMP_TESTS=live", "AMP_PASSWORD"]);
    }

    // live tests only with `AMP_TESTS=live`.
    #[test]
    fn live_runs_with_all_three_variables_and_only_by_request() {
        assert!(live().missing(|_| Some("live".into())).is_empty());
        assert_eq!(live().size, Size::Extended);
    }

    #[test]
    fn an_empty_variable_counts_as_missing() {
        let empty = live().missing(|_| Some(OsString::new()));
        assert_eq!(empty.len(), 3);
    }

    #[test]
    fn every_suite_has_its_own_name() {
        let mut names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }
}
