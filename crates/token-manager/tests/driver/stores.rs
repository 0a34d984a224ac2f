//! Managers that share a store, and stores that fail.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use http::{Request, Response, header};
use token_core::{ManualClock, RateLimited, TokenData, TokenError};
use token_manager::{AuthorizeLayer, Origins, PausedClock, ScriptedProvider, TokenManager};
use token_store::{
    Change, Commit, Committed, FailureNote, LeaseAttempt, MemoryStore, NoteClass, OpId, Record,
    SharedTokenStore, TokenStore,
};
use tokio::time::{Instant, advance, sleep, timeout};
use tower::{BoxError, ServiceExt, service_fn};
use tower_layer::Layer;

use crate::faulty_store::FaultyStore;
use crate::kit::{DAY, GatedProvider, builder, grant, millis, outage, secs, token};

fn now(clock: &PausedClock) -> SystemTime {
    use token_core::Clock;
    clock.now().wall
}

/// Stores a token as another process would.
async fn store_elsewhere(store: &impl TokenStore, data: TokenData) {
    let expected = store.load().await.unwrap().generation;
    let op_id = OpId::new(u128::from(expected.number()) + 1_000);
    let commit = Commit::new(expected, Change::Put(Record::new(data)), op_id);
    let committed = store.commit(commit).await.unwrap();
    assert!(matches!(committed, Committed::Stored { .. }));
}

async fn stored_text(store: &impl TokenStore) -> Option<String> {
    let record = store.load().await.unwrap().record?;
    Some(record.token.token().expose_secret().to_owned())
}

// A-43, C-22: without a call, by whichever way it is asked first.
#[tokio::test(start_paused = true)]
async fn a_second_manager_takes_the_stored_token_over() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = SharedTokenStore::new(MemoryStore::new());
    let clock = PausedClock::new();
    let another = || builder(&provider).clock(clock).store(store.clone()).build();
    another().get_token().await.unwrap();

    assert_eq!(another().get_token().await.unwrap(), token("token-1"));
    let loaded = another();
    loaded.load().await;
    assert_eq!(loaded.try_current().unwrap(), "token token-1");
    let asked_about = another();
    let info = asked_about.get_token_info().await.unwrap();
    assert_eq!(info.expires_in.whole_seconds(), 86_400);
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 0));
}

/// Managers that share one store and one clock, and draw differently.
fn on_one_store(count: u64, provider: &ScriptedProvider) -> Vec<TokenManager> {
    let (store, clock) = (MemoryStore::new(), PausedClock::new());
    let manager = |seed| {
        let builder = builder(provider).clock(clock).seed(seed);
        builder.store(store.clone()).build()
    };
    (0..count).map(manager).collect()
}

// the lease lets one of them log in; the others take its token over.
#[tokio::test(start_paused = true)]
async fn managers_that_start_together_log_in_once() {
    let provider = ScriptedProvider::with_latency(millis(500));
    let managers = on_one_store(64, &provider);
    let started = Instant::now();
    let answers = join_all(managers.iter().map(TokenManager::get_token)).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap() == &token("token-1"))
    );
    assert_eq!(provider.obtains(), 1);
    assert!(started.elapsed() <= millis(550), "{:?}", started.elapsed());
}

// A-37, W-A19: a failure is shared through the store too; nobody repeats it.
#[tokio::test(start_paused = true)]
async fn managers_that_start_together_share_one_failure() {
    let provider = ScriptedProvider::with_latency(millis(500));
    provider.on_obtain(Err(outage("down")));
    let managers = on_one_store(8, &provider);
    let answers = join_all(managers.iter().map(TokenManager::get_token)).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap_err().is_transient())
    );
    assert_eq!(provider.obtains(), 1);
}

// W-A19: a note that is handed on stays as it was, or a queue of processes would renew it for ever.
#[tokio::test(start_paused = true)]
async fn a_note_of_another_process_is_handed_on_unchanged() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    provider.on_obtain(Err(outage("down")));
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let another = || builder(&provider).clock(clock).store(store.clone()).build();
    another().get_token().await.unwrap_err();
    let note = found_note(&store).await;
    for _ in 0..5 {
        advance(millis(100)).await;
        let error = another().get_token().await.unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
        assert_eq!(found_note(&store).await, note);
    }
    advance(millis(500)).await;
    assert_eq!(another().get_token().await.unwrap(), token("token-1"));
    assert_eq!(found_note(&store).await, None);
}

