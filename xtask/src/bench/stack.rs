//! The group `stack`: whole clients against each other, and our layers one by one, all at one server
//! that is a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::bench::{
    callgrind::{self, Lengths},
    programs::{self, Programs},
    rows::Measurement,
};

/// Each client in turn, so often.
const ROUNDS: usize = 7;

const CLIENTS: [&str; 3] = ["ours", "hyper_conn", "hyper_util_json"];

/// Clients that are built only where they are asked for.
const PEERS: [&str; 2] = ["reqwest", "reqwest_retry"];

/// From the transport outward, each with all before it.
const LAYERS: [&str; 8] = [
    "transport",
    "attempt_timeout",
    "concurrency_limit",
    "circuit_breaker",
    "authorize",
    "pause_gate",
    "retry",
    "deadline",
];

/// What is measured of a client, in the words of its rows.
const UNITS: [&str; 3] = ["instructions", "allocations", "cpu_us_c16"];

/// Requests in the two runs under valgrind.
const LENGTHS: Lengths = Lengths {
    short: 500,
    long: 2_500,
};

/// One client and the programs that measure it.
#[derive(Clone, Copy)]
struct Subject<'a> {
    bench: &'static str,
    name: &'static str,
    times: &'a Path,
    allocations: &'a Path,
}

impl<'a> Subject<'a> {
    fn of(
        bench: &'static str,
        names: &'static [&'static str],
        programs: &'a Programs,
        program: &str,
    ) -> Result<Vec<Self>> {
        let times = programs.path(program)?;
        let allocations = programs.path(&format!("{program}_allocations"))?;
        let subject = |name| Self {
            bench,
            name,
            times,
            allocations,
        };
        Ok(names.iter().copied().map(subject).collect())
    }
}

/// Measures all of them; without `peers` their rows say so.
pub(crate) fn measure(programs: &Programs, peers: bool) -> Result<Vec<Measurement>> {
    let others = peers.then(Programs::build_peers).transpose()?;
    let mut clients = Subject::of("stack", &CLIENTS, programs, "stack")?;
    if let Some(others) = &others {
        clients.extend(Subject::of("stack", &PEERS, others, "stack_peers")?);
    }
    let layers = Subject::of("layers", &LAYERS, programs, "stack")?;
    let server = Server::start(programs.path("stack_server")?)?;

    let mut measured = callgrind_of(clients.iter().chain(&layers), &server)?;
    for subject in clients.iter().chain(&layers) {
        let arguments = [subject.name, &server.address];
        measured.extend(programs::measure(subject.allocations, &arguments)?);
    }
    measured.extend(times(&clients, &server)?);
    if !peers {
        measured.extend(skipped());
    }
    Ok(measured)
}

/// Instructions of each subject, from the first request after the warm-up to the last.
fn callgrind_of<'a>(
    subjects: impl Iterator<Item = &'a Subject<'a>>,
    server: &Server,
) -> Result<Vec<Measurement>> {
    let count = |subject: &Subject<'_>| {
        let arguments = [subject.name, &server.address];
        let (value, skipped) = callgrind::try_per_call(subject.times, &arguments, LENGTHS)?;
        Ok(Measurement {
            bench: subject.bench.to_owned(),
            subject: subject.name.to_owned(),
            value,
            unit: "instructions".to_owned(),
            skipped,
        })
    };
    subjects.map(count).collect()
}

/// The median of the rounds of each client and unit.
fn times(clients: &[Subject<'_>], server: &Server) -> Result<Vec<Measurement>> {
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        println!("  round {round} of {ROUNDS}");
        for client in clients {
            let arguments = [client.name, &server.address];
            rounds.extend(programs::measure(client.times, &arguments)?);
        }
    }
    Ok(medians(&rounds))
}

/// One row for all rows of the same subject and unit, in the order of their first.
fn medians(rounds: &[Measurement]) -> Vec<Measurement> {
    let mut all: Vec<Measurement> = Vec::new();
    for row in rounds {
        let same = |other: &&Measurement| other.subject == row.subject && other.unit == row.unit;
        if all.iter().any(|other| same(&other)) {
            continue;
        }
        let values = rounds.iter().filter(same).filter_map(|row| row.value);
        let mut values: Vec<_> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        let value = values.get(values.len() / 2).copied();
        all.push(Measurement {
            value,
            ..row.clone()
        });
    }
    all
}

/// Says of each peer that it was not asked for.
fn skipped() -> impl Iterator<Item = Measurement> {
    let row = |subject: &str, unit: &str| Measurement {
        bench: "stack".to_owned(),
        subject: subject.to_owned(),
        value: None,
        unit: unit.to_owned(),
        skipped: Some("built and run with --peers".to_owned()),
    };
    let rows = move |subject| UNITS.into_iter().map(move |unit| row(subject, unit));
    PEERS.into_iter().flat_map(rows)
}

/// The server, which ends with its input.
struct Server {
    address: String,
    process: Child,
    input: Option<ChildStdin>,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("cannot start the server")?;
        let output = process.stdout.take().context("its output is not piped")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        ensure!(address.ends_with('\n'), "the server did not start");
        Ok(Self {
            address: address.trim_end().to_owned(),
            input: process.stdin.take(),
            process,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_and_unit_keeps_the_median_of_its_rounds() {
        let row = |subject: &str, unit: &str, value| Measurement {
            bench: "stack".to_owned(),
            subject: subject.to_owned(),
            value: Some(value),
            unit: unit.to_owned(),
            skipped: None,
        };
        let rounds = [
            row("ours", "rps_c1", 9.0),
            row("ours", "rps_c16", 1.0),
            row("reqwest", "rps_c1", 5.0),
            row("ours", "rps_c1", 2.0),
            row("ours", "rps_c1", 3.0),
        ];
        let medians = medians(&rounds);
        let values: Vec<_> = medians.iter().map(|row| row.value).collect();
        assert_eq!(values, [Some(3.0), Some(1.0), Some(5.0)]);
    }

    #[test]
    fn a_peer_that_was_not_asked_for_is_named_with_the_flag_that_asks_for_it() {
        let rows: Vec<_> = skipped().collect();
        assert_eq!(rows.len(), PEERS.len() * UNITS.len());
        for row in rows {
            assert_eq!(row.value, None);
            assert!(row.skipped.unwrap().contains("--peers"));
        }
    }

    // xtask sees no crate of the workspace, so it has a list of its own.
    #[test]
    fn the_layers_are_those_of_the_program() {
        let program = include_str!("../../../benches/src/stack/layers.rs");
        let (_, rest) = program.split_once("const NAMES").unwrap();
        let (list, _) = rest
            .split_once(';')
            .and_then(|(_, list)| list.split_once(';'))
            .unwrap();
        let names: Vec<_> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(names, LAYERS);
    }
}
