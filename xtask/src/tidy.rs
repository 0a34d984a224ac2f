//! `cargo xtask tidy`: checks what the compiler and clippy cannot.
//!
//! Each rule is a file; it takes the tree (or the manifests) as a value, so that its tests are small trees in memory.

mod arrows;
mod asserting;
mod behaviours;
mod citations;
mod clocks;
mod facade;
mod forbidden;
mod length;
mod links;
mod module_docs;
mod pitfalls;
mod problem;
mod purity;
mod rows;
mod settings;
mod source;
mod table;
mod tree;
mod wiring;

use std::{fmt, fs, path::Path, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    flags,
    tidy::{problem::Problem, tree::Tree},
    workspace,
};

/// Checks the workspace and prints one line per problem; with `--fix`, rewrites the derived columns first.
pub(crate) fn run(flags: &flags::Tidy) -> Result<ExitCode> {
    let root = workspace::root();
    if flags.fix {
        fix(&root)?;
    }
    let report = check(&root, flags.complete)?;
    println!("{report}");
    match report.problems.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

/// What a check found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) problems: Vec<Problem>,
    hints: Vec<String>,
    /// How many rows of the two documents are still pending.
    pending: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hint in &self.hints {
            writeln!(f, "hint: {hint}")?;
        }
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let (problems, pending) = (self.problems.len(), self.pending);
        write!(f, "tidy: {problems} problems, {pending} rows pending")
    }
}

/// Applies every rule to the workspace at `root`.
pub(crate) fn check(root: &Path, complete: bool) -> Result<Report> {
    let tree = Tree::load(root)?;
    let citations = citations::collect(&tree);
    let (behaviours, pending_rows) = behaviours::check(&tree, &citations, complete);
    let (settings, pending_settings) = settings::check(&tree, complete);
    let problems = [
        arrows::check(&workspace::packages()?, &tree),
        arrows::check_core_tree(&workspace::normal_tree("token-core")?),
        asserting::check(&tree),
        module_docs::check(&tree),
        citations.problems,
        clocks::check(&tree),
        behaviours,
        facade::check(&tree),
        forbidden::check(&tree),
        links::check(&tree),
        pitfalls::check(&tree),
        purity::check(&tree),
        settings,
        wiring::check(&tree),
    ];
    Ok(Report {
        problems: problems.into_iter().flatten().collect(),
        hints: length::hints(&tree),
        pending: pending_rows + pending_settings,
    })
}

/// Rewrites what is derived from the code: the proof column and the read-by column.
fn fix(root: &Path) -> Result<()> {
    let tree = Tree::load(root)?;
    let rewritten = [
        (
            behaviours::PATH,
            behaviours::fixed(&tree, &citations::collect(&tree)),
        ),
        (settings::PATH, settings::fixed(&tree)),
    ];
    for (path, text) in rewritten {
        let Some(text) = text.filter(|text| tree.text(path) != Some(text)) else {
            continue;
        };
        fs::write(root.join(path), text).with_context(|| format!("cannot write {path}"))?;
        println!("rewrote {path}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let report = check(&workspace::root(), false).unwrap();
        assert!(report.problems.is_empty(), "{report}");
    }
}
