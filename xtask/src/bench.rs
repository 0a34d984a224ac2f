//! `cargo xtask bench`: measures, and sets every number against another one of the same run.

mod callgrind;
mod programs;
mod rows;
mod stack;
mod store;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    bench::{
        programs::Programs,
        rows::{Measurement, Row},
    },
    flags,
};

/// Some benches that are measured together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Programs of the package `benches`, in this order.
    Programs(&'static [&'static str]),
    /// Clients in turn, at one server.
    Stack,
    /// The encrypted token file, on the file system of the target directory.
    Store,
}

/// The groups of benches.
pub(crate) const GROUPS: &[Group] = &[
    Group {
        name: "lifecycle",
        kind: Kind::Programs(&["hot_path", "allocations", "herd", "window"]),
    },
    Group {
        name: "stack",
        kind: Kind::Stack,
    },
    Group {
        name: "store",
        kind: Kind::Store,
    },
];

/// Runs the groups asked for, prints a table, and writes the rows as JSON where that is asked for.
pub(crate) fn run(flags: &flags::Bench) -> Result<ExitCode> {
    callgrind::prepare(flags.install)?;
    let programs = Programs::build()?;
    let wanted = |group: &&Group| {
        flags.groups.is_empty() || flags.groups.iter().any(|name| name == group.name)
    };
    let mut measured = Vec::new();
    for group in GROUPS.iter().filter(wanted) {
        match group.kind {
            Kind::Programs(names) => measured.extend(lifecycle(&programs, names)?),
            Kind::Stack => {
                println!("measuring stack ...");
                measured.extend(stack::measure(&programs, flags.peers)?);
            }
            Kind::Store => measured.extend(store::measure(&programs)?),
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

fn lifecycle(programs: &Programs, names: &[&str]) -> Result<Vec<Measurement>> {
    let mut measured = Vec::new();
    for name in names {
        println!("measuring {name} ...");
        let program = programs.path(name)?;
        measured.extend(programs::measure(program, &[])?);
        if *name == "hot_path" {
            measured.extend(callgrind::measure(program)?);
        }
    }
    Ok(measured)
}
