//! What the encrypted token file costs, each operation by itself: `store DIRECTORY`.
//! `store DIRECTORY SUBJECT TIMES` only repeats, for who counts instructions.
//!
//! The directory says which file system is measured; a disk's own is the one that counts.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use benches::{Samples, WatchPolls};
use token_core::{AccessToken, TokenData};
use token_store::{
    Binding, Change, Commit, Committed, EncryptedFileStore, Generation, Key, KeySet, LeaseAttempt,
    OpId, Record, TokenStore,
};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// How often what takes microseconds is measured, and before that not.
const QUICK: usize = 20_000;
const WARM_UP: usize = 500;

/// How often a disk is waited for.
const DURABLE: usize = 500;

/// The length of a JWT with some claims: its envelope has 1.5 KB.
const TOKEN_LENGTH: usize = 1_000;

/// A time stamp for the file; that it is set is what changes it.
const SOME_TIME: Duration = Duration::from_secs(1_800_000_000);

/// A file must have rested for longer than its file system's clock ticks to be known unchanged.
const REST: Duration = Duration::from_millis(50);

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().context("in which directory?")?;
    let place = tempfile::tempdir_in(directory)?;
    let path = place.path().join("token.tks");
    let store = open(&path)?;
    store.commit_now(put(Generation::ZERO))?;
    if let Some(subject) = arguments.next() {
        let times = arguments.next().context("how many times?")?.parse()?;
        return repeat(&subject, times, &store, &path);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    loads(&store, &path)?;
    loads_on_a_runtime(&store, &path, &runtime)?;
    unchanged(&store, &path)?;
    locks(&store, place.path())?;
    durable_saves(&store, place.path(), &runtime)
}

fn repeat(subject: &str, times: usize, store: &EncryptedFileStore, path: &Path) -> Result<()> {
    rest();
    for _ in 0..times {
        match subject {
            "encrypted_load" => {
                touch(path)?;
                store.read_now().map(drop)?;
            }
            "unchanged_check" => store.read_now().map(drop)?,
            "lock" => lease(store)?,
            _ => bail!("nothing is called {subject}"),
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<EncryptedFileStore> {
    let binding = Binding::new("https://cidx.example", "alice")?.with_project("/srv/project")?;
    let keys = KeySet::new(Key::new(Zeroizing::new([7; 32])));
    Ok(EncryptedFileStore::open(path, binding, keys)?)
}

fn put(expected: Generation) -> Commit {
    let text = "x".repeat(TOKEN_LENGTH);
    let token = AccessToken::new(text).expect("letters make a token");
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let data = TokenData::with_lifetime(token, obtained_at, Duration::from_secs(600));
    let op_id = OpId::new(u128::from(expected.number()) + 1);
    Commit::new(expected, Change::Put(Record::new(data)), op_id)
}

/// Makes the file one that the store does not know, without writing it: its fingerprint changes.
fn touch(path: &Path) -> Result<()> {
    let file = File::options().write(true).open(path)?;
    Ok(file.set_modified(SystemTime::UNIX_EPOCH + SOME_TIME)?)
}

/// The load, and the least that reads the same bytes, in turn.
fn loads(store: &EncryptedFileStore, path: &Path) -> Result<()> {
    let (mut ours, mut plain) = (Samples::default(), Samples::default());
    let mut buffer = [0; 4_096];
    for round in 0..WARM_UP + QUICK {
        touch(path)?;
        let start = Instant::now();
        let loaded = store.read_now()?;
        ours.add_after(WARM_UP, round, start.elapsed());
        ensure!(loaded.record.is_some(), "there is a record");

        let start = Instant::now();
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let read = file.read(&mut buffer)?;
        drop(file);
        plain.add_after(WARM_UP, round, start.elapsed());
        ensure!(read as u64 == size, "the file is read whole");
    }
    ours.print("store", "encrypted_load");
    plain.print("store", "plain_read");
    Ok(())
}

fn loads_on_a_runtime(store: &EncryptedFileStore, path: &Path, runtime: &Runtime) -> Result<()> {
    let mut samples = Samples::default();
    let mut polls = Samples::default();
    for round in 0..WARM_UP + QUICK / 4 {
        touch(path)?;
        let mut longest = Duration::ZERO;
        let start = Instant::now();
        let loaded = runtime.block_on(WatchPolls::new(store.load(), &mut longest))?;
        samples.add_after(WARM_UP, round, start.elapsed());
        polls.add_after(WARM_UP, round, longest);
        ensure!(loaded.record.is_some(), "there is a record");
    }
    samples.print("store", "encrypted_load_async");
    polls.print("store", "poll_of_load");
    Ok(())
}

/// The check, and asking the system about the file, in turn.
fn unchanged(store: &EncryptedFileStore, path: &Path) -> Result<()> {
    rest();
    let (mut ours, mut plain) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + QUICK {
        let start = Instant::now();
        let loaded = store.read_now()?;
        ours.add_after(WARM_UP, round, start.elapsed());
        ensure!(loaded.record.is_some(), "there is a record");

        let start = Instant::now();
        let size = fs::symlink_metadata(path)?.len();
        plain.add_after(WARM_UP, round, start.elapsed());
        ensure!(size > 0, "there is a file");
    }
    ours.print("store", "unchanged_check");
    plain.print("store", "plain_stat");
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the file system's clock has to tick"
)]
fn rest() {
    std::thread::sleep(REST);
}

/// The lease, and the lock of a file that is opened for it, in turn.
fn locks(store: &EncryptedFileStore, directory: &Path) -> Result<()> {
    let (mut ours, mut plain) = (Samples::default(), Samples::default());
    let path = directory.join("plain.lock");
    File::create(&path)?;
    for round in 0..WARM_UP + QUICK {
        let start = Instant::now();
        lease(store)?;
        ours.add_after(WARM_UP, round, start.elapsed());

        let start = Instant::now();
        let file = File::open(&path)?;
        file.lock()?;
        file.unlock()?;
        drop(file);
        plain.add_after(WARM_UP, round, start.elapsed());
    }
    ours.print("store", "lock");
    plain.print("store", "plain_lock");
    Ok(())
}

/// Takes the lease and gives it back: a lock with a record that is read and written twice.
fn lease(store: &EncryptedFileStore) -> Result<()> {
    let attempt = at_once(store.try_lease(Duration::from_secs(30)))?;
    let LeaseAttempt::Acquired(lease) = attempt else {
        bail!("nobody else has the lease: {attempt:?}");
    };
    Ok(at_once(lease.release())??)
}

/// File work outside a runtime is done by the first poll.
fn at_once<T>(work: impl Future<Output = T>) -> Result<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => bail!("the file work waits for something"),
    }
}

