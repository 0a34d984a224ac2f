//! `cargo xtask bench`: measures, and sets every number against another one of the same run.

mod callgrind;
mod programs;
mod rows;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    bench::{programs::Programs, rows::Row},
    flags,
};

/// What a group runs: programs of the package `benches`, in this order.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    programs: &'static [&'static str],
}

/// The groups of benches.
pub(crate) const GROUPS: &[Group] = &[Group {
    name: "lifecycle",
    programs: &["hot_path", "allocations", "herd", "window"],
}];

/// Runs the groups asked for, prints a table, and writes the rows as JSON where that is asked for.
pub(crate) fn run(flags: &flags::Bench) -> Result<ExitCode> {
    callgrind::prepare(flags.install)?;
    let programs = Programs::build()?;
    let wanted = |group: &&Group| {
        flags.groups.is_empty() || flags.groups.iter().any(|name| name == group.name)
    };
    let mut measured = Vec::new();
    for group in GROUPS.iter().filter(wanted) {
        for name in group.programs {
            println!("measuring {name} ...");
            measured.extend(programs.measure(name)?);
            if *name == "hot_path" {
                measured.extend(callgrind::measure(programs.path(name)?)?);
            }
        }
    }
    let rows = rows::compare(&measured);
    println!("\n{}", rows::table(&rows));
    if let Some(path) = &flags.json {
        let text: Vec<_> = rows.iter().map(Row::json).collect();
        let text = format!("[\n  {}\n]\n", text.join(",\n  "));
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
