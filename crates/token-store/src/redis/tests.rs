//! The protocol on a server in memory, on paused time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, advance, sleep, timeout};

use super::fake::{Fake, Fault};
use super::shared::WaitFor;
use super::store::Protocol;
use crate::contract::{check_contract_between, record};
use crate::{
    Change, Commit, Committed, Generation, Lease, LeaseAttempt, OpId, StoreErrorKind, TokenStore,
};

const TTL: Duration = Duration::from_secs(45);

/// Two hosts on one server.
fn hosts() -> (Protocol<Fake>, Protocol<Fake>) {
    let here = Fake::new();
    let there = here.another();
    (here.store(), there.store())
}

fn fail(store: &Protocol<Fake>, faults: &[Fault]) {
    let mut state = store.shared.server.state.lock().unwrap();
    state.faults.extend(faults);
}

fn change(expected: u64, op: u128) -> Commit {
    let change = Change::Put(record(&format!("operation-{op}")));
    Commit::new(Generation::new(expected), change, OpId::new(op))
}

async fn stored(store: &Protocol<Fake>, commit: Commit) -> Option<u64> {
    match store.commit(commit).await.unwrap() {
        Committed::Stored { generation, .. } => Some(generation.number()),
        Committed::Conflict(_) => None,
    }
}