// A-37, C-37: what we told others long ago does not hide what they tell us now.
#[tokio::test(start_paused = true)]
async fn an_own_note_that_is_over_for_us_does_not_hide_a_shorter_one_of_another_process() {
    let limit = |wait| Err(TokenError::RateLimited(RateLimited::new(secs(wait))));
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    provider.on_obtain(limit(600));
    provider.on_obtain(Ok(grant("short", secs(100))));
    let (store, clock) = (MemoryStore::new(), PausedClock::new());
    let manager = builder(&provider).clock(clock).store(store.clone()).build();
    manager.get_token().await.unwrap_err();
    manager.clear_token().await.unwrap();
    manager.get_token().await.unwrap();

    let LeaseAttempt::Acquired(lease) = store.try_lease(secs(1)).await else {
        panic!("nobody has it");
    };
    let note = FailureNote::new(NoteClass::Throttled, now(&clock) + secs(300));
    lease.fail(note).await.unwrap();
    advance(secs(60)).await;
    assert_eq!(manager.get_token().await.unwrap(), token("short"));
    sleep(secs(1)).await;
    assert_eq!((provider.obtains(), provider.refreshes()), (2, 0));
}

/// What the next holder of the lease finds. Dropping a lease leaves its note.
async fn found_note(store: &MemoryStore) -> Option<SystemTime> {
    match store.try_lease(secs(1)).await {
        LeaseAttempt::Acquired(lease) => lease.found_failure().map(|note| note.not_before),
        other => panic!("{other:?}"),
    }
}

// a process that starts during an outage lives on the token that is there, and
// those after it still hear of the outage.
#[tokio::test(start_paused = true)]
async fn a_note_of_another_process_does_not_hide_the_stored_token() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let limit = RateLimited::new(secs(30));
    provider.on_refresh(Err(TokenError::RateLimited(limit)));
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let another = || builder(&provider).clock(clock).store(store.clone()).build();
    let first = another();
    first.get_token().await.unwrap();
    advance(DAY - secs(60)).await;
    first.get_token().await.unwrap();
    sleep(secs(1)).await;
    let note = found_note(&store).await;
    assert!(note.is_some(), "the renewal behind it was told to wait");

    for _ in 0..3 {
        assert_eq!(another().get_token().await.unwrap(), token("token-1"));
        assert_eq!(found_note(&store).await, note);
    }
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 1));
}

// a peer that has the lease and hangs is waited for, and never overtaken.
#[tokio::test(start_paused = true)]
async fn beside_a_live_holder_of_the_lease_nobody_logs_in() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    let LeaseAttempt::Acquired(lease) = store.try_lease(secs(45)).await else {
        panic!("the store is new");
    };
    let started = Instant::now();
    let error = manager.get_token().await.unwrap_err();
    assert!(matches!(error, TokenError::Timeout(_)), "{error:?}");
    assert!(started.elapsed() >= secs(45) && started.elapsed() < secs(46));
    assert_eq!(provider.obtains(), 0);

    drop(lease);
    sleep(secs(2)).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
}

// a holder that gives the lease back without a token is followed within moments.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_holder_is_noticed_without_a_change_of_the_store() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    let LeaseAttempt::Acquired(lease) = store.try_lease(secs(45)).await else {
        panic!("the store is new");
    };
    let dies = async {
        sleep(secs(5)).await;
        drop(lease);
    };
    let started = Instant::now();
    let (answer, ()) = tokio::join!(manager.get_token(), dies);
    assert_eq!(answer.unwrap(), token("token-1"));
    assert!(
        started.elapsed() <= secs(5) + millis(100),
        "{:?}",
        started.elapsed()
    );
}

// C-22: at the next flight a newer token of another process is taken over, not renewed.
#[tokio::test(start_paused = true)]
async fn a_newer_token_of_another_process_is_taken_over_in_the_window() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let manager = builder(&provider).clock(clock).store(store.clone()).build();
    manager.get_token().await.unwrap();
    advance(DAY - secs(200)).await;
    let newer = TokenData::with_lifetime(token("newer"), now(&clock), DAY);
    store_elsewhere(&store, newer).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
    sleep(millis(1)).await;
    assert_eq!(manager.try_current().unwrap(), "token newer");
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 0));
}

// A-43, W-A30: a loaded record is judged by the wall clock, so a jump of it is seen; a token of our
// own login is not touched by it.
#[tokio::test]
async fn a_jump_of_the_wall_clock_matters_to_loaded_records_alone() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let clock = ManualClock::new(start);
    let another = || {
        builder(&provider)
            .clock(clock.clone())
            .store(store.clone())
            .build()
    };
    let (minted, loaded) = (another(), another());
    minted.get_token().await.unwrap();
    loaded.load().await;
    clock.set_wall(start + DAY);
    assert_eq!(minted.try_current().unwrap(), "token token-1");
    assert_eq!(loaded.try_current(), None);
    assert_eq!(loaded.get_token().await.unwrap(), token("token-2"));
}