/// Ours and the least that survives a power cut, in turn, with as many bytes.
fn durable_saves(store: &EncryptedFileStore, directory: &Path, runtime: &Runtime) -> Result<()> {
    let bytes = fs::read(store.path())?;
    let plain_directory = directory.join("plain");
    fs::create_dir(&plain_directory)?;
    let (mut ours, mut plain) = (Samples::default(), Samples::default());
    let mut polls = Samples::default();
    let mut generation = store.read_now()?.generation;
    for round in 0..DURABLE + 20 {
        let commit = put(generation);
        let start = Instant::now();
        let committed = store.commit_now(commit)?;
        ours.add_after(20, round, start.elapsed());
        generation = stored(&committed)?;

        let start = Instant::now();
        write_durably(&plain_directory, &bytes)?;
        plain.add_after(20, round, start.elapsed());
    }
    ours.print("store", "encrypted_durable_save");
    plain.print("store", "plain_durable_write");
    for round in 0..100 {
        let mut longest = Duration::ZERO;
        let commit = WatchPolls::new(store.commit(put(generation)), &mut longest);
        generation = stored(&runtime.block_on(commit)?)?;
        polls.add_after(0, round, longest);
    }
    polls.print("store", "poll_of_save");
    Ok(())
}

fn stored(committed: &Committed) -> Result<Generation> {
    match committed {
        Committed::Stored {
            generation,
            durable: true,
        } => Ok(*generation),
        other => bail!("it was not stored for good: {other:?}"),
    }
}

fn write_durably(directory: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = directory.join("token.tmp");
    let mut file = File::create_new(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(temporary, directory.join("token"))?;
    Ok(File::open(directory)?.sync_all()?)
}
