//! What the crates below say about their work, on stderr.

mod warnings;

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

use self::warnings::Warnings;
use crate::cli::Globals;
use crate::show::Screen;
use crate::vars::Vars;

/// Only our own crates speak: those below them may print headers and bodies.
const CRATES: [&str; 8] = [
    "amp_api",
    "amp_client",
    "amp_sandbox",
    "retry",
    "token_core",
    "token_manager",
    "token_store",
    "transport",
];

/// Starts logging: warnings, more with `-v` and everything of ours with `-vv`. Without `-v`, errors
/// are left to the command's own last word, and `--quiet` and `--json` silence the warnings.
pub(crate) fn start(globals: &Globals, vars: &Vars) {
    let layer = || fmt::layer().with_writer(io::stderr).with_ansi(false);
    let started = match globals.verbose {
        0 if globals.quiet || globals.json => return,
        0 => Warnings::beside(Screen::of_stderr(vars)).try_init(),
        1 => registry()
            .with(layer().with_filter(ours(LevelFilter::INFO)))
            .try_init(),
        _ => registry()
            .with(layer().with_filter(ours(LevelFilter::TRACE)))
            .try_init(),
    };
    // Only a second start in one process fails, and the first one serves it too.
    drop(started);
}

fn ours(level: LevelFilter) -> Targets {
    Targets::new().with_targets(CRATES.map(|name| (name, level)))
}