async fn acquire(store: &Protocol<Fake>) -> Lease {
    match store.try_lease(TTL).await {
        LeaseAttempt::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

async fn is_held(store: &Protocol<Fake>) -> bool {
    matches!(store.try_lease(TTL).await, LeaseAttempt::Held(_))
}

//
#[tokio::test]
async fn the_protocol_keeps_the_contract() {
    check_contract_between(async || {
        let (here, there) = hosts();
        (Arc::new(here), Arc::new(there))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_it_is_held_but_not_for_ever() {
    let (here, there) = hosts();
    let lease = acquire(&here).await;
    let begun = Instant::now();
    while is_held(&there).await {
        sleep(Duration::from_secs(5)).await;
        assert!(
            begun.elapsed() < TTL * 6,
            "a stuck holder keeps it for ever"
        );
    }
    assert!(begun.elapsed() > TTL * 4, "{:?}", begun.elapsed());
    assert!(!lease.covers(Duration::from_millis(1)));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_paused_knows_that_its_lease_is_lost() {
    let (here, there) = hosts();
    let mut lease = acquire(&here).await;
    assert!(lease.covers(TTL) && !lease.covers(TTL * 2));
    // The whole process was away, so no renewal had its turn.
    let state = Arc::clone(&here.shared.server.state);
    state.lock().unwrap().end_lease();
    let other = acquire(&there).await;
    assert!(other.fence() > lease.fence());
    let error = lease.mark_sent(Generation::new(1)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    assert!(!lease.covers(Duration::ZERO));
    // Nothing that is left to do takes the other's lease away.
    lease.release().await.unwrap_err();
    assert!(is_held(&here).await);
    assert_eq!(other.found_sent(), None);
}

#[tokio::test(start_paused = true)]
async fn a_mark_gives_the_lease_its_whole_life_again() {
    let (here, _) = hosts();
    let mut lease = acquire(&here).await;
    advance(Duration::from_secs(14)).await;
    assert!(!lease.covers(TTL));
    lease.mark_sent(Generation::new(1)).await.unwrap();
    assert!(lease.covers(TTL));
}

#[tokio::test(start_paused = true)]
async fn a_lease_whose_answer_was_lost_is_taken_over_by_its_own_host_alone() {
    let (here, there) = hosts();
    fail(&here, &[Fault::AnswerLost]);
    let attempt = here.try_lease(TTL).await;
    assert!(
        matches!(attempt, LeaseAttempt::Unavailable(_)),
        "{attempt:?}"
    );
    assert!(is_held(&there).await);
    acquire(&here).await.release().await.unwrap();
    acquire(&there).await.release().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_could_not_be_given_back_is_taken_over_too() {
    let (here, there) = hosts();
    let lease = acquire(&here).await;
    // Neither the note nor the release arrives, and neither does the release of the drop.
    fail(&here, &[Fault::Lost, Fault::Lost, Fault::Lost]);
    lease.release().await.unwrap_err();
    while !here.shared.server.state.lock().unwrap().faults.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(is_held(&there).await);
    acquire(&here).await.release().await.unwrap();
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_made_once() {
    let (here, there) = hosts();
    for (expected, fault) in [(0, Fault::Lost), (1, Fault::AnswerLost)] {
        let commit = change(expected, u128::from(expected) + 1);
        fail(&here, &[fault]);
        let error = here.commit(commit.clone()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert_eq!(stored(&here, commit).await, Some(expected + 1));
    }
    // Others went on, and still it is known to have been made.
    let commit = change(2, 3);
    fail(&here, &[Fault::AnswerLost]);
    here.commit(commit.clone()).await.unwrap_err();
    for op in 4..=18 {
        assert_eq!(
            stored(&there, change(op - 1, u128::from(op))).await,
            Some(op)
        );
    }
    assert_eq!(stored(&here, commit).await, Some(3));
    assert_eq!(here.load().await.unwrap().generation, Generation::new(18));
}

#[tokio::test]
async fn a_commit_under_an_overtaken_lease_is_refused() {
    let (here, there) = hosts();
    let old = acquire(&here).await;
    here.shared.server.state.lock().unwrap().end_lease();
    let new = acquire(&there).await;
    let commit = change(0, 1).with_fence(Some(new.fence()));
    assert_eq!(stored(&there, commit).await, Some(1));
    let late = change(1, 2).with_fence(Some(old.fence()));
    assert_eq!(stored(&here, late).await, None);
    let next = change(1, 3).with_fence(Some(new.fence()));
    assert_eq!(stored(&there, next).await, Some(2));
}

//
#[tokio::test(start_paused = true)]
async fn a_change_is_seen_at_once_and_without_its_message_in_half_a_second() {
    for is_mute in [false, true] {
        let (here, there) = hosts();
        here.shared.server.state.lock().unwrap().is_mute = is_mute;
        let begun = Instant::now();
        let waiting = there.clone();
        let waiter = tokio::spawn(async move { waiting.changed(Generation::ZERO).await });
        tokio::task::yield_now().await;
        assert_eq!(stored(&here, change(0, 1)).await, Some(1));
        timeout(Duration::from_secs(60), waiter)
            .await
            .unwrap()
            .unwrap();
        let took = begun.elapsed();
        assert_eq!(took > Duration::ZERO, is_mute, "{took:?}");
        assert!(took <= Duration::from_millis(501), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_server_that_is_away_goes_on_waiting() {
    let (here, there) = hosts();
    fail(&there, &[Fault::Lost; 20]);
    let waiter = there.changed(Generation::ZERO);
    assert!(timeout(Duration::from_secs(4), waiter).await.is_err());
    here.shared.server.state.lock().unwrap().faults.clear();
    assert_eq!(stored(&here, change(0, 1)).await, Some(1));
    timeout(Duration::from_secs(60), there.changed(Generation::ZERO))
        .await
        .unwrap();
}

// A reader that was overtaken does not see an older generation than another one here did.
#[tokio::test]
async fn a_server_that_forgot_everything_gets_the_newest_record_again() {
    let (here, there) = hosts();
    assert_eq!(stored(&here, change(0, 1)).await, Some(1));
    let kept = here.shared.server.state.lock().unwrap().record.clone();
    assert_eq!(stored(&here, change(1, 2)).await, Some(2));
    here.shared.server.state.lock().unwrap().record = kept;
    let loaded = here.load().await.unwrap();
    assert_eq!(loaded.generation, Generation::new(3));
    assert_eq!(loaded.record, Some(record("operation-2")));
    assert_eq!(there.load().await.unwrap().record, loaded.record);
    // A clear that was forgotten stays a clear.
    let clear = Commit::new(Generation::new(3), Change::Clear, OpId::new(4));
    let kept = here.shared.server.state.lock().unwrap().record.clone();
    assert_eq!(stored(&here, clear).await, Some(4));
    here.shared.server.state.lock().unwrap().record = kept;
    let loaded = here.load().await.unwrap();
    assert_eq!(
        (loaded.generation, loaded.record),
        (Generation::new(5), None)
    );
}

#[tokio::test]
async fn a_commit_is_called_durable_when_as_many_replicas_as_asked_for_have_it() {
    let cases = [(None, 9, false), (Some(2), 1, false), (Some(2), 2, true)];
    for (asked, replicas, expected) in cases {
        let wait = asked.map(|replicas| WaitFor {
            replicas,
            at_most: Duration::from_millis(100),
        });
        let store = Fake::new().store_that_waits(wait);
        store.shared.server.state.lock().unwrap().replicas = replicas;
        let first = store.commit(change(0, 1)).await.unwrap();
        let again = store.commit(change(0, 1)).await.unwrap();
        for committed in [first, again] {
            let Committed::Stored { durable, .. } = committed else {
                panic!("{committed:?}");
            };
            assert_eq!(durable, expected, "{asked:?} {replicas}");
        }
    }
}

// W-C02: each half of the answer is genuine, and they do not belong together.
#[tokio::test]
async fn a_value_that_was_moved_to_another_generation_is_refused() {
    let (here, there) = hosts();
    assert_eq!(stored(&here, change(0, 1)).await, Some(1));
    let earlier = here.shared.server.state.lock().unwrap().record.clone();
    assert_eq!(stored(&here, change(1, 2)).await, Some(2));
    here.shared
        .server
        .state
        .lock()
        .unwrap()
        .record
        .take_value_of(&earlier);
    let error = there.load().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Tampered);
}
