//! Writers and readers of one file, killed at any moment.

use std::hint::spin_loop;
use std::io::{BufRead, BufReader, Lines, Read};
use std::ops::AddAssign;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fastrand::Rng;
use integration_tests::kept_at;
use integration_tests::rig::{orphans, ranks, report, size};
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;
use tempfile::TempDir;
use token_store::{Durability, Generation};

/// Of each; all of them are killed in every round.
const WRITERS: usize = 4;
const READERS: usize = 4;

/// The spinning that a kill is put off by at most: some hundred microseconds, so it hits every
/// step of a store that does not flush.
const LONGEST_SPIN: u32 = 60_000;

/// What the kills hit. A rig that hits nothing proves nothing.
#[derive(Debug, Default)]
struct Hits {
    kills: usize,
    /// Temporary files that were left behind.
    orphans: usize,
    /// A commit was visible that had not been acknowledged.
    unacknowledged: usize,
    /// That commit was a clear, so its intent alone told of it.
    unacknowledged_clears: usize,
    /// From the last death of a writer to the next store.
    takeovers: Vec<Duration>,
}

impl AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.orphans += other.orphans;
        self.unacknowledged += other.unacknowledged;
        self.unacknowledged_clears += other.unacknowledged_clears;
        self.takeovers.extend(other.takeovers);
    }
}

// W-A04, C-20, C-30, W-C01: upstream truncates the file in place.
#[test]
fn killed_writers_and_readers_tear_lose_and_hold_nothing() {
    for (kind, kills) in [
        (Kind::Encrypted, size(4_400, 90_000)),
        (Kind::Plain, size(600, 10_000)),
    ] {
        let hits = kill(kind, kills).unwrap();
        let takeovers = ranks(hits.takeovers.clone());
        report(format_args!(
            "{} kills, {}: 0 torn, 0 lost, {} orphans swept, {} unacknowledged commits; next store {takeovers}",
            hits.kills,
            kind.name(),
            hits.orphans,
            hits.unacknowledged,
        ));
        assert!(hits.kills >= kills);
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
}

#[test]
fn the_kills_find_a_store_that_tears_loses_litters_or_swaps_without_a_lock() {
    for mistake in [
        Mistake::InPlace,
        Mistake::WritesLater,
        Mistake::Litters,
        Mistake::Unlocked,
    ] {
        let found = kill(Kind::Wrong(mistake), 2_000).unwrap_err();
        report(format_args!("control {mistake:?}: {found}"));
    }
}

/// Kills that many, or as many as it takes to find something wrong.
fn kill(kind: Kind, kills: usize) -> Result<Hits, String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token");
    let mut random = Rng::with_seed(0x0007_0ce9);
    let mut hits = Hits::default();
    while hits.kills < kills {
        let durability = match hits.takeovers.len() % 10 {
            0 => "full",
            _ => "none",
        };
        let killed = hits.kills;
        hits += round(kind, &path, durability, &mut random)
            .map_err(|complaint| format!("after {killed} kills: {complaint}"))?;
    }
    Ok(hits)
}

/// Starts all of them, kills all of them, looks, and stores.
fn round(kind: Kind, path: &Path, durability: &str, random: &mut Rng) -> Result<Hits, String> {
    let before = visible(kind, path)?;
    let mut workers: Vec<Worker> = Vec::new();
    for _ in 0..WRITERS {
        workers.push(Worker::start("endless", kind, path, durability));
    }
    // The readers know what the right stores keep.
    if !matches!(kind, Kind::Wrong(_)) {
        for _ in 0..READERS {
            workers.push(Worker::start("reader", kind, path, "-"));
        }
    }
    random.shuffle(&mut workers);
    workers.iter_mut().for_each(Worker::hear);
    // From here on all of them are at it.
    workers.iter_mut().for_each(Worker::begin);
    let first_writer = workers.iter_mut().find(|worker| worker.task == "endless");
    first_writer.expect("there are writers").hear();
    let kills = workers.len();
    let mut acknowledged = Vec::new();
    let mut died = Instant::now();
    for worker in workers {
        for _ in 0..random.u32(0..LONGEST_SPIN) {
            spin_loop();
        }
        died = Instant::now();
        acknowledged.extend(worker.kill()?);
    }
    let seen = judge(kind, path, before, acknowledged)?;
    let left = orphans(path.parent().unwrap()).len();
    store_next(kind, path)?;
    let takeover = died.elapsed();
    let is_clear = kept_at(Generation::new(seen.visible)).is_none();
    Ok(Hits {
        kills,
        orphans: left,
        unacknowledged: usize::from(seen.unacknowledged),
        unacknowledged_clears: usize::from(seen.unacknowledged && is_clear),
        takeovers: vec![takeover],
    })
}

