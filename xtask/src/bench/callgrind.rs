//! Instructions per call, counted by valgrind: the same on every run, however busy the machine is.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    bench::rows::{HOT_PATH, Measurement},
    tools::{self, Tool},
};

const VALGRIND: Tool = Tool {
    name: "valgrind",
    probe: &["valgrind", "--version"],
    install: &["apt-get", "install", "--yes", "valgrind"],
};

/// The difference of two runs of these lengths is that of their loops alone.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) short: u32,
    pub(crate) long: u32,
}

const HOT_PATH_LENGTHS: Lengths = Lengths {
    short: 100_000,
    long: 300_000,
};

/// The loop without a subject, which is taken off.
const EMPTY: &str = "empty";

/// Installs valgrind, where that is wanted and it is missing.
pub(crate) fn prepare(install: bool) -> Result<()> {
    match install {
        true => tools::ensure_all(&[VALGRIND], true),
        false => Ok(()),
    }
}

/// Counts for each subject of the hot path; without valgrind each row says so.
pub(crate) fn measure(program: &Path) -> Result<Vec<Measurement>> {
    let (empty, _) = try_per_call(program, &[EMPTY], HOT_PATH_LENGTHS)?;
    let row = |subject: &&str| {
        let (value, skipped) = try_per_call(program, &[subject], HOT_PATH_LENGTHS)?;
        Ok(Measurement {
            bench: "hot_path".to_owned(),
            subject: (*subject).to_owned(),
            value: value.zip(empty).map(|(value, empty)| value - empty),
            unit: "instructions".to_owned(),
            skipped,
        })
    };
    HOT_PATH.iter().map(row).collect()
}

/// The instructions of one call, by a program that takes the number of calls as its last argument;
/// without valgrind, what is missing.
pub(crate) fn try_per_call(
    program: &Path,
    arguments: &[&str],
    lengths: Lengths,
) -> Result<(Option<f64>, Option<String>)> {
    if let Err(missing) = tools::ensure_all(&[VALGRIND], false) {
        return Ok((None, Some(missing.to_string())));
    }
    let short = count(program, arguments, lengths.short)?;
    let long = count(program, arguments, lengths.long)?;
    let calls = f64::from(lengths.long - lengths.short);
    Ok((Some((long - short) / calls), None))
}

/// The instructions of a whole run.
fn count(program: &Path, arguments: &[&str], times: u32) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .arg(times.to_string())
        .output()
        .context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{arguments:?} under valgrind: {said}"
    );
    collected(&said).with_context(|| format!("valgrind counted nothing: {said}"))
}

/// The number in `==1== Collected : 123`.
fn collected(said: &str) -> Option<f64> {
    let mut counts = said
        .lines()
        .filter_map(|line| line.split_once("Collected : "));
    counts.next()?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 2443022\n==7==\n";
        assert_eq!(collected(said), Some(2_443_022.0));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