// C-22: the store is read before the authority is asked for another token.
#[tokio::test(start_paused = true)]
async fn after_a_rejection_a_newer_stored_token_is_taken_over_without_a_login() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let manager = builder(&provider).clock(clock).store(store.clone()).build();
    manager.get_token().await.unwrap();
    advance(secs(60)).await;
    let newer = TokenData::with_lifetime(token("newer"), now(&clock), DAY);
    store_elsewhere(&store, newer).await;

    let url = "https://amp.example/api".parse().unwrap();
    let service = service_fn(async |request: Request<Bytes>| {
        let rejected = request.headers()[header::AUTHORIZATION] == "token token-1";
        let status = if rejected { 401 } else { 200 };
        let answer = Response::builder().status(status).body(Bytes::new());
        Ok::<_, BoxError>(answer.unwrap())
    });
    let service = AuthorizeLayer::new(manager.clone(), Origins::of(&url)).layer(service);
    let request = Request::get("https://amp.example/api/info").body(Bytes::new());
    let answer = service.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(manager.try_current().unwrap(), "token newer");
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 0));
}

// A-44, C-14: expired, or in its last seconds, it is as absent.
#[tokio::test(start_paused = true)]
async fn an_expired_record_is_not_taken_over() {
    for age in [DAY, DAY + secs(1), DAY - secs(5)] {
        let provider = ScriptedProvider::with_latency(Duration::ZERO);
        let store = MemoryStore::new();
        let clock = PausedClock::new();
        let old = TokenData::with_lifetime(token("old"), now(&clock) - age, DAY);
        store_elsewhere(&store, old).await;
        let manager = builder(&provider).clock(clock).store(store.clone()).build();
        assert_eq!(manager.get_token_info().await, None, "{age:?}");
        assert_eq!(manager.try_current(), None, "{age:?}");
        assert_eq!(
            manager.get_token().await.unwrap(),
            token("token-1"),
            "{age:?}"
        );
        assert_eq!(stored_text(&store).await.unwrap(), "token-1", "{age:?}");
    }
}

// C-35, C-21: the store has the token before anybody hears of it.
#[tokio::test(start_paused = true)]
async fn a_token_is_stored_before_it_is_handed_out() {
    let provider = GatedProvider::new();
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    let mut caller = Box::pin(manager.get_token());
    assert!((&mut caller).now_or_never().is_none());
    provider.started().await;
    store.hold.store(true, Ordering::SeqCst);
    provider.open();
    sleep(secs(5)).await;
    assert!(
        (&mut caller).now_or_never().is_none(),
        "the store is not done"
    );
    assert_eq!(manager.try_current(), None);
    store.hold.store(false, Ordering::SeqCst);
    assert_eq!(caller.await.unwrap(), token("token-1"));
    assert_eq!(stored_text(&store.inner).await.unwrap(), "token-1");
}

// A-38, C-30: whatever the store fails at, tokens are handed out, renewed and served.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_does_not_fail_the_calls() {
    for broken in 1..8 {
        let provider = ScriptedProvider::with_latency(Duration::ZERO);
        let store = FaultyStore::default();
        store.fail(broken & 1 != 0, broken & 2 != 0, broken & 4 != 0);
        let manager = builder(&provider).store(store.clone()).build();
        manager.load().await;
        assert_eq!(
            manager.get_token().await.unwrap(),
            token("token-1"),
            "{broken}"
        );
        assert_eq!(
            manager.refresh_token().await.unwrap(),
            token("token-2"),
            "{broken}"
        );
        assert_eq!(manager.try_current().unwrap(), "token token-2", "{broken}");
        assert_eq!(
            (provider.obtains(), provider.refreshes()),
            (1, 1),
            "{broken}"
        );

        store.fail(false, false, false);
        assert_eq!(
            manager.refresh_token().await.unwrap(),
            token("token-3"),
            "{broken}"
        );
        assert_eq!(
            stored_text(&store.inner).await.unwrap(),
            "token-3",
            "{broken}"
        );
    }
}

// A-38, C-30: a store that never answers, as on a dead network drive, costs time but no call.
#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_does_not_keep_the_token_from_its_callers() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    store.hold.store(true, Ordering::SeqCst);
    let answer = timeout(secs(60), manager.get_token()).await;
    assert_eq!(answer.expect("an answer").unwrap(), token("token-1"));
    assert_eq!(stored_text(&store.inner).await, None);

    store.hold.store(false, Ordering::SeqCst);
    manager.refresh_token().await.unwrap();
    assert_eq!(stored_text(&store.inner).await.unwrap(), "token-2");
}

