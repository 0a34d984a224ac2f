//! A process that commits to a token file, for tests that kill it or start many of it. A file
//! whose name ends in `.tks` is an encrypted one.
//!
//! `store_writer endless <path> full|none` says `ready`, then commits for ever and says each
//! generation once it is acknowledged. `store_writer turns <path> <count>` waits for the end of
//! its input, then makes that many compare-and-swaps. `store_writer lease <path> <generation>`
//! takes the lease, marks a request that spends this generation, says `sent`, and waits for the
//! end of its input. `store_writer rotate <path> -` reads an encrypted file for ever, with
//! one key and the other in turn, so that it is written anew each time, and says its generation.
#![allow(clippy::print_stdout, reason = "standard output is its protocol")]

use std::env;
use std::error::Error;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use integration_tests::{AnyFileStore, change_to, encrypted};
use token_store::{Commit, Committed, Durability, Generation, LeaseAttempt, OpId, TokenStore};

/// A herd on a slow disk may queue longer than a person would wait.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("store_writer: an argument is missing")
    };
    let (task, path, detail) = (next()?, PathBuf::from(next()?), next()?);
    match task.as_str() {
        "endless" => commit_endlessly(path, &detail),
        "turns" => take_turns(path, detail.parse()?),
        "lease" => hold_lease(path, Generation::new(detail.parse()?)),
        "rotate" => rotate_endlessly(path),
        _ => Err("store_writer: the first argument is endless, turns, lease or rotate".into()),
    }
}

fn commit_endlessly(path: PathBuf, durability: &str) -> Result<(), Box<dyn Error>> {
    let durability = match durability {
        "full" => Durability::Full,
        _ => Durability::None,
    };
    let store = AnyFileStore::open(&path, durability, PATIENCE);
    println!("ready");
    loop {
        if let Some(generation) = swap(&store)? {
            println!("{generation}");
        }
    }
}

fn rotate_endlessly(path: PathBuf) -> Result<(), Box<dyn Error>> {
    let stores = [0, 1].map(|active| encrypted(&path, Durability::Full, PATIENCE, active));
    loop {
        for store in &stores {
            println!("{}", store.read_now()?.generation);
        }
    }
}

fn take_turns(path: PathBuf, count: usize) -> Result<(), Box<dyn Error>> {
    let store = AnyFileStore::open(&path, Durability::None, PATIENCE);
    io::stdin().read_to_end(&mut Vec::new())?;
    for _ in 0..count {
        while swap(&store)?.is_none() {}
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn hold_lease(path: PathBuf, basis: Generation) -> Result<(), Box<dyn Error>> {
    let store = AnyFileStore::open(&path, Durability::None, PATIENCE).shared();
    let LeaseAttempt::Acquired(mut lease) = store.try_lease(Duration::from_secs(30)).await else {
        return Err("store_writer: somebody else has the lease".into());
    };
    lease.mark_sent(basis).await?;
    println!("sent");
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// One compare-and-swap: the new generation, or `None` if somebody else was faster.
fn swap(store: &AnyFileStore) -> Result<Option<u64>, Box<dyn Error>> {
    let expected = store.read_now()?.generation;
    let change = change_to(expected.next());
    let op_id = OpId::new(fastrand::u128(..));
    match store.commit_now(Commit::new(expected, change, op_id))? {
        Committed::Stored { generation, .. } => Ok(Some(generation.number())),
        Committed::Conflict(_) => Ok(None),
    }
}
