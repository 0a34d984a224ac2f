//! A writer that is killed tears nothing, loses nothing that it acknowledged, and holds nothing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::fs;
use std::hint::spin_loop;
use std::io::{BufRead, BufReader, Lines};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use integration_tests::{AnyFileStore, change_to, encrypted, kept_at};
use tempfile::TempDir;
use token_store::{Commit, Committed, Durability, Generation, OpId, key_id_of};

/// Two lanes, each with a file of its own: one plain, one encrypted.
const LANES: [&str; 2] = ["token.json", "token.tks"];
const KILLS_PER_LANE: usize = 500;
const ROTATION_KILLS: usize = 100;

/// The spinning that a kill is put off by at most: some hundred microseconds, so it hits every
/// step of a store that does not flush.
const LONGEST_SPIN: u32 = 60_000;

/// What the kills hit. A rig that hits nothing proves nothing.
#[derive(Debug, Default)]
struct Hits {
    kills: usize,
    /// A temporary file was left behind.
    orphans: usize,
    /// A commit was visible that had not been acknowledged.
    unacknowledged: usize,
    /// That commit was a clear, so its intent alone told of it.
    unacknowledged_clears: usize,
}

impl AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.orphans += other.orphans;
        self.unacknowledged += other.unacknowledged;
        self.unacknowledged_clears += other.unacknowledged_clears;
    }
}

// W-A04, C-20, C-30: upstream truncates the file in place.
#[test]
fn a_thousand_killed_writers_tear_and_lose_nothing() {
    let lanes: Vec<_> = (0..)
        .zip(LANES)
        .map(|(seed, name)| thread::spawn(move || kill_writers(seed, name)))
        .collect();
    let mut hits = Hits::default();
    for lane in lanes {
        hits += lane.join().expect("no lane fails");
    }
    println!("{hits:?}");
    assert_eq!(hits.kills, LANES.len() * KILLS_PER_LANE);
    assert!(hits.orphans > 0, "no kill hit a store half-way: {hits:?}");
    assert!(
        hits.unacknowledged > 0,
        "no kill hit after a rename: {hits:?}"
    );
    assert!(
        hits.unacknowledged_clears > 0,
        "no kill hit after a removal: {hits:?}"
    );
}

// W-A04: neither key ever meets a file that it cannot open, and nobody's generation changes.
#[test]
fn a_rotation_that_is_killed_leaves_the_record_under_one_key_or_the_other() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.tks");
    assert_eq!(store_next(&path, 0), 1);
    let mut random = Rng::with_seed(7);
    let mut under = HashSet::new();
    let mut orphaned = 0;
    for kill in 0..ROTATION_KILLS {
        let said = kill_one(start(&["rotate", "-"], &path), &mut random);
        assert_eq!(said, Some(1), "the generation stays");
        orphaned += usize::from(!orphans(directory.path()).is_empty());
        under.insert(*key_id_of(&fs::read(&path).unwrap()).unwrap().bytes());
        check_whole(&path, 1);
        let store = encrypted(&path, Durability::None, Duration::ZERO, kill);
        store.rewrite_now().unwrap();
    }
    // Where nothing is flushed, as on a disk in memory, a kill rarely hits the middle.
    println!("{ROTATION_KILLS} kills of a rotation, {orphaned} of them half-way");
    assert_eq!(under.len(), 2, "the kills hit both keys");
}

fn kill_writers(seed: u64, name: &str) -> Hits {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(name);
    let mut random = Rng::with_seed(seed);
    let mut hits = Hits::default();
    let mut generation = 0;
    for kill in 0..KILLS_PER_LANE {
        let durability = if kill % 5 == 0 { "full" } else { "none" };
        let writer = start(&["endless", durability], &path);
        let acknowledged = kill_one(writer, &mut random).unwrap_or(generation);
        hits.kills += 1;
        hits.orphans += usize::from(!orphans(directory.path()).is_empty());
        let visible = check_whole(&path, acknowledged);
        let is_clear = kept_at(Generation::new(visible)).is_none();
        hits.unacknowledged += usize::from(visible > acknowledged);
        hits.unacknowledged_clears += usize::from(visible > acknowledged && is_clear);
        generation = store_next(&path, visible);
        let left = orphans(directory.path());
        assert!(left.is_empty(), "the next store leaves {left:?}");
    }
    hits
}

/// Kills a writer a moment after one of its first commits, and answers the last
/// generation that it acknowledged.
fn kill_one((mut writer, mut lines): Writer, random: &mut Rng) -> Option<u64> {
    let mut last = None;
    let heard = lines.by_ref().take(1 + random.usize(0..3));
    for line in heard {
        last = line.unwrap().parse().ok().or(last);
    }
    for _ in 0..random.u32(0..LONGEST_SPIN) {
        spin_loop();
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    // What it said before it died counts too.
    lines
        .map(Result::unwrap)
        .fold(last, |last, line| line.parse().ok().or(last))
}

/// A process and what it says.
type Writer = (Child, Lines<BufReader<ChildStdout>>);

fn start([task, detail]: &[&str; 2], path: &Path) -> Writer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_store_writer"));
    command.arg(task).arg(path).arg(detail);
    let mut writer = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = writer.stdout.take().unwrap();
    (writer, BufReader::new(stdout).lines())
}

/// The file is the last acknowledged one or the one after it, and nothing else.
fn check_whole(path: &Path, acknowledged: u64) -> u64 {
    let loaded = open(path).read_now().unwrap();
    let visible = loaded.generation.number();
    let expected = acknowledged..=acknowledged + 1;
    assert!(
        expected.contains(&visible),
        "{visible} is not in {expected:?}"
    );
    assert_eq!(loaded.notice, None, "a whole file gives no notice");
    assert_eq!(loaded.record, kept_at(loaded.generation), "{visible}");
    visible
}

/// The lock is free at once, and the next store is one generation on.
fn store_next(path: &Path, visible: u64) -> u64 {
    let store = open(path);
    let expected = store.read_now().unwrap().generation;
    let change = change_to(expected.next());
    let commit = Commit::new(expected, change, OpId::new(u128::from(visible)));
    match store.commit_now(commit).unwrap() {
        Committed::Stored { generation, .. } => generation.number(),
        Committed::Conflict(loaded) => panic!("nobody else writes: {loaded:?}"),
    }
}

/// Waits for no lock.
fn open(path: &Path) -> AnyFileStore {
    AnyFileStore::open(path, Durability::None, Duration::ZERO)
}

fn orphans(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "tmp"))
        .collect()
}
