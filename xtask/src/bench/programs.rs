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
        let Self(mut programs) = Self::build_by(cargo("build").args(amp))?;
        let mut library = cargo("rustc");
        library.args(["--package", "token-store", "--example", "library_token"]);
        library.arg("--release");
        if let Some(directory) = unwinder() {
            library.args(["--", "-l", "static=gcc_eh", "-L"]);
            library.arg(format!("native={}", directory.display()));
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
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        ensure!(output.status.success(), "the benches do not build");
        Ok(Self::read(&String::from_utf8_lossy(&output.stdout)))
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

/// The directory of the C compiler's unwinder, which a program may have within itself; `None` for a
/// compiler that answers with the bare name, because it has none. `build.rs` of amp-cli does the same.
fn unwinder() -> Option<PathBuf> {
    let mut command = Command::new("cc");
    let asked = command.arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = String::from_utf8(asked.stdout).ok()?;
    let directory = Path::new(path.trim()).parent()?;
    directory.is_absolute().then(|| directory.to_owned())
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
