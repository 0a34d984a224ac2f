//! `cargo xtask test`: runs suites and counts what they ran.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result};

use crate::{
    flags,
    suites::{SUITES, Size, Suite},
    summary::{Outcome, Row, Summary},
    tools, workspace,
};

/// Tells the rigs how large to be.
const SIZE: &str = "RIG_SIZE";

/// Runs the suites asked for and prints a summary.
pub(crate) fn run(flags: &flags::Test) -> Result<ExitCode> {
    if flags.list {
        list();
        return Ok(ExitCode::SUCCESS);
    }
    let summary = run_suites(flags)?;
    println!("\n{summary}");
    Ok(summary.exit_code())
}

/// Runs the suites asked for; fails only when one cannot even be tried.
pub(crate) fn run_suites(flags: &flags::Test) -> Result<Summary> {
    let chosen = choose(flags);
    for suite in &chosen {
        tools::ensure_all(suite.tools, flags.install)?;
    }
    let mut summary = Summary::default();
    for suite in chosen {
        summary.push(run_suite(suite, flags.full)?);
    }
    Ok(summary)
}

/// The suites named, or those of the size asked for that exist.
fn choose(flags: &flags::Test) -> Vec<&'static Suite> {
    let root = workspace::root();
    let wanted = |suite: &&Suite| match flags.suites.is_empty() {
        true => (flags.all || suite.size == Size::PullRequest) && suite.absent(&root).is_none(),
        false => flags.suites.iter().any(|name| name == suite.name),
    };
    SUITES.iter().filter(wanted).collect()
}

fn list() {
    for suite in SUITES {
        let needs: Vec<_> = suite.needs.iter().map(ToString::to_string).collect();
        let size = match suite.size {
            Size::PullRequest => "",
            Size::Extended => " [--all]",
        };
        let needs = match needs.is_empty() {
            true => String::new(),
            false => format!(" [needs {}]", needs.join(", ")),
        };
        println!("{:<14}{}{size}{needs}", suite.name, suite.about);
    }
}

fn run_suite(suite: &Suite, full: bool) -> Result<Row> {
    let name = suite.name;
    if let Some(outcome) = obstacle(suite) {
        if let Outcome::Skipped(needs) = &outcome {
            println!("SKIPPED {name}: {needs}");
        }
        return Ok(Row::new(name, outcome));
    }
    println!(
        "\n== {name}: cargo test {}",
        suite.arguments(&workspace::root()).join(" ")
    );
    let mut row = Row::new(name, Outcome::Passed);
    let start = Instant::now();
    let built = build(suite)?;
    row.building = start.elapsed();
    if !built {
        row.outcome = Outcome::Failed("does not build".to_owned());
        return Ok(row);
    }
    let start = Instant::now();
    let (passed, count) = execute(suite, full)?;
    row.running = start.elapsed();
    row.tests = Some(count);
    row.outcome = match (passed, count) {
        (true, 0) => Outcome::Failed("ran no test".to_owned()),
        (true, _) => Outcome::Passed,
        (false, _) => Outcome::Failed("see above".to_owned()),
    };
    Ok(row)
}

/// Why the suite cannot be run here.
fn obstacle(suite: &Suite) -> Option<Outcome> {
    let missing = suite.missing(|name| env::var_os(name));
    if !missing.is_empty() {
        let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
        return Some(Outcome::Skipped(format!("needs {}", missing.join(", "))));
    }
    let file = suite.absent(&workspace::root())?;
    Some(Outcome::Failed(format!("{file} does not exist")))
}

/// Builds everything first, so that the time of the tests is their own. Documentation has no such step.
fn build(suite: &Suite) -> Result<bool> {
    if suite.args.contains(&"--doc") {
        return Ok(true);
    }
    let mut call = cargo_test(suite, variables());
    let status = call.arg("--no-run").status();
    Ok(status.context("cannot start cargo")?.success())
}

/// Runs the suite, hands its output through, and counts its tests.
fn execute(suite: &Suite, full: bool) -> Result<(bool, usize)> {
    let mut call = cargo_test(suite, variables());
    if full {
        call.env(SIZE, "release");
    }
    let mut child = call
        .arg("--no-fail-fast")
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let mut count = 0;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read the output of cargo test")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        count += tests_run(&line).unwrap_or(0);
    }
    let status = child.wait().context("cargo test did not end")?;
    Ok((status.success(), count))
}

/// The call that runs `suite`. A suite that asks for no settings gets none of ours, so that its result does not
/// depend on the shell it was started from, and no test meets an account by accident.
fn cargo_test(suite: &Suite, environment: impl Iterator<Item = OsString>) -> Command {
    let mut command = workspace::cargo();
    command
        .arg("test")
        .args(suite.arguments(&workspace::root()));
    if !suite.compiled_with.is_empty() {
        let folder = workspace::target().join(suite.name);
        command.arg("--target-dir").arg(folder);
        command.env_remove("CARGO_ENCODED_RUSTFLAGS");
        command.envs(suite.compiled_with.iter().copied());
    }
    if suite.needs.is_empty() {
        for name in environment.filter(|name| is_setting(name)) {
            command.env_remove(name);
        }
    }
    command
}

fn variables() -> impl Iterator<Item = OsString> {
    env::vars_os().map(|(name, _)| name)
}

fn is_setting(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("AMP_") || name.starts_with("API_")
}

/// How many tests a line such as `test result: ok. 3 passed; 1 failed; …` says were run.
fn tests_run(line: &str) -> Option<usize> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |what| -> Option<usize> {
        let part = counts.split("; ").find(|part| part.ends_with(what))?;
        part.split(' ').next()?.parse().ok()
    };
    Some(count(" passed")? + count(" failed")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_and_failed_tests_are_counted_and_ignored_ones_are_not() {
        let line = "test result: FAILED. 3 passed; 2 failed; 7 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(tests_run(line), Some(5));
        assert_eq!(tests_run("test a_name ... ok"), None);
    }

    #[test]
    fn a_suite_that_is_compiled_otherwise_leaves_the_everyday_builds_alone() {
        let call = |name| {
            let suite = SUITES.iter().find(|suite| suite.name == name).unwrap();
            format!("{:?}", cargo_test(suite, std::iter::empty()))
        };
        let model = call("model");
        assert!(model.contains("RUSTFLAGS=\"--cfg shuttle\""), "{model}");
        assert!(model.contains("--target-dir"), "{model}");
        assert!(!call("unit").contains("--target-dir"));
    }

    // an account in the shell reaches the live suite only.
    #[test]
    fn settings_of_the_shell_reach_only_a_suite_that_asks_for_them() {
        let removed = |suite: &Suite| {
            let shell = ["PATH", "AMP_USERNAME", "API_RETRY_MAX_ATTEMPTS"].map(OsString::from);
            let command = cargo_test(suite, shell.into_iter());
            let removed = command.get_envs().filter(|(_, value)| value.is_none());
            removed.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        let named = |name| SUITES.iter().find(|suite| suite.name == name).unwrap();
        assert_eq!(
            removed(named("unit")),
            ["AMP_USERNAME", "API_RETRY_MAX_ATTEMPTS"]
        );
        assert!(removed(named("live")).is_empty());
    }
}
