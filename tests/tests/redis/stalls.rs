//! Nothing is lost, doubled or turned back, whoever stalls and however often the server dies.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use token_store::RedisStore;

use crate::contract::{binding, keys};
use crate::course::{Size, run};
use crate::log::made;
use crate::server::RedisServer;

const PULL_REQUEST: Size = Size {
    clients: 32,
    cycles: 200,
    kills: 10,
};

/// With `REDIS_RIG=full`.
const FULL: Size = Size {
    clients: 32,
    cycles: 1_000,
    kills: 20,
};

fn size() -> Size {
    match std::env::var_os("REDIS_RIG") {
        Some(size) if size == "full" => FULL,
        _ => PULL_REQUEST,
    }
}

// W-A04, X-31
#[test]
fn thirty_two_clients_that_stall_under_a_dying_server_lose_nothing() {
    let size = size();
    let mut server = RedisServer::start();
    let begun = Instant::now();
    let mut tally = run(size, &mut server, |server| {
        RedisStore::open(server.url(), binding(), keys()).unwrap()
    });
    let log = made(&server.log_folder());

    let generations: Vec<_> = log.iter().map(|made| made.generation).collect();
    let expected: Vec<_> = (1..=generations.len() as u64).collect();
    assert_eq!(
        generations, expected,
        "each generation is made once, in order"
    );
    let operations: HashMap<_, _> = log.iter().map(|made| (made.operation, made)).collect();
    assert_eq!(operations.len(), log.len(), "no operation is made twice");
    for stored in &tally.stored {
        assert_eq!(operations.get(&stored.operation), Some(&stored), "lost");
    }
    assert_eq!(tally.regressions, 0, "nobody saw an older generation");
    let cycles = (size.clients * size.cycles) as usize;
    assert_eq!(tally.stored.len() + tally.conflicts.len(), cycles);

    // Who was away for more than 16 commits cannot be told any more that his was made.
    let conflicts: HashSet<_> = tally.conflicts.iter().collect();
    let unanswered = log.len() - tally.stored.len();
    let untold = operations.keys().filter(|made| conflicts.contains(made));
    assert_eq!(untold.count(), unanswered, "whoever made it was a client");
    assert!(unanswered <= (size.kills * size.clients) as usize);

    tally.commit_times.sort();
    let percent = |part: usize| tally.commit_times[(tally.commit_times.len() - 1) * part / 100];
    println!(
        "{cycles} cycles, {} stalls, {} kills in {:.1?}: {} stored, {} conflicts, {} unanswered, \
         {} errors; commit p50 {:.0?}, p99 {:.0?}",
        tally.stalls,
        size.kills,
        begun.elapsed(),
        tally.stored.len(),
        tally.conflicts.len(),
        unanswered,
        tally.errors,
        percent(50),
        percent(99),
    );
    assert!(tally.stalls * 5 >= size.clients * size.cycles);
}

// The positive control: a server that stores whatever it is told must be found out.
#[test]
fn without_the_compare_the_same_rig_finds_lost_updates() {
    let size = Size {
        clients: 8,
        cycles: 50,
        kills: 0,
    };
    let mut server = RedisServer::start();
    let tally = run(size, &mut server, |server| {
        let builder = RedisStore::builder(server.url(), binding(), keys());
        // The rig alone decides how long it waits for a busy machine.
        let patient = builder.response_timeout(Duration::from_secs(5));
        patient.without_compare().open().unwrap()
    });
    assert!(tally.lost_updates() > 0, "{} stalls", tally.stalls);
    let log = made(&server.log_folder());
    assert!(!log.is_sorted_by(|before, after| before.generation < after.generation));
}
