//! A process that uses a token file, for tests that kill it or start many of it:
//! `store_writer TASK KIND FILE DETAIL`.
//!
//! All but the last say `ready` and begin at the end of their input. `endless` commits for ever,
//! flushing everything where the detail is `full` and not the name where it is `file`, and says each generation once it is acknowledged. `reader`
//! reads for ever, and ends with a word about what is not whole or goes back. `turns` makes that
//! many compare-and-swaps; `durable` does so with every flush and the patience that stores have by
//! themselves. `lease` takes the lease, marks a request that spends this generation, says `sent`,
//! and waits for the end of its input.

use std::env;
use std::error::Error;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use integration_tests::kept_at;
use integration_tests::rig::say;
use integration_tests::stores::{Kind, Store, binding};
use token_store::{Durability, FileStore, Generation, LeaseAttempt, TokenStore};

/// A herd on a slow disk may queue longer than a person would wait.
const PATIENT: Duration = Duration::from_secs(60);

/// What a store waits by itself.
const USUAL: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("store_writer: an argument is missing")
    };
    let (task, kind, path) = (next()?, next()?.parse()?, PathBuf::from(next()?));
    let detail = next()?;
    match task.as_str() {
        "endless" => commit_endlessly(kind, &path, &detail),
        "reader" => read_endlessly(kind, &path),
        "turns" => take_turns(&open(kind, &path, Durability::None)?, detail.parse()?),
        "durable" => {
            let store = kind.open(&path, Durability::Full, USUAL)?;
            take_turns(&store, detail.parse()?)
        }
        "lease" => hold_lease(path, Generation::new(detail.parse()?)),
        _ => Err("store_writer: no such task".into()),
    }
}

fn commit_endlessly(kind: Kind, path: &Path, durability: &str) -> Result<(), Box<dyn Error>> {
    let durability = match durability {
        "full" => Durability::Full,
        "file" => Durability::FileOnly,
        _ => Durability::None,
    };
    let store = open(kind, path, durability)?;
    wait_for_the_start()?;
    loop {
        if let Some(generation) = store.swap_now()? {
            say(generation);
        }
    }
}

fn read_endlessly(kind: Kind, path: &Path) -> Result<(), Box<dyn Error>> {
    let store = open(kind, path, Durability::None)?;
    let mut last = Generation::ZERO;
    wait_for_the_start()?;
    loop {
        let loaded = store.read_now()?;
        let generation = loaded.generation;
        if generation < last {
            return Err(format!("{generation} comes after {last}").into());
        }
        if loaded.record != kept_at(generation) || loaded.notice.is_some() {
            return Err(format!("{generation} is not what was stored").into());
        }
        last = generation;
    }
}

fn take_turns(store: &Store, count: usize) -> Result<(), Box<dyn Error>> {
    wait_for_the_start()?;
    let mut known = store.read_now()?.generation;
    for _ in 0..count {
        known = loop {
            match store.swap_from(known)? {
                Ok(made) => break made,
                Err(found) => known = found,
            }
        };
    }
    Ok(())
}

fn wait_for_the_start() -> io::Result<()> {
    say("ready");
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn hold_lease(path: PathBuf, basis: Generation) -> Result<(), Box<dyn Error>> {
    let store = FileStore::open(path, binding())?;
    let LeaseAttempt::Acquired(mut lease) = store.try_lease(Duration::from_secs(30)).await else {
        return Err("store_writer: somebody else has the lease".into());
    };
    lease.mark_sent(basis).await?;
    say("sent");
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn open(kind: Kind, path: &Path, durability: Durability) -> Result<Store, Box<dyn Error>> {
    Ok(kind.open(path, durability, PATIENT)?)
}
