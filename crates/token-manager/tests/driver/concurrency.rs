//! Many callers at once: one flight, one result, and nobody who can spoil it for the others.

use futures_util::FutureExt;
use futures_util::future::join_all;
use token_core::{AccessToken, TokenError};
use token_manager::{ScriptedProvider, TokenManager};
use token_store::{MemoryStore, TokenStore};
use tokio::time::{Instant, sleep, timeout};

use crate::kit::{DAY, GatedProvider, builder, grant, millis, outage, secs, token};

type Answer = Result<AccessToken, TokenError>;

/// What this many tasks hear that ask at the same time.
async fn ask_from_tasks(manager: &TokenManager, tasks: usize) -> Vec<Answer> {
    let asks = (0..tasks).map(|_| {
        let manager = manager.clone();
        tokio::spawn(async move { manager.get_token().await })
    });
    let answers = join_all(asks.collect::<Vec<_>>()).await;
    answers.into_iter().map(Result::unwrap).collect()
}

// A-37, W-A19, W-S02
#[tokio::test(start_paused = true)]
async fn any_number_of_first_callers_causes_one_login_and_gets_the_same_token() {
    for tasks in [10, 200, 10_000] {
        let provider = ScriptedProvider::with_latency(millis(50));
        let manager = builder(&provider).build();
        let started = Instant::now();
        let answers = ask_from_tasks(&manager, tasks).await;
        assert_eq!(started.elapsed(), millis(50), "{tasks} tasks");
        assert_eq!(provider.obtains(), 1, "{tasks} tasks");
        let expected = token("token-1");
        assert!(
            answers
                .iter()
                .all(|answer| answer.as_ref().unwrap() == &expected)
        );
    }
}

// W-A19: no convoy: all hear of the outage after one latency.
#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_of_a_dead_authority_share_one_call_and_its_error() {
    let provider = ScriptedProvider::with_latency(millis(50));
    provider.on_obtain(Err(outage("down")));
    let manager = builder(&provider).build();
    let started = Instant::now();
    let answers = ask_from_tasks(&manager, 10_000).await;
    assert_eq!(started.elapsed(), millis(50));
    assert_eq!(provider.obtains(), 1);
    let expected = outage("down").to_string();
    let is_outage = |answer: &Answer| matches!(answer, Err(error) if error.to_string() == expected);
    assert!(answers.iter().all(is_outage));
}

// A-37, W-A19: everybody gives up before the answer, and it is there for the next.
#[tokio::test(start_paused = true)]
async fn callers_that_give_up_do_not_take_the_flight_with_them() {
    let provider = ScriptedProvider::with_latency(millis(80));
    let manager = builder(&provider).build();
    let asks = (0..100).map(|_| timeout(millis(50), manager.get_token()));
    let answers = join_all(asks).await;
    assert!(answers.iter().all(Result::is_err));
    sleep(millis(31)).await;
    let served = manager.get_token().now_or_never();
    assert_eq!(served.expect("it is there").unwrap(), token("token-1"));
    assert_eq!(provider.obtains(), 1);
}

//
#[tokio::test(start_paused = true)]
async fn a_caller_dropped_at_any_moment_harms_nobody() {
    let provider = GatedProvider::new();
    let manager = builder(&provider).build();
    drop(manager.get_token());
    tokio::task::yield_now().await;
    assert_eq!(
        provider.logins(),
        0,
        "a future that was never polled asks for nothing"
    );

    let mut first = Box::pin(manager.get_token());
    let mut second = Box::pin(manager.get_token());
    let mut third = Box::pin(manager.get_token());
    for caller in [&mut first, &mut second, &mut third] {
        assert!(caller.now_or_never().is_none());
    }
    drop(first);
    provider.started().await;
    provider.open();
    third.await.unwrap();
    drop(second);
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
    assert_eq!(provider.logins(), 1);
}

