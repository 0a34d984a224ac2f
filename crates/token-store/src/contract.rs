//! The contract of [`TokenStore`] as a test that every store can run.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use token_core::{AccessToken, RefreshToken, TokenData};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{
    Change, Commit, Committed, FailureNote, Generation, Lease, LeaseAttempt, NoteClass, OpId,
    Record, TokenStore,
};

/// The life of a lease in these checks, for backends that need one.
const TTL: Duration = Duration::from_secs(30);

/// A check that waits longer than this is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks a store against every sentence of the contract of [`TokenStore`] that one process can
/// see. `make` is called once per check and makes a store that is empty and shared with nobody.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use token_store::{MemoryStore, check_contract};
///
/// check_contract(async || MemoryStore::new()).await;
/// # }
/// ```
///
/// # Panics
///
/// Where the store does not keep the contract, and outside of a tokio runtime with time.
pub async fn check_contract<S: TokenStore>(make: impl AsyncFn() -> S) {
    check_contract_between(async || {
        let store = Arc::new(make().await);
        (Arc::clone(&store), store)
    })
    .await;
}

/// Checks the contract between two handles, as two processes would hold them. `make` is called
/// once per check and makes two handles to one store that is empty and shared with nobody else.
///
/// # Panics
///
/// Where the store does not keep the contract, and outside of a tokio runtime with time.
pub async fn check_contract_between<S: TokenStore>(make: impl AsyncFn() -> (Arc<S>, Arc<S>)) {
    macro_rules! check {
        ($($check:ident),* $(,)?) => {$({
            let (first, second) = make().await;
            let kind = first.kind();
            assert!(!kind.is_empty(), "a store has a word for messages");
            timeout(PATIENCE, $check(first, second))
                .await
                .unwrap_or_else(|_| panic!("{kind}: {} is stuck", stringify!($check)));
        })*};
    }
    check!(
        an_empty_store_has_no_record_and_generation_zero,
        a_stored_record_comes_back_whole,
        a_commit_on_another_generation_meets_what_is_stored,
        the_same_operation_again_gives_the_same_answer,
        the_generation_survives_a_clear,
        clearing_an_empty_store_is_fine,
        one_lease_is_held_at_a_time,
        fences_grow,
        a_dropped_lease_is_free,
        a_failure_is_handed_to_everybody_until_a_success,
        a_mark_is_found_until_somebody_releases,
        a_change_wakes_who_waits_for_it,
        concurrent_committers_lose_nothing,
        a_dropped_commit_has_happened_or_not,
    );
}

/// A record whose token is `text` and whose refresh token is `refresh-` and the text.
///
/// # Panics
///
/// When the text cannot be a token.
pub(crate) fn record(text: &str) -> Record {
    let token = AccessToken::new(text).expect("a token of visible ASCII");
    let refresh = RefreshToken::new(format!("refresh-{text}")).expect("as the token");
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::new(1_800_000_000, 123_456_789);
    let day = Duration::from_secs(86_400);
    let data = TokenData::with_lifetime(token, obtained_at, day);
    Record::new(data.with_refresh_token(Some(refresh)))
}

async fn an_empty_store_has_no_record_and_generation_zero<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    for store in [a, b] {
        let loaded = store.load().await.expect("an empty store is no error");
        assert_eq!(loaded.record, None);
        assert_eq!(loaded.generation, Generation::ZERO);
        assert_eq!(loaded.notice, None);
    }
}

async fn a_stored_record_comes_back_whole<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    put(&*a, 0, "first", 1).await;
    expect_record(&*b, Some("first"), 1).await;
    put(&*b, 1, "second", 2).await;
    expect_record(&*a, Some("second"), 2).await;
}

async fn a_commit_on_another_generation_meets_what_is_stored<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    put(&*a, 0, "first", 1).await;
    for (expected, op) in [(0, 2), (2, 3), (u64::MAX, 4)] {
        for change in [Change::Put(record("late")), Change::Clear] {
            match commit(&*b, expected, change, op).await {
                Committed::Conflict(loaded) => {
                    assert_eq!(loaded.record, Some(record("first")));
                    assert_eq!(loaded.generation, Generation::new(1));
                }
                stored => panic!("a stale commit was made: {stored:?}"),
            }
        }
    }
    expect_record(&*a, Some("first"), 1).await;
}

