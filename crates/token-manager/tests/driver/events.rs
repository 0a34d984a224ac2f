//! What observers hear, in which order, and what they cannot break.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::join_all;
use token_core::lifecycle::{Goal, Source};
use token_core::{Clock, ManualClock, TokenData};
use token_manager::{
    Canary, Discarded, EventLog, FlightReason, PausedClock, Reply, ScriptedProvider, StoreStep,
    TokenEvent, TokenEvents, TokenManager,
};
use token_store::{Change, Commit, Generation, MemoryStore, OpId, Record, TokenStore};
use tokio::time::{advance, sleep};

use crate::kit::{DAY, GatedProvider, builder, grant, millis, outage, secs, token};
use crate::moody_store::BrokenStore;

fn provider() -> ScriptedProvider {
    ScriptedProvider::with_latency(secs(1))
}

fn watched(provider: &ScriptedProvider) -> (TokenManager, EventLog) {
    let log = EventLog::default();
    let manager = builder(provider).events(log.clone()).build();
    (manager, log)
}

// C-50, A-75
#[tokio::test(start_paused = true)]
async fn the_life_of_a_token_is_told_in_order() {
    let provider = provider();
    let (manager, log) = watched(&provider);
    manager.get_token().await.unwrap();
    manager.get_token().await.unwrap();
    assert_eq!(log.take_names(), ["flight_started", "obtained"]);

    provider.on_refresh(Err(outage("it is down")));
    manager.refresh_token().await.unwrap();
    assert_eq!(
        log.take_names(),
        ["flight_started", "fell_back", "obtained"]
    );

    provider.on_obtain(Err(outage("it is down")));
    manager.obtain_token().await.unwrap_err();
    assert_eq!(log.take_names(), ["flight_started", "failed"]);

    manager.clear_token().await.unwrap();
    manager.close().await;
    manager.close().await;
    assert_eq!(log.take_names(), ["cleared", "closed"]);
}