struct Seen {
    visible: u64,
    unacknowledged: bool,
}

/// Nobody acknowledged what another did, the last one that anybody acknowledged is there or a
/// later one, and no more are there than can have been on their way.
fn judge(kind: Kind, path: &Path, before: u64, mut acknowledged: Vec<u64>) -> Result<Seen, String> {
    let visible = visible(kind, path)?;
    acknowledged.sort_unstable();
    if let Some(twice) = acknowledged.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("two writers were told that they made {}", twice[0]));
    }
    let last = acknowledged.last().copied().unwrap_or(before);
    if visible < last {
        return Err(format!("{last} was acknowledged, and {visible} is there"));
    }
    if visible > last + WRITERS as u64 {
        return Err(format!(
            "{last} was acknowledged last, and {visible} is there"
        ));
    }
    Ok(Seen {
        visible,
        unacknowledged: visible > last,
    })
}

/// The generation that is there, if it is whole.
fn visible(kind: Kind, path: &Path) -> Result<u64, String> {
    let loaded = kind.judge(path).and_then(|store| store.read_now());
    let loaded = loaded.map_err(|error| format!("it cannot be read: {error}"))?;
    if let Some(notice) = loaded.notice {
        return Err(format!("it is torn: {notice}"));
    }
    let is_right = matches!(kind, Kind::Wrong(_)) || loaded.record == kept_at(loaded.generation);
    let generation = loaded.generation.number();
    is_right
        .then_some(generation)
        .ok_or_else(|| format!("{generation} is not what was stored"))
}

/// The lock is free at once, and what the dead left goes.
fn store_next(kind: Kind, path: &Path) -> Result<(), String> {
    let store = kind.open(path, Durability::None, Duration::ZERO);
    let swapped = store.and_then(|store| store.swap_now());
    if !matches!(swapped, Ok(Some(_))) {
        return Err(format!("the next store fails: {swapped:?}"));
    }
    let left = orphans(path.parent().unwrap());
    let none = left.is_empty();
    none.then_some(())
        .ok_or_else(|| format!("the next store leaves {left:?}"))
}

/// A process that writes or reads.
struct Worker {
    task: &'static str,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    acknowledged: Vec<u64>,
}

impl Worker {
    fn start(task: &'static str, kind: Kind, path: &Path, detail: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_store_writer"));
        command.args([task, &kind.name()]).arg(path).arg(detail);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            task,
            process,
            lines,
            acknowledged: Vec::new(),
        }
    }

    fn begin(&mut self) {
        drop(self.process.stdin.take());
    }

    /// Waits for a word; a number is what it made.
    fn hear(&mut self) {
        let said = self.lines.next().and_then(Result::ok);
        self.acknowledged
            .extend(said.and_then(|said| said.parse::<u64>().ok()));
    }

    /// Kills it, and answers all that it acknowledged: what it said before it died counts.
    fn kill(mut self) -> Result<Vec<u64>, String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let rest = self.lines.map_while(Result::ok);
        self.acknowledged
            .extend(rest.filter_map(|said| said.parse::<u64>().ok()));
        let mut complaint = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut complaint).unwrap();
        match complaint.is_empty() {
            true => Ok(self.acknowledged),
            false => Err(complaint),
        }
    }
}