async fn the_same_operation_again_gives_the_same_answer<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let asked = Commit::new(Generation::ZERO, Change::Put(record("once")), OpId::new(7));
    for store in [&a, &b, &a] {
        let answer = store.commit(asked.clone()).await.expect("a commit");
        assert_eq!(generation_of(&answer), Some(1), "{answer:?}");
    }
    expect_record(&*b, Some("once"), 1).await;

    let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(8));
    for store in [&b, &a] {
        let answer = store.commit(clear.clone()).await.expect("a commit");
        assert_eq!(generation_of(&answer), Some(2), "{answer:?}");
    }
    expect_record(&*a, None, 2).await;
}

async fn the_generation_survives_a_clear<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    put(&*a, 0, "first", 1).await;
    let answer = commit(&*a, 1, Change::Clear, 2).await;
    assert_eq!(generation_of(&answer), Some(2), "{answer:?}");
    expect_record(&*b, None, 2).await;
    put(&*b, 2, "second", 3).await;
    expect_record(&*a, Some("second"), 3).await;
}

async fn clearing_an_empty_store_is_fine<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let answer = commit(&*a, 0, Change::Clear, 1).await;
    assert_eq!(generation_of(&answer), Some(1), "{answer:?}");
    expect_record(&*b, None, 1).await;
}

async fn one_lease_is_held_at_a_time<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let lease = acquire(&*a).await;
    for store in [&a, &b] {
        let attempt = store.try_lease(TTL).await;
        assert!(matches!(attempt, LeaseAttempt::Held(None)), "{attempt:?}");
    }
    put(&*b, 0, "a lease is no lock on the record", 1).await;
    lease.release().await.expect("a release");
    drop(acquire(&*b).await);
}

async fn fences_grow<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let mut last = None;
    for store in [&a, &b, &a] {
        let lease = acquire(&**store).await;
        assert!(Some(lease.fence()) > last, "{lease:?} after {last:?}");
        last = Some(lease.fence());
        lease.release().await.expect("a release");
    }
}

async fn a_dropped_lease_is_free<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    for store in [&a, &b, &a, &b] {
        let lease = acquire_dropped(&**store).await;
        assert_eq!(lease.found_sent(), None);
        assert_eq!(lease.found_failure(), None);
        drop(lease);
    }
}

async fn a_failure_is_handed_to_everybody_until_a_success<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let not_before = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123);
    let note = FailureNote::new(NoteClass::Refused, not_before).about([7; 16]);
    acquire(&*a).await.fail(note).await.expect("a note");

    let lease = acquire(&*b).await;
    assert_eq!(lease.found_failure(), Some(note));
    let attempt = a.try_lease(TTL).await;
    assert!(
        matches!(attempt, LeaseAttempt::Held(Some(held)) if held == note),
        "{attempt:?}"
    );
    drop(lease);

    let lease = acquire_dropped(&*a).await;
    assert_eq!(lease.found_failure(), Some(note), "a drop is no success");
    lease.release().await.expect("a release");
    assert_eq!(acquire(&*b).await.found_failure(), None);
}

async fn a_mark_is_found_until_somebody_releases<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    let basis = Generation::new(5);
    let mut lease = acquire(&*a).await;
    lease.mark_sent(basis).await.expect("a mark");
    drop(lease);

    let lease = acquire_dropped(&*b).await;
    assert_eq!(lease.found_sent(), Some(basis));
    drop(lease);

    let lease = acquire_dropped(&*a).await;
    assert_eq!(lease.found_sent(), Some(basis), "a second death hides it");
    lease.keep_mark().release().await.expect("a release");

    let lease = acquire(&*b).await;
    assert_eq!(lease.found_sent(), Some(basis), "kept without a failure");
    let note = FailureNote::new(NoteClass::Transient, SystemTime::UNIX_EPOCH);
    lease.keep_mark().fail(note).await.expect("a note");

    let lease = acquire(&*a).await;
    assert_eq!(lease.found_sent(), Some(basis), "kept with a failure");
    lease.release().await.expect("a release");
    assert_eq!(acquire(&*b).await.found_sent(), None);
}

