//! How large a rig is, and where it says what it found.

use std::env;
use std::fmt::Display;
use std::io::{self, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

/// The size for a change, or the one for a release where `cargo xtask test --full` asks for it.
pub fn size(change: usize, release: usize) -> usize {
    match env::var_os("RIG_SIZE").is_some_and(|size| size == "release") {
        true => release,
        false => change,
    }
}

/// Says what a rig found. It goes past the test harness, which shows nothing of a test that
/// passes.
pub fn report(line: impl Display) {
    say(format_args!("    {line}"));
}

/// Says a line of a process's protocol. Whoever asked may be gone, and then nobody minds.
pub fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// The times by rank, for [`report`]: p50, p95, p99 and the longest.
pub fn ranks(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let rank = |percent: usize| match times.len() {
        0 => Duration::ZERO,
        count => times[(count * percent / 100).min(count - 1)],
    };
    let (p50, p95, p99, max) = (rank(50), rank(95), rank(99), rank(100));
    format!("p50 {p50:.1?}, p95 {p95:.1?}, p99 {p99:.1?}, longest {max:.1?}")
}

/// Stops a process where it is.
///
/// # Errors
///
/// When the system cannot do so.
#[cfg(unix)]
pub fn stop(process: &Child) -> io::Result<()> {
    Ok(kill_process(Pid::from_child(process), Signal::STOP)?)
}

/// Lets a stopped process go on.
///
/// # Errors
///
/// When the system cannot do so.
#[cfg(unix)]
pub fn go_on(process: &Child) -> io::Result<()> {
    Ok(kill_process(Pid::from_child(process), Signal::CONT)?)
}

/// Stops a process where it is.
///
/// # Errors
///
/// Always: this system has no signal for it.
#[cfg(not(unix))]
pub fn stop(_process: &Child) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Lets a stopped process go on.
///
/// # Errors
///
/// Always: this system has no signal for it.
#[cfg(not(unix))]
pub fn go_on(_process: &Child) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The temporary files in a directory.
///
/// # Panics
///
/// When it cannot be listed.
pub fn orphans(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("the directory can be listed");
    let paths = entries.map(|entry| entry.expect("its entries can be read").path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "tmp"))
        .collect()
}
