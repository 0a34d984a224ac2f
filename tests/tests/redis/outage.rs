//! A server that is away, silent, wiped, or set back.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use integration_tests::stored_token;
use token_core::ManualClock;
use token_manager::{ScriptedProvider, TokenManager};
use token_store::{
    Change, Commit, Committed, Generation, LeaseAttempt, OpId, RedisStore, StoreErrorKind,
    TokenStore,
};

use crate::contract::{binding, keys};
use crate::server::RedisServer;

fn open(server: &RedisServer) -> RedisStore {
    RedisStore::open(server.url(), binding(), keys()).unwrap()
}

async fn store(store: &RedisStore, expected: u64) -> Committed {
    let expected = Generation::new(expected);
    let change = Change::Put(stored_token(expected.next()));
    let commit = Commit::new(expected, change, OpId::random());
    store.commit(commit).await.unwrap()
}

/// Asks until the server is found again: it is looked for after a pause that grows.
async fn load_again(store: &RedisStore) -> token_store::Loaded {
    loop {
        match store.load().await {
            Ok(loaded) => return loaded,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}"),
        }
        // Nothing waits for this generation; the store's own pauses pass meanwhile.
        let never = store.changed(Generation::new(u64::MAX));
        let _ = tokio::time::timeout(Duration::from_millis(20), never).await;
    }
}

fn generation(committed: &Committed) -> u64 {
    match committed {
        Committed::Stored { generation, .. } => generation.number(),
        Committed::Conflict(loaded) => panic!("somebody else stored: {loaded:?}"),
    }
}