async fn a_change_wakes_who_waits_for_it<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    for store in [&a, &b] {
        let loaded = store.load().await.expect("a load");
        let (since, next) = (loaded.generation, loaded.generation.next());
        let waiting = Arc::clone(store);
        let waiter = tokio::spawn(async move { waiting.changed(since).await });
        tokio::task::yield_now().await;
        let op = 100 + u128::from(next.number());
        put(&*a, since.number(), "news", op).await;
        waiter.await.expect("the waiter is woken");
        // Who comes late does not wait.
        store.changed(since).await;
    }
    let before = b.load().await.expect("a load").generation;
    let waiting = Arc::clone(&b);
    let waiter = tokio::spawn(async move { waiting.changed(before).await });
    tokio::task::yield_now().await;
    commit(&*a, before.number(), Change::Clear, 200).await;
    waiter.await.expect("a clear wakes too");
}

async fn concurrent_committers_lose_nothing<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    const TASKS: u128 = 8;
    const EACH: u128 = 8;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = Arc::clone(if task % 2 == 0 { &a } else { &b });
        tasks.spawn(async move {
            for turn in 0..EACH {
                swap_until_stored(&*store, task * EACH + turn).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no committer fails");
    }
    for store in [&a, &b] {
        let loaded = store.load().await.expect("a load");
        assert_eq!(u128::from(loaded.generation.number()), TASKS * EACH);
    }
}

async fn swap_until_stored<S: TokenStore>(store: &S, op: u128) {
    loop {
        let expected = store.load().await.expect("a load").generation.number();
        let change = Change::Put(record(&format!("operation-{op}")));
        if generation_of(&commit(store, expected, change, op).await).is_some() {
            return;
        }
    }
}

async fn a_dropped_commit_has_happened_or_not<S: TokenStore>(a: Arc<S>, b: Arc<S>) {
    for round in 0..8 {
        let loaded = a.load().await.expect("a load");
        let op = OpId::new(1_000 + round);
        let asked = Commit::new(loaded.generation, Change::Put(record("half")), op);
        // A zero timeout polls once and drops what is not ready.
        let first = timeout(Duration::ZERO, a.commit(asked.clone())).await;
        drop(first);
        let answer = a.commit(asked).await.expect("a commit");
        let expected = loaded.generation.next().number();
        assert_eq!(generation_of(&answer), Some(expected), "{answer:?}");
        expect_record(&*b, Some("half"), expected).await;
    }
}

/// A drop cannot wait, so a store on another host frees its lease a little later.
async fn acquire_dropped<S: TokenStore>(store: &S) -> Lease {
    for _ in 0..10_000 {
        if let LeaseAttempt::Acquired(lease) = store.try_lease(TTL).await {
            return lease;
        }
        tokio::task::yield_now().await;
    }
    panic!("the dropped lease is still held");
}

async fn acquire<S: TokenStore>(store: &S) -> Lease {
    match store.try_lease(TTL).await {
        LeaseAttempt::Acquired(lease) => lease,
        other => panic!("the lease should be free: {other:?}"),
    }
}

async fn commit<S: TokenStore>(store: &S, expected: u64, change: Change, op: u128) -> Committed {
    let commit = Commit::new(Generation::new(expected), change, OpId::new(op));
    store.commit(commit).await.expect("a commit")
}

async fn put<S: TokenStore>(store: &S, expected: u64, text: &str, op: u128) {
    let text = text.replace(' ', "-");
    let answer = commit(store, expected, Change::Put(record(&text)), op).await;
    assert_eq!(generation_of(&answer), Some(expected + 1), "{answer:?}");
}

async fn expect_record<S: TokenStore>(store: &S, text: Option<&str>, generation: u64) {
    let loaded = store.load().await.expect("a load");
    assert_eq!(loaded.record, text.map(record));
    assert_eq!(loaded.generation.number(), generation);
}

fn generation_of(committed: &Committed) -> Option<u64> {
    match committed {
        Committed::Stored { generation, .. } => Some(generation.number()),
        Committed::Conflict(_) => None,
    }
}
