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
const SHORT: u32 = 100_000;
const LONG: u32 = 300_000;

/// The loop without a subject, which is taken off.
const EMPTY: &str = "empty";

/// Installs valgrind, where that is wanted and it is missing.
pub(crate) fn prepare(install: bool) -> Result<()> {
    match install {
        true => tools::ensure_all(&[VALGRIND], true),
        false => Ok(()),
    }
}

/// Counts for each subject; without valgrind each row says so.
pub(crate) fn measure(program: &Path) -> Result<Vec<Measurement>> {
    let row = |subject, value, skipped| Measurement {
        bench: "hot_path".to_owned(),
        subject,
        value,
        unit: "instructions".to_owned(),
        skipped,
    };
    let subjects = HOT_PATH.iter().map(|subject| (*subject).to_owned());
    if let Err(missing) = tools::ensure_all(&[VALGRIND], false) {
        let skipped = Some(missing.to_string());
        return Ok(subjects
            .map(|subject| row(subject, None, skipped.clone()))
            .collect());
    }
    let empty = per_call(program, EMPTY)?;
    subjects
        .map(|subject| {
            let net = per_call(program, &subject)? - empty;
            Ok(row(subject, Some(net), None))
        })
        .collect()
}

fn per_call(program: &Path, subject: &str) -> Result<f64> {
    let (short, long) = (
        count(program, subject, SHORT)?,
        count(program, subject, LONG)?,
    );
    Ok((long - short) / f64::from(LONG - SHORT))
}

/// The instructions of a whole run.
fn count(program: &Path, subject: &str, times: u32) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([subject, &times.to_string()])
        .output()
        .context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{subject} under valgrind: {said}");
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
