//! Writers that all want the next generation.

use std::path::Path;
use std::time::{Duration, Instant};

use integration_tests::rig::report;
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;
use tempfile::TempDir;
use token_store::Durability;

use crate::processes::{Process, run};

const PROCESSES: usize = 64;
const TURNS: usize = 1_000;
const DURABLE: usize = 128;

/// What a store waits for the lock by itself.
const PATIENCE: Duration = Duration::from_secs(5);

// W-A04, C-20, X-31: upstream's writers overwrite each other. Nothing is flushed, so that it is the
// lock that is tried and not the disk.
#[test]
fn sixty_four_processes_lose_none_of_their_thousand_swaps() {
    for (kind, turns) in [(Kind::Encrypted, TURNS), (Kind::Plain, TURNS / 10)] {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("token");
        let began = Instant::now();
        let generation = swap(kind, &path, PROCESSES, turns);
        report(format_args!(
            "{PROCESSES} x {turns} swaps, {}: {generation} in {:.1?}",
            kind.name(),
            began.elapsed()
        ));
        assert_eq!(generation, PROCESSES * turns);
    }
}

// X-31, C-08
#[test]
fn durable_writers_that_come_at_once_all_get_their_turn_in_time() {
    let directory = TempDir::new().unwrap();
    let writers = fitting(directory.path());
    let path = directory.path().join("token");
    let began = Instant::now();
    let complaints = run(start("durable", Kind::Encrypted, &path, writers, 1));
    report(format_args!(
        "{writers} durable writers: {} time-outs in {:.1?}",
        complaints.len(),
        began.elapsed()
    ));
    assert_eq!(complaints, [""; 0]);
    assert_eq!(generation(Kind::Encrypted, &path), writers);
}

#[test]
fn a_store_without_a_lock_or_with_one_that_it_removes_is_found() {
    for mistake in [Mistake::Unlocked, Mistake::LockRemoved] {
        let kind = Kind::Wrong(mistake);
        let lost = (1..=20).find_map(|round| {
            let directory = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
            let directory = directory.unwrap();
            let path = directory.path().join("token");
            // A reader may notice as well: the file changes while he holds what should be the lock.
            let noticed = run(start("turns", kind, &path, 16, 50)).len();
            let lost = 800 - generation(kind, &path);
            (noticed + lost > 0).then_some((round, lost, noticed))
        });
        let (round, lost, noticed) = lost.expect("a store that loses swaps is found");
        report(format_args!(
            "control {mistake:?}: {lost} of 800 swaps lost, {noticed} writers noticed, in round {round}"
        ));
    }
}

/// How many durable stores in a row fit into the patience of the last, with room to spare: on a
/// slow disk fewer than [`DURABLE`], because the disk is not what is on trial.
fn fitting(directory: &Path) -> usize {
    let path = directory.join("trial");
    let store = Kind::Encrypted
        .open(&path, Durability::Full, PATIENCE)
        .unwrap();
    let mut times: Vec<_> = (0..9)
        .map(|_| {
            let began = Instant::now();
            store.swap_now().unwrap();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    let usual = times[6].max(Duration::from_micros(1));
    let fitting = (PATIENCE.as_secs_f64() / 2.0 / usual.as_secs_f64()) as usize;
    if fitting < DURABLE {
        report(format_args!(
            "a durable store takes {usual:.1?} here: {fitting} writers"
        ));
    }
    fitting.clamp(8, DURABLE)
}

fn swap(kind: Kind, path: &Path, processes: usize, turns: usize) -> usize {
    let complaints = run(start("turns", kind, path, processes, turns));
    assert_eq!(complaints, [""; 0]);
    generation(kind, path)
}

fn start(task: &str, kind: Kind, path: &Path, processes: usize, turns: usize) -> Vec<Process> {
    let (kind, path, turns) = (kind.name(), path.to_str().unwrap(), turns.to_string());
    let program = env!("CARGO_BIN_EXE_store_writer");
    let one = || Process::start(program, &[task, &kind, path, &turns]);
    (0..processes).map(|_| one()).collect()
}

fn generation(kind: Kind, path: &Path) -> usize {
    let loaded = kind.judge(path).unwrap().read_now().unwrap();
    usize::try_from(loaded.generation.number()).unwrap()
}
