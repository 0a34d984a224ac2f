//! Flights that die: with their runtime, with a panic, or before they start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use token_core::{Clock, ErrorClass, Grant, ManualClock, Now, TokenError};
use token_manager::{FlightContext, TokenManager, TokenProvider};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{advance, timeout};

use crate::kit::{GatedProvider, builder, secs, token};

fn wall() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A manager whose clock stands still, for use on real runtimes and on none.
fn timeless(provider: &GatedProvider) -> TokenManager {
    let clock = ManualClock::new(wall());
    builder(provider).clock(clock).build()
}

fn one_worker() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_time().build().unwrap()
}

// real runtimes, because their death is the point.
#[test]
fn callers_elsewhere_are_served_when_the_runtime_of_the_flight_dies() {
    let provider = GatedProvider::new();
    let manager = timeless(&provider);
    let doomed = one_worker();
    let elsewhere = one_worker();
    let first = manager.clone();
    doomed.spawn(async move { first.get_token().await });
    elsewhere.block_on(provider.started());

    let asks = [manager.clone(), manager.clone()].map(|manager| {
        let mut ask = Box::pin(async move { manager.get_token().await });
        assert!(
            elsewhere
                .block_on(async { (&mut ask).now_or_never() })
                .is_none()
        );
        ask
    });
    drop(doomed);
    provider.open();
    for ask in asks {
        // They are told; the end of their own patience, minutes later, would serve them as well.
        let answer = elsewhere.block_on(async { timeout(secs(30), ask).await });
        assert_eq!(answer.expect("they are told").unwrap(), token("token-2"));
    }
    assert_eq!(provider.logins(), 2, "one died, and one was started anew");
}

/// A runtime that runs nothing but what it is told to run, on time that passes at once.
fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

// a runtime that lives and is never driven again must not keep the callers of others.
#[test]
fn callers_elsewhere_do_not_wait_for_ever_for_a_runtime_that_nobody_drives() {
    let provider = GatedProvider::new();
    let manager = timeless(&provider);
    let (idle, elsewhere) = (paused(), paused());
    idle.block_on(async { assert!(manager.get_token().now_or_never().is_none()) });
    provider.open();
    let answer = elsewhere.block_on(manager.get_token());
    assert_eq!(answer.unwrap(), token("token-1"));
    drop(idle);
    assert_eq!(manager.try_current().unwrap(), "token token-1");
}

// it still has the lease, which is never taken from a holder that lives; the clock turns
// while it is waited for.
#[test]
fn a_lease_that_nobody_drives_ends_in_an_error_and_not_in_a_second_login() {
    let provider = GatedProvider::new();
    let (idle, elsewhere) = (paused(), paused());
    let clock = elsewhere.block_on(async { token_manager::PausedClock::new() });
    let manager = builder(&provider)
        .clock(TurnedBy(clock, elsewhere.handle().clone()))
        .build();
    idle.block_on(async {
        assert!(manager.get_token().now_or_never().is_none());
        provider.started().await;
    });
    let error = elsewhere.block_on(manager.get_token()).unwrap_err();
    assert!(matches!(error, TokenError::Timeout(_)), "{error:?}");
    assert_eq!(provider.logins(), 1);
    elsewhere.block_on(manager.close());
}

/// The time of one runtime, wherever it is read.
#[derive(Debug)]
struct TurnedBy(token_manager::PausedClock, tokio::runtime::Handle);

impl Clock for TurnedBy {
    fn now(&self) -> Now {
        let _entered = self.1.enter();
        self.0.now()
    }
}

// a flight cannot start there, and the caller must not spin.
#[test]
fn on_a_runtime_that_is_gone_a_caller_gets_an_error() {
    let provider = GatedProvider::new();
    let clock = PatientClock::default();
    let manager = builder(&provider).clock(clock.clone()).build();
    let runtime = one_worker();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter();
    let answer = manager.get_token().now_or_never();
    let error = answer.expect("an answer at once").unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(provider.logins(), 0);
}

#[test]
fn outside_a_runtime_nothing_starts_and_nothing_panics() {
    let provider = GatedProvider::new();
    let manager = timeless(&provider);
    assert_eq!(manager.try_current(), None);
    for answer in [
        manager.get_token().now_or_never(),
        manager.obtain_token().now_or_never(),
        manager.refresh_token().now_or_never(),
    ] {
        let error = answer.expect("an answer at once").unwrap_err();
        assert!(matches!(error, TokenError::Configuration(_)), "{error:?}");
    }
    manager.clear_token().now_or_never().unwrap().unwrap();
    assert_eq!(provider.logins(), 0);
}

// a token in its window is served, and renewed by the next caller inside a runtime.
#[test]
fn outside_a_runtime_a_held_token_is_served_to_its_end() {
    let provider = GatedProvider::new();
    let clock = ManualClock::new(wall());
    let manager = builder(&provider).clock(clock.clone()).build();
    let runtime = one_worker();
    provider.open();
    runtime.block_on(manager.get_token()).unwrap();
    clock.advance(secs(86_200));
    assert_eq!(manager.try_current().unwrap(), "token token-1");
    let served = manager.get_token().now_or_never().unwrap();
    assert_eq!(served.unwrap(), token("token-1"));
    assert_eq!(provider.logins(), 1);
    clock.advance(secs(195));
    assert_eq!(manager.try_current(), None);

    provider.open();
    assert_eq!(
        runtime.block_on(manager.get_token()).unwrap(),
        token("token-2")
    );
}

// A-37, C-41: all who wait hear of it, and the provider is not asked again at once.
#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_is_an_error_for_all_and_no_hang() {
    let provider = Panicking::default();
    let manager = builder(&provider).build();
    let (first, second) = tokio::join!(manager.get_token(), manager.get_token());
    for answer in [first, second, manager.get_token().await] {
        let error = answer.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Transient, "{error:?}");
        assert!(error.to_string().contains("panicked"), "{error}");
    }
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
    advance(secs(2)).await;
    manager.get_token().await.unwrap_err();
    assert_eq!(
        provider.0.load(Ordering::SeqCst),
        2,
        "the lease was given back"
    );
}

#[derive(Clone, Debug, Default)]
struct Panicking(Arc<AtomicU32>);

impl TokenProvider for Panicking {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        panic!("a bug in the provider");
    }
}

/// A clock that stands still and does not let itself be asked for ever.
#[derive(Clone, Debug, Default)]
struct PatientClock(Arc<AtomicU32>);

impl Clock for PatientClock {
    fn now(&self) -> Now {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        assert!(asked < 1_000, "somebody asks in a loop");
        ManualClock::new(wall()).now()
    }
}