// X-15, W-A18, A-37: forced and plain callers, all on one flight.
#[tokio::test(start_paused = true)]
async fn concurrent_forced_calls_share_one_flight() {
    let provider = ScriptedProvider::with_latency(millis(50));
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    let forced = join_all((0..50).map(|_| manager.obtain_token())).await;
    assert!(
        forced
            .iter()
            .all(|answer| answer.as_ref().unwrap() == &token("token-2"))
    );
    assert_eq!((provider.obtains(), provider.refreshes()), (2, 0));

    let refreshed = join_all((0..50).map(|_| manager.force_refresh())).await;
    assert!(
        refreshed
            .iter()
            .all(|answer| answer.as_ref().unwrap() == &token("token-3"))
    );
    assert_eq!((provider.obtains(), provider.refreshes()), (2, 1));
}

// a forced renewal keeps nobody waiting who can be served.
#[tokio::test(start_paused = true)]
async fn a_forced_renewal_does_not_block_those_who_can_be_served() {
    let provider = ScriptedProvider::with_latency(secs(5));
    let manager = builder(&provider).build();
    manager.get_token().await.unwrap();
    let mut forced = Box::pin(manager.obtain_token());
    assert!((&mut forced).now_or_never().is_none());
    let served = manager.get_token().now_or_never().expect("at once");
    assert_eq!(served.unwrap(), token("token-1"));
    assert_eq!(forced.await.unwrap(), token("token-2"));
}

// C-64
#[tokio::test(start_paused = true)]
async fn a_close_waits_for_the_flight_and_then_everything_fails() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    let mut caller = Box::pin(manager.get_token());
    assert!((&mut caller).now_or_never().is_none());
    provider.started().await;

    let mut close = Box::pin(manager.close());
    assert!(
        (&mut close).now_or_never().is_none(),
        "the flight is under way"
    );
    let error = manager.get_token().await.unwrap_err();
    assert!(matches!(error, TokenError::Closed), "{error:?}");
    provider.open();
    close.await;
    assert_eq!(
        caller.await.unwrap(),
        token("token-1"),
        "it came before the close"
    );

    let stored = store.load().await.unwrap().record.unwrap();
    assert_eq!(
        stored.token.token(),
        &token("token-1"),
        "for the next process"
    );
    let calls = [
        manager.get_token().await,
        manager.obtain_token().await,
        manager.refresh_token().await,
        manager.force_refresh().await,
    ];
    for answer in calls {
        assert!(matches!(answer, Err(TokenError::Closed)), "{answer:?}");
    }
    assert_eq!(manager.try_current(), None);
    assert_eq!(manager.get_token_info().await, None);
    manager.close().await;
    assert_eq!(provider.logins(), 1);
}

// a short process that forgets to close still leaves its token to the next.
#[tokio::test(start_paused = true)]
async fn the_flight_of_a_dropped_manager_stores_its_token() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let manager = builder(&provider).store(store.clone()).build();
    assert!(manager.get_token().now_or_never().is_none());
    provider.started().await;
    drop(manager);
    let mut changed = Box::pin(store.changed(token_store::Generation::ZERO));
    assert!((&mut changed).now_or_never().is_none());
    provider.open();
    changed.await;
    let stored = store.load().await.unwrap().record.unwrap();
    assert_eq!(stored.token.token(), &token("token-1"));
}

// a token whose life is over when it arrives is an error for all, not a busy loop.
#[tokio::test(start_paused = true)]
async fn tokens_that_are_dead_on_arrival_end_in_an_error() {
    let provider = ScriptedProvider::with_latency(secs(3));
    provider.on_obtain(Ok(grant("dead", secs(2))));
    let manager = builder(&provider).build();
    let answers = join_all((0..10).map(|_| manager.get_token())).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert!(matches!(error, TokenError::Validation(_)), "{error:?}");
    }
    assert_eq!(provider.obtains(), 1);
    sleep(DAY).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
}
