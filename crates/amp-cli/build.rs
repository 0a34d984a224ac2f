//! Links the unwinder into a released `amp`: to find and load `libgcc_s` at every start takes a tenth
//! of the time that `amp auth token` has.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment is how cargo speaks to a build script"
)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if is_released_here()
        && let Some(directory) = unwinder()
    {
        println!("cargo::rustc-link-search=native={}", directory.display());
        println!("cargo::rustc-link-lib=static=gcc_eh");
    }
}

/// Only for the machine that builds: the compiler of another one may have another unwinder.
fn is_released_here() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let native = env::var("HOST") == env::var("TARGET");
    let gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    native && gnu && is("PROFILE", "release")
}

/// The directory of the C compiler's own; `None` for a compiler that answers with the bare name,
/// because it has none.
fn unwinder() -> Option<PathBuf> {
    let mut command = Command::new("cc");
    let asked = command.arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = String::from_utf8(asked.stdout).ok()?;
    let directory = Path::new(path.trim()).parent()?;
    directory.is_absolute().then(|| directory.to_owned())
}
