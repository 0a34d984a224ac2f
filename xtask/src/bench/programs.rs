//! Builds and runs the programs of the package `benches`, and those of the peers.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{bench::rows::Measurement, workspace};

/// Optimised as a dependant has it who sets nothing.
const BENCH: &str = "--profile=bench";

/// Where the peers are.
const PEERS: &str = "tests/peers/Cargo.toml";

/// The programs by name.
#[derive(Debug)]
pub(crate) struct Programs(BTreeMap<String, PathBuf>);

/// What cargo tells about each thing that it made.
#[derive(Deserialize)]
struct Made {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// What cargo tells about each build script that ran.
#[derive(Deserialize)]
struct BuildScript {
    package_id: String,
    linked_libs: Vec<String>,
    linked_paths: Vec<String>,
}

impl Programs {
    /// Builds ours in the profile `bench`, which is `release` without link-time optimisation.
    pub(crate) fn build() -> Result<Self> {
        Self::build_by(cargo("build").args(["--package", "benches", BENCH]))
    }

    /// Builds what is started to measure how long that takes: the command as it is installed, and
    /// the example as docs/performance.md says of short programs. Each by itself, with no more
    /// features than it asks for.
    pub(crate) fn build_started() -> Result<Self> {
        let amp = ["--package", "amp-cli", "--bin", "amp", "--release"];
        let messages = Self::messages(cargo("build").args(amp))?;
        let Self(mut programs) = Self::read(&messages);
        let mut library = cargo("rustc");
        library.args(["--package", "token-store", "--example", "library_token"]);
        library.arg("--release");
        let linked = linked(&messages);
        if !linked.is_empty() {
            library.arg("--").args(linked);
        }
        let Self(others) = Self::build_by(&mut library)?;
        programs.extend(others);
        Ok(Self(programs))
    }

    /// Builds the peers, which are a workspace of their own, in a target directory of their own.
    pub(crate) fn build_peers() -> Result<Self> {
        let mut command = cargo("build");
        command.args(["--locked", "--manifest-path", PEERS, BENCH]);
        command.env("CARGO_TARGET_DIR", workspace::target().join("peers"));
        Self::build_by(&mut command)
    }

    fn build_by(command: &mut Command) -> Result<Self> {
        Ok(Self::read(&Self::messages(command)?))
    }

    fn messages(command: &mut Command) -> Result<String> {
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        ensure!(output.status.success(), "the benches do not build");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn read(messages: &str) -> Self {
        let made = messages.lines().filter_map(|line| {
            let made: Made = serde_json::from_str(line).ok()?;
            Some((made.target?.name, made.executable?))
        });
        Self(made.collect())
    }

    pub(crate) fn path(&self, name: &str) -> Result<&Path> {
        let path = self.0.get(name);
        let path = path.with_context(|| format!("benches has no program {name}"))?;
        Ok(path)
    }
}

/// A cargo that tells what it makes.
fn cargo(subcommand: &str) -> Command {
    let mut command = workspace::cargo();
    command.args([subcommand, "--message-format", "json-render-diagnostics"]);
    command
}

/// What the build script of `amp` has it linked with, so that another program starts as it does.
fn linked(messages: &str) -> Vec<String> {
    let ran = messages.lines().filter_map(|line| {
        let ran: BuildScript = serde_json::from_str(line).ok()?;
        ran.package_id.contains("amp-cli").then_some(ran)
    });
    let flags = ran.flat_map(|ran| {
        let libraries = ran.linked_libs.into_iter().map(|name| format!("-l{name}"));
        let paths = ran.linked_paths.into_iter();
        libraries.chain(paths.map(|path| format!("-L{path}")))
    });
    flags.collect()
}

/// Runs a program and reads what it measured.
pub(crate) fn measure(program: &Path, arguments: &[&str]) -> Result<Vec<Measurement>> {
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::inherit());
    let text = workspace::stdout(&mut command)?;
    let read = |line| {
        let program = program.display();
        serde_json::from_str(line).with_context(|| format!("{program} said {line}"))
    };
    text.lines().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_script_links_is_what_another_program_is_linked_with() {
        let messages = r#"{"reason":"build-script-executed","package_id":"path+file:///crates/amp-cli#0.1.0","linked_libs":["static=gcc_eh"],"linked_paths":["native=/lib"]}
{"reason":"build-script-executed","package_id":"path+file:///ring#0.17.0","linked_libs":["static=ring"],"linked_paths":[]}"#;
        assert_eq!(linked(messages), ["-lstatic=gcc_eh", "-Lnative=/lib"]);
    }

    #[test]
    fn only_what_can_be_run_is_a_program() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"benches"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"herd"},"executable":"/target/release/herd"}
{"reason":"build-finished","success":true}"#;
        let programs = Programs::read(messages);
        assert_eq!(
            programs.path("herd").unwrap(),
            Path::new("/target/release/herd")
        );
        let error = programs.path("benches").unwrap_err();
        assert_eq!(error.to_string(), "benches has no program benches");
    }
}
