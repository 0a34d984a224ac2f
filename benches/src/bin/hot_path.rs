//! How long it takes to get the token of the moment, on one thread, on two, and for 64 tasks.
//!
//! `hot_path` measures; `hot_path SUBJECT TIMES` only repeats, for who counts instructions.

use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use benches::{Measurement, Named, Subject, Visitor};
use futures_util::future::join_all;
use tokio::runtime::{Builder, Runtime};

/// Each subject in turn, so often.
const ROUNDS: usize = 21;

/// How many repetitions one number is made of: a few hundredths of a second.
const TIMES: u64 = 1_000_000;

/// The same for those who keep each other waiting.
const TIMES_WAITING: u64 = 50_000;

const TASKS: u64 = 64;

fn main() -> Result<()> {
    let subjects = Named::new();
    let mut arguments = std::env::args().skip(1);
    if let Some(name) = arguments.next() {
        let times = arguments.next().context("how many times?")?.parse()?;
        subjects.visit(&name, &mut Repeat(times));
        return Ok(());
    }
    let mut rounds = Named::ALL.map(|_| Rounds::default());
    for _ in 0..ROUNDS {
        for (name, rounds) in Named::ALL.iter().zip(&mut rounds) {
            subjects.visit(name, rounds);
        }
    }
    for (name, rounds) in Named::ALL.iter().zip(rounds) {
        rounds.print(name);
    }
    Ok(())
}

/// A runtime for as many threads as one subject needs.
fn runtime(workers: usize) -> Runtime {
    let runtime = match workers {
        1 => Builder::new_current_thread().build(),
        _ => Builder::new_multi_thread().worker_threads(workers).build(),
    };
    runtime.expect("a runtime without I/O needs threads alone")
}

struct Repeat(u64);

impl Visitor for Repeat {
    fn visit<S: Subject>(&mut self, subject: &S) {
        runtime(1).block_on(subject.repeat(self.0));
    }
}

/// Seconds per call, of each round.
#[derive(Default)]
struct Rounds {
    one_thread: Vec<f64>,
    two_threads: Vec<f64>,
    tasks: Vec<f64>,
}

impl Visitor for Rounds {
    fn visit<S: Subject>(&mut self, subject: &S) {
        let contended = if S::WAITS { TIMES_WAITING } else { TIMES };
        self.one_thread.push(on_threads(subject, 1, TIMES));
        self.two_threads.push(on_threads(subject, 2, contended));
        self.tasks.push(on_tasks(subject, contended / 20));
    }
}

impl Rounds {
    fn print(self, subject: &str) {
        let print = |value, unit| Measurement::new("hot_path", subject, value, unit).print();
        let one_thread = best(self.one_thread);
        print(one_thread * 1e9, "ns");
        print(mops(one_thread), "mops_1_thread");
        print(mops(median(self.two_threads)), "mops_2_threads");
        print(mops(median(self.tasks)), "mops_64_tasks");
    }
}

/// Whatever else runs on the machine only ever makes one thread slower.
fn best(rounds: Vec<f64>) -> f64 {
    rounds.into_iter().fold(f64::INFINITY, f64::min)
}

/// Callers that keep each other waiting look best when they happen not to meet, so here the best
/// round says nothing.
fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_unstable_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn mops(seconds: f64) -> f64 {
    1e-6 / seconds
}

/// Seconds per call when so many threads repeat at the same time: from the first start to the last
/// end.
fn on_threads(subject: &impl Subject, threads: usize, times: u64) -> f64 {
    let barrier = Barrier::new(threads);
    let repeat = || {
        let runtime = runtime(1);
        // The first call of a thread is not like the others.
        runtime.block_on(subject.repeat(1));
        barrier.wait();
        let start = Instant::now();
        runtime.block_on(subject.repeat(times));
        (start, Instant::now())
    };
    let spans: Vec<_> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(repeat)).collect();
        let join = |handle: ScopedJoinHandle<'_, _>| handle.join().expect("no subject panics");
        handles.into_iter().map(join).collect()
    });
    let first = spans.iter().map(|(start, _)| *start).min();
    let last = spans.iter().map(|(_, end)| *end).max();
    let passed = last.zip(first).map(|(last, first)| last - first);
    per_call(passed.unwrap_or_default(), threads as u64 * times)
}

/// Seconds per call when 64 tasks repeat on two workers.
fn on_tasks(subject: &impl Subject, times: u64) -> f64 {
    let runtime = runtime(2);
    let passed = runtime.block_on(async {
        let task = || {
            let subject = subject.clone();
            tokio::spawn(async move { subject.repeat(times).await })
        };
        let start = Instant::now();
        let ends = join_all((0..TASKS).map(|_| task())).await;
        assert!(ends.iter().all(Result::is_ok), "no subject panics");
        start.elapsed()
    });
    per_call(passed, TASKS * times)
}

fn per_call(passed: Duration, calls: u64) -> f64 {
    passed.as_secs_f64() / calls as f64
}
