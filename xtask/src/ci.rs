//! `cargo xtask ci`: everything a change must pass, with the time each step takes.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    flags,
    summary::{Outcome, Row, Summary},
    test, tidy,
    tools::{self, Tool},
    workspace,
};

/// A call of cargo that must succeed.
#[derive(Debug)]
struct Step {
    name: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

/// Cheap steps first, so that a slip shows early; a later step runs also when an earlier one failed.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        args: &["fmt", "--all", "--check"],
        env: &[],
    },
    // Workspaces of their own, whose dependencies are too heavy to be built for every change.
    Step {
        name: "fmt, the peers",
        args: &[
            "fmt",
            "--check",
            "--manifest-path",
            "tests/peers/Cargo.toml",
        ],
        env: &[],
    },
    Step {
        name: "fmt, the layers' examples",
        args: &[
            "fmt",
            "--check",
            "--manifest-path",
            "tests/peers/layers/Cargo.toml",
        ],
        env: &[],
    },
    // They are built rarely, so that nobody would notice that our dependencies changed.
    Step {
        name: "lock, the peers",
        args: &[
            "update",
            "--workspace",
            "--locked",
            "--manifest-path",
            "tests/peers/Cargo.toml",
        ],
        env: &[],
    },
    Step {
        name: "lock, the layers' examples",
        args: &[
            "update",
            "--workspace",
            "--locked",
            "--manifest-path",
            "tests/peers/layers/Cargo.toml",
        ],
        env: &[],
    },
    Step {
        name: "clippy all features",
        args: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
    },
    Step {
        name: "clippy no features",
        args: &[
            "clippy",
            "--workspace",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
    },
    // The suite of the models is too long for every change; that they compile is not.
    Step {
        name: "models compile",
        args: &[
            "check",
            "--package",
            "token-manager",
            "--package",
            "retry",
            "--lib",
            "--tests",
            "--target-dir",
            "target/model",
        ],
        env: &[("RUSTFLAGS", "--cfg shuttle")],
    },
    Step {
        name: "doc",
        args: &["doc", "--workspace", "--no-deps", "--all-features"],
        env: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    // Two cryptographies in one process: rustls refuses to choose, so nothing may ask it to.
    Step {
        name: "transport, all features",
        args: &["test", "-p", "transport", "--all-features", "--tests"],
        env: &[],
    },
    // Advisories need a database from the internet; the hosted CI checks them.
    Step {
        name: "deny",
        args: &[
            "deny",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ],
        env: &[],
    },
];

const TOOLS: &[Tool] = &[
    Tool {
        name: "rustfmt",
        probe: &["cargo", "fmt", "--version"],
        install: &["rustup", "component", "add", "rustfmt"],
    },
    Tool {
        name: "clippy",
        probe: &["cargo", "clippy", "--version"],
        install: &["rustup", "component", "add", "clippy"],
    },
    Tool {
        name: "cargo-deny",
        probe: &["cargo", "deny", "--version"],
        // Built without optimisation: it runs for a second, and a minute of building is saved.
        install: &[
            "cargo",
            "install",
            "--locked",
            "--debug",
            "cargo-deny@0.20.2",
        ],
    },
];

/// Runs every step and prints a summary.
pub(crate) fn run(flags: &flags::Ci) -> Result<ExitCode> {
    let start = Instant::now();
    tools::ensure_all(TOOLS, flags.install)?;
    let mut summary = Summary::default();
    summary.push(row("tools", Outcome::Passed, start.elapsed()));
    for step in STEPS {
        summary.push(run_step(step)?);
    }
    summary.push(run_tidy()?);
    let tests = flags::Test {
        install: flags.install,
        ..flags::Test::default()
    };
    summary.append(test::run_suites(&tests)?);
    println!("\n{summary}");
    Ok(summary.exit_code())
}

fn run_step(step: &Step) -> Result<Row> {
    println!("\n== {}: cargo {}", step.name, step.args.join(" "));
    let start = Instant::now();
    let status = workspace::cargo()
        .args(step.args)
        .envs(step.env.iter().copied())
        .status()
        .with_context(|| format!("cannot start {}", step.name))?;
    let outcome = match status.success() {
        true => Outcome::Passed,
        false => Outcome::Failed("see above".to_owned()),
    };
    Ok(row(step.name, outcome, start.elapsed()))
}

fn run_tidy() -> Result<Row> {
    println!("\n== tidy: cargo xtask tidy");
    let start = Instant::now();
    let report = tidy::check(&workspace::root(), false)?;
    println!("{report}");
    let outcome = match report.problems.len() {
        0 => Outcome::Passed,
        count => Outcome::Failed(format!("{count} problems")),
    };
    Ok(row("tidy", outcome, start.elapsed()))
}

fn row(name: &str, outcome: Outcome, running: Duration) -> Row {
    Row {
        running,
        ..Row::new(name, outcome)
    }
}
