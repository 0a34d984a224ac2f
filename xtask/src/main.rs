//! `cargo xtask <command>`: the checks and test suites of the workspace.
//!
//! A command is one file, reached only from here. Exit codes: 0 everything asked for passed, 1 something failed,
//! 2 usage, 3 a tool or a setting is missing (the message says which and how to get it).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command's output is its result"
)]

mod bench;
mod ci;
mod flags;
mod suites;
mod summary;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::flags::{Command, Flags};

fn main() -> ExitCode {
    let outcome = match Flags::parse().command {
        Command::Bench(flags) => bench::run(&flags),
        Command::Ci(flags) => ci::run(&flags),
        Command::Test(flags) => test::run(&flags),
        Command::Tidy(flags) => tidy::run(&flags),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        match error.downcast_ref::<tools::Missing>() {
            Some(_) => ExitCode::from(tools::EXIT_MISSING),
            None => ExitCode::FAILURE,
        }
    })
}