// here the token is forgotten even so, and the caller is told.
#[tokio::test(start_paused = true)]
async fn a_clear_that_cannot_reach_the_store_says_so() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    manager.get_token().await.unwrap();
    store.fail(true, true, false);
    let error = manager.clear_token().await.unwrap_err();
    assert!(matches!(error, TokenError::Storage(_)), "{error:?}");
    assert_eq!(manager.try_current(), None);
    assert_eq!(manager.get_token().await.unwrap(), token("token-2"));
}

// what could not be removed is not taken over again, however it is asked for.
#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_cleared_in_the_store_does_not_come_back() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    manager.get_token().await.unwrap();
    store.fail(false, true, false);
    manager.clear_token().await.unwrap_err();
    store.fail(false, false, false);
    assert_eq!(stored_text(&store).await.unwrap(), "token-1");
    manager.load().await;
    assert_eq!(manager.try_current(), None);
    assert_eq!(manager.get_token_info().await, None);
    sleep(secs(1)).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-2"));
    assert_eq!(stored_text(&store).await.unwrap(), "token-2");
    assert_eq!((provider.obtains(), provider.refreshes()), (2, 0));
}

// the logout of one process ends the token in the others at their next flight.
#[tokio::test(start_paused = true)]
async fn after_a_logout_elsewhere_the_held_token_is_not_refreshed() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let manager = || builder(&provider).clock(clock).store(store.clone()).build();
    let (held, elsewhere) = (manager(), manager());
    provider.open();
    held.get_token().await.unwrap();
    provider.started().await;

    // The store is emptied while a renewal is under way.
    let mut renewal = Box::pin(held.obtain_token());
    assert!((&mut renewal).now_or_never().is_none());
    provider.started().await;
    elsewhere.clear_token().await.unwrap();
    provider.open();
    assert_eq!(renewal.await.unwrap(), token("token-2"), "its own waiter");
    assert_eq!(held.try_current(), None);
    assert_eq!(store.load().await.unwrap().record, None);
}

// whoever asks for a login may share one, but not a token that another process made.
#[tokio::test(start_paused = true)]
async fn a_forced_login_is_not_content_with_a_token_that_was_taken_over() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = MemoryStore::new();
    let clock = PausedClock::new();
    let data = TokenData::with_lifetime(token("elsewhere"), now(&clock), DAY);
    store_elsewhere(&store, data).await;
    let manager = builder(&provider).clock(clock).store(store).build();
    let mut plain = Box::pin(manager.get_token());
    assert!((&mut plain).now_or_never().is_none());
    let forced = manager.obtain_token().await.unwrap();
    assert_eq!(forced, token("token-1"));
    plain.await.unwrap();
    assert_eq!(provider.obtains(), 1);
}

// nor does it keep those who clear or only look.
#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_keeps_nobody_waiting_for_ever() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    store.hold.store(true, Ordering::SeqCst);
    store.hold_loads.store(true, Ordering::SeqCst);
    let info = timeout(secs(60), manager.get_token_info()).await;
    assert_eq!(info.expect("an answer"), None);
    let error = timeout(secs(60), manager.clear_token()).await;
    let error = error.expect("an answer").unwrap_err();
    assert!(matches!(error, TokenError::Storage(_)), "{error:?}");
}

// C-21: of two tokens the store keeps the one that lives longer, and that one is served.
#[tokio::test(start_paused = true)]
async fn a_conflict_at_the_commit_is_won_by_the_token_that_lives_longer() {
    for (lifetime, winner) in [(DAY + secs(60), "elsewhere"), (secs(600), "token-1")] {
        let provider = GatedProvider::new();
        let store = MemoryStore::new();
        let clock = PausedClock::new();
        let manager = builder(&provider).clock(clock).store(store.clone()).build();
        let mut caller = Box::pin(manager.get_token());
        assert!((&mut caller).now_or_never().is_none());
        provider.started().await;
        let data = TokenData::with_lifetime(token("elsewhere"), now(&clock), lifetime);
        store_elsewhere(&store, data).await;
        provider.open();
        assert_eq!(caller.await.unwrap(), token(winner));
        assert_eq!(stored_text(&store).await.unwrap(), winner);
        assert_eq!(
            manager.try_current().unwrap(),
            format!("token {winner}").as_str()
        );
    }
}
