//! The group `store`: the encrypted token file, and how soon a new process has the token in it.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    bench::{
        callgrind::{self, Lengths},
        programs::{self, Programs},
        rows::Measurement,
    },
    workspace,
};

/// Whose instructions are counted.
const COUNTED: [&str; 3] = ["encrypted_load", "unchanged_check", "lock"];

const LENGTHS: Lengths = Lengths {
    short: 500,
    long: 2_500,
};

/// Measures on the file system of the target directory: a temporary directory may be in memory,
/// where nothing waits for a disk.
pub(crate) fn measure(programs: &Programs) -> Result<Vec<Measurement>> {
    let target = workspace::target();
    let directory = text(&target)?;
    let kind = file_system(directory).unwrap_or_else(|| "some file system".to_owned());
    println!("measuring store on {kind} ...");
    let mut measured = programs::measure(programs.path("store")?, &[directory])?;
    measured.extend(instructions(programs.path("store")?, directory)?);
    println!("measuring cold_start ...");
    let started = Programs::build_started()?;
    let amp = text(started.path("amp")?)?;
    let library = text(started.path("library_token")?)?;
    let cold_start = programs.path("cold_start")?;
    measured.extend(programs::measure(cold_start, &[amp, library, directory])?);
    Ok(measured)
}

/// Counts what a load, a check and a lease do besides waiting for the system.
fn instructions(program: &Path, directory: &str) -> Result<Vec<Measurement>> {
    let count = |subject: &&str| {
        let (value, skipped) = callgrind::try_per_call(program, &[directory, subject], LENGTHS)?;
        Ok(Measurement {
            bench: "store".to_owned(),
            subject: (*subject).to_owned(),
            value,
            unit: "instructions".to_owned(),
            skipped,
        })
    };
    COUNTED.iter().map(count).collect()
}

fn text(path: &Path) -> Result<&str> {
    let name = || format!("{} is not Unicode", path.display());
    path.to_str().with_context(name)
}

/// What the system calls the file system; `None` where it has no such command.
fn file_system(directory: &str) -> Option<String> {
    let mut command = Command::new("stat");
    command.args(["--file-system", "--format=%T", directory]);
    let output = command.stderr(Stdio::null()).output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