// A-38, C-30: also the renewal goes on, and what it brought is stored once the server is back.
#[tokio::test]
async fn while_redis_is_away_every_call_succeeds() {
    let mut server = RedisServer::start();
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let clock = Arc::new(ManualClock::default());
    let manager = |store: &RedisStore| {
        let builder = TokenManager::builder(provider.clone()).clock(Arc::clone(&clock));
        builder.store(store.clone()).build()
    };
    let store = open(&server);
    let here = manager(&store);
    let first = here.get_token().await.unwrap();

    let elsewhere = manager(&open(&server));
    server.kill();
    for _ in 0..1_000 {
        assert_eq!(here.get_token().await.unwrap(), first);
        clock.advance(Duration::from_secs(80));
    }
    clock.advance(Duration::from_secs(6_300));
    assert_eq!(
        here.get_token().await.unwrap(),
        first,
        "served while it is renewed"
    );
    let second = here.force_refresh().await.unwrap();
    assert_ne!(second, first);
    let other = elsewhere.get_token().await;
    assert!(other.is_ok(), "a host that had none logs in: {other:?}");

    server.restart();
    load_again(&store).await;
    let third = here.force_refresh().await.unwrap();
    here.close().await;
    let stored = open(&server).load().await.unwrap().record.unwrap();
    assert_eq!(*stored.token.token(), third);
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_told_from_an_empty_one() {
    let mut server = RedisServer::start();
    let store = open(&server);
    store.load().await.unwrap();
    signal(&server, "-STOP");
    let silent = store.load().await.unwrap_err();
    assert_eq!(silent.kind(), StoreErrorKind::Unavailable, "{silent}");
    let attempt = store.try_lease(Duration::from_secs(1)).await;
    assert!(
        matches!(attempt, LeaseAttempt::Unavailable(_)),
        "{attempt:?}"
    );
    signal(&server, "-CONT");
    load_again(&store).await;

    server.kill();
    let away = store.load().await.unwrap_err();
    assert_eq!(away.kind(), StoreErrorKind::Unavailable, "{away}");
    server.restart();
    load_again(&store).await;
}

fn signal(server: &RedisServer, signal: &str) {
    let process = server.process().to_string();
    let sent = Command::new("kill").args([signal, &process]).status();
    assert!(sent.unwrap().success());
}

// A connection that broke while nobody used it costs no failed question.
#[tokio::test]
async fn a_restart_between_two_questions_is_not_noticed() {
    let mut server = RedisServer::start();
    let store = open(&server);
    assert_eq!(generation(&self::store(&store, 0).await), 1);
    server.restart();
    assert_eq!(generation(&self::store(&store, 1).await), 2);
    server.restart();
    let attempt = store.try_lease(Duration::from_secs(1)).await;
    assert!(matches!(attempt, LeaseAttempt::Acquired(_)), "{attempt:?}");
}

#[tokio::test]
async fn a_wiped_server_gets_the_newest_known_record_again() {
    let mut server = RedisServer::start();
    let (ahead, behind) = (open(&server), open(&server));
    store(&ahead, 0).await;
    behind.load().await.unwrap();
    store(&ahead, 1).await;
    server.wipe();

    // Whoever knows less comes first, and is overtaken.
    let restored = load_again(&behind).await;
    assert_eq!(restored.record, Some(stored_token(Generation::new(1))));
    assert_eq!(restored.generation, Generation::new(2));
    let restored = load_again(&ahead).await;
    assert_eq!(restored.record, Some(stored_token(Generation::new(2))));
    assert_eq!(restored.generation, Generation::new(3));
    let seen = load_again(&behind).await;
    assert_eq!(seen.record, restored.record);
    assert_eq!(seen.generation, restored.generation);
}

#[tokio::test]
async fn a_change_goes_on_over_a_wiped_server() {
    let mut server = RedisServer::start();
    let here = open(&server);
    store(&here, 0).await;
    store(&here, 1).await;
    server.wipe();
    assert_eq!(generation(&store(&here, 2).await), 3);
    let seen = open(&server).load().await.unwrap();
    assert_eq!(seen.record, Some(stored_token(Generation::new(3))));
}

// As a replica that took over before it had the last commit.
#[tokio::test]
async fn a_commit_that_the_server_forgot_is_not_taken_back() {
    let mut server = RedisServer::start();
    let (here, elsewhere) = (open(&server), open(&server));
    store(&here, 0).await;
    let earlier = tempfile::TempDir::new().unwrap();
    copy(&server.log_folder(), earlier.path());
    elsewhere.load().await.unwrap();
    store(&here, 1).await;
    server.kill();
    fs::remove_dir_all(server.log_folder()).unwrap();
    copy(earlier.path(), &server.log_folder());
    server.restart();

    // The same generation is made a second time, by another operation.
    assert_eq!(generation(&store(&elsewhere, 1).await), 2);
    let Committed::Conflict(seen) = store(&here, 2).await else {
        panic!("stored over what was never seen");
    };
    assert_eq!(seen.generation, Generation::new(3), "above both");
    let conflict = store(&elsewhere, 2).await;
    assert!(matches!(conflict, Committed::Conflict(_)), "{conflict:?}");
    assert_eq!(generation(&store(&here, 3).await), 4);
}

#[tokio::test]
async fn a_commit_under_an_overtaken_lease_is_refused() {
    let server = RedisServer::start();
    let (here, elsewhere) = (open(&server), open(&server));
    let mut fences = Vec::new();
    for host in [&here, &elsewhere] {
        let attempt = host.try_lease(Duration::from_secs(30)).await;
        let LeaseAttempt::Acquired(lease) = attempt else {
            panic!("{attempt:?}");
        };
        fences.push(lease.fence());
        lease.release().await.unwrap();
    }
    let under = |expected: u64, fence| {
        let change = Change::Put(stored_token(Generation::new(expected + 1)));
        let op_id = OpId::random();
        Commit::new(Generation::new(expected), change, op_id).with_fence(Some(fence))
    };
    let new = elsewhere.commit(under(0, fences[1])).await.unwrap();
    assert_eq!(generation(&new), 1);
    let late = here.commit(under(1, fences[0])).await.unwrap();
    assert!(matches!(late, Committed::Conflict(_)), "{late:?}");
    let new = elsewhere.commit(under(1, fences[1])).await.unwrap();
    assert_eq!(generation(&new), 2);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
