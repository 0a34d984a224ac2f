//! The command line, declared in one place.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};

use crate::{bench::GROUPS, suites::SUITES};

/// Build, check and test commands of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measures, and sets every number against another one of the same run.
    Bench(Bench),
    /// Everything a change must pass: fmt, clippy, docs, deny, tidy and the test suites.
    Ci(Ci),
    /// Runs test suites; without names, all of pull-request size.
    Test(Test),
    /// Checks what the compiler and clippy cannot: arrows, citations, forbidden text.
    Tidy(Tidy),
}

#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// What to measure; without a name, everything.
    #[arg(value_name = "GROUP", value_parser = group_names())]
    pub(crate) groups: Vec<String>,
    /// Writes the rows to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Builds the clients of other people too, and measures them beside ours in `stack`.
    #[arg(long)]
    pub(crate) peers: bool,
    /// Installs valgrind when it is missing, instead of leaving the instructions out.
    #[arg(long)]
    pub(crate) install: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Ci {
    /// Installs a missing tool instead of ending with exit code 3.
    #[arg(long)]
    pub(crate) install: bool,
}

#[derive(Args, Debug, Default)]
pub(crate) struct Test {
    /// Suites to run; `--list` says what each is.
    #[arg(value_name = "SUITE", value_parser = suite_names())]
    pub(crate) suites: Vec<String>,
    /// Adds the suites that need more time or an account.
    #[arg(long, conflicts_with = "suites")]
    pub(crate) all: bool,
    /// Installs a missing tool instead of ending with exit code 3.
    #[arg(long)]
    pub(crate) install: bool,
    /// Runs the rigs of `crash` and `herd` at the size for a release, which takes an hour.
    #[arg(long)]
    pub(crate) full: bool,
    /// Lists the suites and what each needs; runs nothing.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Tidy {
    /// Rewrites the columns that are derived from the code.
    #[arg(long)]
    pub(crate) fix: bool,
    /// Fails on every row that is still pending.
    #[arg(long)]
    pub(crate) complete: bool,
}

fn group_names() -> PossibleValuesParser {
    PossibleValuesParser::new(GROUPS.iter().map(|group| group.name))
}

fn suite_names() -> PossibleValuesParser {
    PossibleValuesParser::new(SUITES.iter().map(|suite| suite.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_suite_is_refused_with_the_names_there_are() {
        let error = Flags::try_parse_from(["xtask", "test", "unti"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains("unti") && text.contains("unit"), "{text}");
    }
}