// C-50, W-A30: how many calls a flight served is known to nobody else, and the life of a token
// counts from before it was asked for.
#[tokio::test(start_paused = true)]
async fn a_flight_tells_its_source_its_time_and_how_many_callers_shared_it() {
    let provider = provider();
    let (manager, log) = watched(&provider);
    join_all((0..64).map(|_| manager.get_token())).await;
    advance(secs(86_200)).await;
    manager.get_token().await.unwrap();
    sleep(secs(2)).await;

    let events = log.events();
    let [
        TokenEvent::FlightStarted { goal, reason, .. },
        TokenEvent::Obtained {
            flight: first,
            epoch,
            source,
            saved: true,
            callers: 64,
            elapsed,
            lifetime: DAY,
            remaining,
            ..
        },
        TokenEvent::FlightStarted {
            reason: FlightReason::Stale,
            ..
        },
        TokenEvent::Obtained {
            flight: second,
            source: Source::Refreshed,
            callers: 0,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:#?}");
    };
    assert_eq!((*goal, *reason), (Goal::Renew, FlightReason::Missing));
    assert_eq!((*source, epoch.number()), (Source::Obtained, 1));
    assert_eq!((*elapsed, *remaining), (secs(1), DAY - secs(6)));
    assert!(first < second);
}

#[tokio::test(start_paused = true)]
async fn a_flight_tells_why_it_started() {
    let provider = provider();
    let (manager, log) = watched(&provider);
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    advance(DAY).await;
    manager.get_token().await.unwrap();
    let reasons = log.events().into_iter().filter_map(|event| match event {
        TokenEvent::FlightStarted { reason, .. } => Some(reason),
        _ => None,
    });
    let expected = [
        FlightReason::Missing,
        FlightReason::Forced,
        FlightReason::Expired,
    ];
    assert_eq!(reasons.collect::<Vec<_>>(), expected);
}

// C-50
#[tokio::test(start_paused = true)]
async fn a_failure_tells_its_class_and_whether_callers_are_still_served() {
    let provider = provider();
    let (manager, log) = watched(&provider);
    provider.on_obtain(Err(outage("it is down")));
    manager.get_token().await.unwrap_err();
    sleep(secs(2)).await;
    manager.get_token().await.unwrap();
    provider.on_obtain(Err(outage("it is down")));
    manager.obtain_token().await.unwrap_err();

    let failures = log.events().into_iter().filter_map(|event| match event {
        TokenEvent::Failed {
            error,
            served,
            next_attempt_in,
            ..
        } => Some((error, served, next_attempt_in)),
        _ => None,
    });
    let failures: Vec<_> = failures.collect();
    let [(error, false, first_wait), (_, true, second_wait)] = &failures[..] else {
        panic!("{failures:?}");
    };
    assert!(error.is_transient());
    assert_eq!(error.attempts(), 1);
    assert!(*first_wait >= millis(250) && *second_wait >= millis(250));
}

#[tokio::test(start_paused = true)]
async fn what_other_managers_stored_is_told_as_adopted_or_loaded() {
    let provider = provider();
    let store = token_store::SharedTokenStore::new(MemoryStore::new());
    let clock = PausedClock::new();
    let another = || {
        let log = EventLog::default();
        let builder = builder(&provider).clock(clock).store(store.clone());
        (builder.events(log.clone()).build(), log)
    };
    another().0.get_token().await.unwrap();

    let (adopts, adopted) = another();
    adopts.get_token().await.unwrap();
    let last = adopted.events().pop();
    let Some(TokenEvent::Obtained { source, saved, .. }) = last else {
        panic!("{last:?}");
    };
    assert_eq!((source, saved), (Source::Adopted, true));

    let (loads, loaded) = another();
    loads.load().await;
    assert_eq!(loaded.take_names(), ["loaded"]);
}

// A-38, C-30
#[tokio::test(start_paused = true)]
async fn trouble_with_the_store_is_told_beside_the_token() {
    let log = EventLog::default();
    let manager = builder(&provider())
        .store(BrokenStore)
        .events(log.clone())
        .build();
    manager.get_token().await.unwrap();
    let steps = log.events().into_iter().filter_map(|event| match event {
        TokenEvent::StoreFailed { step, .. } => Some(step),
        _ => None,
    });
    let expected = [StoreStep::Lease, StoreStep::Load, StoreStep::Commit];
    assert_eq!(steps.collect::<Vec<_>>(), expected);
    let last = log.events().pop();
    assert!(
        matches!(last, Some(TokenEvent::Obtained { saved: false, .. })),
        "{last:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_flight_whose_token_was_cleared_meanwhile_is_told_as_superseded() {
    let provider = provider();
    let (manager, log) = watched(&provider);
    let (got, ()) = tokio::join!(manager.get_token(), async {
        sleep(millis(500)).await;
        manager.clear_token().await.unwrap();
    });
    assert_eq!(got.unwrap(), token("token-1"), "it came earlier");
    let last = log.events().pop();
    let Some(TokenEvent::FlightDiscarded { why, callers, .. }) = last else {
        panic!("{last:?}");
    };
    assert_eq!((why, callers), (Discarded::Superseded, 1));
}

// real runtimes, because their death is the point.
#[test]
fn a_flight_that_dies_with_its_runtime_is_told_as_lost() {
    let provider = GatedProvider::new();
    let log = EventLog::default();
    let clock = ManualClock::default();
    let builder = builder(&provider).clock(clock).events(log.clone());
    let manager = builder.build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let task = manager.clone();
    runtime.spawn(async move { task.get_token().await });
    runtime.block_on(provider.started());
    drop(runtime);
    let last = log.events().pop();
    assert!(
        matches!(
            last,
            Some(TokenEvent::FlightDiscarded {
                why: Discarded::Lost,
                ..
            })
        ),
        "{last:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_wall_clock_is_told_when_a_stored_token_is_judged_again() {
    let clock = ManualClock::default();
    let store = MemoryStore::new();
    let data = TokenData::with_lifetime(token("stored"), clock.now().wall, DAY);
    let put = Change::Put(Record::new(data));
    let commit = Commit::new(Generation::ZERO, put, OpId::new(1));
    store.commit(commit).await.unwrap();
    let log = EventLog::default();
    let manager = builder(&provider())
        .clock(clock.clone())
        .store(store)
        .events(log.clone())
        .build();
    manager.load().await;
    clock.set_wall(clock.now().wall + secs(3_600));
    assert!(manager.try_current().is_some());
    assert!(manager.try_current().is_some());
    let last = log.events().pop();
    let Some(TokenEvent::ClockJumped { remaining, .. }) = last else {
        panic!("{last:?}");
    };
    assert_eq!(remaining, DAY - secs(3_605));
    assert_eq!(log.take_names(), ["loaded", "clock_jumped"], "told once");
}

#[derive(Debug)]
struct Panics;

impl TokenEvents for Panics {
    fn on_event(&self, _event: &TokenEvent) {
        panic!("an observer that panics");
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_breaks_neither_flights_nor_other_observers() {
    let provider = provider();
    let log = EventLog::default();
    let manager = builder(&provider)
        .events(Panics)
        .events(log.clone())
        .build();
    for caller in join_all((0..8).map(|_| manager.get_token())).await {
        assert_eq!(caller.unwrap(), token("token-1"));
    }
    provider.on_obtain(Reply::panic("the provider panics"));
    manager.obtain_token().await.unwrap_err();
    manager.close().await;
    let expected = [
        "flight_started",
        "obtained",
        "flight_started",
        "failed",
        "closed",
    ];
    assert_eq!(log.take_names(), expected);
}

/// Asks the manager that it watches, from within.
#[derive(Debug, Default)]
struct Curious {
    manager: OnceLock<TokenManager>,
    states: AtomicU64,
}

impl TokenEvents for Curious {
    fn on_event(&self, event: &TokenEvent) {
        let manager = self.manager.get().unwrap();
        assert_eq!(
            manager.status().flight().is_some(),
            event.name() == "flight_started"
        );
        if event.name() == "obtained" {
            assert!(manager.try_current().is_some());
            drop(tokio::spawn({
                let manager = manager.clone();
                async move { manager.close().await }
            }));
        }
        // A panic here would be taken for the observer's own affair.
        self.states.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_may_ask_the_manager_without_a_deadlock() {
    let curious = Arc::new(Curious::default());
    let log = EventLog::default();
    let manager = builder(&provider())
        .events(Arc::clone(&curious))
        .events(log.clone())
        .build();
    curious.manager.set(manager.clone()).unwrap();
    manager.get_token().await.unwrap();
    sleep(secs(1)).await;
    assert_eq!(curious.states.load(Ordering::SeqCst), 3);
    assert_eq!(log.take_names(), ["flight_started", "obtained", "closed"]);
}

/// Fails when two events come at once or when a number is not the next one.
#[derive(Debug, Default)]
struct Strict {
    busy: AtomicBool,
    flights: AtomicU64,
    epochs: AtomicU64,
    confused: AtomicBool,
}

impl TokenEvents for Strict {
    fn on_event(&self, event: &TokenEvent) {
        let mut confused = self.busy.swap(true, Ordering::SeqCst);
        match event {
            TokenEvent::FlightStarted { flight, .. } => {
                confused |= self.flights.fetch_add(1, Ordering::SeqCst) + 1 != flight.number();
            }
            TokenEvent::Obtained { flight, epoch, .. } => {
                confused |= self.epochs.fetch_add(1, Ordering::SeqCst) + 1 != epoch.number();
                confused |= self.flights.load(Ordering::SeqCst) != flight.number();
            }
            _ => confused = true,
        }
        std::thread::yield_now();
        self.busy.store(false, Ordering::SeqCst);
        if confused {
            self.confused.store(true, Ordering::SeqCst);
        }
    }
}

// C-50: with real threads, which change the state at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_come_one_at_a_time_and_in_the_order_of_the_changes() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let strict = Arc::new(Strict::default());
    let builder = builder(&provider).clock(ManualClock::default());
    let manager = builder.events(Arc::clone(&strict)).build();
    let callers = (0..16).map(|_| {
        let manager = manager.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                manager.obtain_token().await.unwrap();
            }
        })
    });
    for caller in join_all(callers).await {
        caller.unwrap();
    }
    assert!(!strict.confused.load(Ordering::SeqCst));
}

// A-74, C-66
#[tokio::test(start_paused = true)]
async fn no_event_shows_a_token() {
    let (access, refresh) = (Canary::new("access"), Canary::new("refresh"));
    let provider = provider();
    for _ in 0..2 {
        let grant = grant(&access.text(), secs(600)).with_refresh(Some(refresh.refresh_token()));
        provider.on_obtain(Ok(grant));
    }
    let (manager, log) = watched(&provider);
    manager.get_token().await.unwrap();
    provider.on_refresh(Err(outage("it is down")));
    manager.refresh_token().await.unwrap();
    manager.clear_token().await.unwrap();
    let events = log.events();
    assert!(events.len() > 5, "{events:?}");
    access.assert_not_debugged(&events);
    refresh.assert_not_debugged(&events);
}
