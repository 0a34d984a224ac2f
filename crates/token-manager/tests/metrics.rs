//! What the feature `metrics` counts, under which names.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use token_core::{AccessToken, Clock, ErrorClass, Grant, Lifetime, TokenError, TokenFailure};
use token_manager::{PausedClock, ScriptedProvider, TokenManager, TokenMetrics};
use token_store::{MemoryStore, SharedTokenStore};
use tokio::time::advance;

/// Keeps the sum of each counter, the last value of each gauge, and the last value of each
/// histogram, by name and labels.
#[derive(Clone, Default)]
struct Numbers(Arc<Mutex<BTreeMap<String, f64>>>);

struct Entry(Numbers, String);

impl Entry {
    fn change(&self, change: impl FnOnce(&mut f64)) {
        let mut numbers = self.0.0.lock().unwrap();
        change(numbers.entry(self.1.clone()).or_default());
    }
}

impl CounterFn for Entry {
    fn increment(&self, value: u64) {
        self.change(|sum| *sum += f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _value: u64) {}
}

impl GaugeFn for Entry {
    fn increment(&self, _value: f64) {}
    fn decrement(&self, _value: f64) {}

    fn set(&self, value: f64) {
        self.change(|last| *last = value);
    }
}

impl HistogramFn for Entry {
    fn record(&self, value: f64) {
        self.change(|last| *last = value);
    }
}

impl Numbers {
    fn entry(&self, key: &Key) -> Arc<Entry> {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let text = format!("{}{}", key.name(), labels.collect::<String>());
        Arc::new(Entry(self.clone(), text))
    }

    /// Keeps the name as a line of the documentation begins.
    fn describe(&self, name: &KeyName, kind: &str) {
        let line = format!("| `{}` | {kind} |", name.as_str());
        self.0.lock().unwrap().insert(line, 0.0);
    }

    /// The value under this name and these labels, beside that of the manager.
    fn of(&self, name: &str) -> Option<f64> {
        let (name, labels) = name.split_once(' ').unwrap_or((name, ""));
        let key = format!("{name} manager=test {labels}");
        self.0.lock().unwrap().get(key.trim_end()).copied()
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name, "counter");
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name, "gauge");
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name, "histogram");
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.entry(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.entry(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.entry(key))
    }
}

fn provider() -> ScriptedProvider {
    ScriptedProvider::with_latency(Duration::from_secs(2))
}

fn outage() -> TokenError {
    TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Transient, "it is down"))
}

// C-50
#[test]
fn every_metric_is_documented() {
    let described = Numbers::default();
    metrics::with_local_recorder(&described, || drop(TokenMetrics::new("test")));
    let described = described.0.lock().unwrap();
    assert!(described.len() >= 12, "{described:?}");
    for line in described.keys() {
        assert!(
            include_str!("../../../docs/observability.md").contains(line),
            "{line}"
        );
    }
}

// C-50
#[tokio::test(start_paused = true)]
async fn logins_refreshes_failures_and_shared_flights_are_counted() {
    let numbers = Numbers::default();
    let _recorded = metrics::set_default_local_recorder(&numbers);
    let provider = provider();
    let builder = TokenManager::builder(provider.clone()).clock(PausedClock::new());
    let manager = builder.events(TokenMetrics::new("test")).build();

    join_all((0..10).map(|_| manager.get_token())).await;
    manager.refresh_token().await.unwrap();
    provider.on_refresh(Err(outage()));
    manager.refresh_token().await.unwrap();
    provider.on_refresh(Err(outage())).on_obtain(Err(outage()));
    manager.refresh_token().await.unwrap_err();
    let refused = TokenFailure::new(ErrorClass::Refused, "wrong password");
    provider.on_obtain(Err(TokenError::ObtainFailed(refused)));
    manager.obtain_token().await.unwrap_err();

    for (name, value) in [
        ("token_logins_total", 2.0),
        ("token_refreshes_total", 1.0),
        ("token_refresh_failures_total", 2.0),
        ("token_failures_total class=transient", 1.0),
        ("token_failures_total class=refused", 1.0),
        ("token_coalesced_callers_total", 9.0),
        ("token_epoch", 3.0),
        ("token_remaining_seconds", 86_393.0),
        ("token_flight_seconds outcome=obtained", 4.0),
        ("token_flight_seconds outcome=failed", 2.0),
    ] {
        assert_eq!(numbers.of(name), Some(value), "{name}");
    }
    assert_eq!(numbers.of("token_adoptions_total"), None);
}

#[tokio::test(start_paused = true)]
async fn the_gauge_of_what_remains_is_exact_after_a_look_and_zero_after_the_end() {
    let numbers = Numbers::default();
    let _recorded = metrics::set_default_local_recorder(&numbers);
    let metrics = TokenMetrics::new("test");
    let builder = TokenManager::builder(provider()).clock(PausedClock::new());
    let manager = builder.events(metrics.clone()).build();
    manager.get_token().await.unwrap();
    advance(Duration::from_secs(1_000)).await;
    let remaining = || numbers.of("token_remaining_seconds");
    assert_eq!(remaining(), Some(86_393.0), "as it was when the token came");
    metrics.observe(&manager.status());
    assert_eq!(remaining(), Some(85_393.0));
    manager.clear_token().await.unwrap();
    assert_eq!(remaining(), Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn adopted_tokens_count_by_themselves() {
    let numbers = Numbers::default();
    let _recorded = metrics::set_default_local_recorder(&numbers);
    let store = SharedTokenStore::new(MemoryStore::new());
    let clock = PausedClock::new();
    let open = || {
        TokenManager::builder(provider())
            .clock(clock)
            .store(store.clone())
    };
    open().build().get_token().await.unwrap();
    let manager = open().events(TokenMetrics::new("test")).build();
    manager.get_token().await.unwrap();
    assert_eq!(numbers.of("token_adoptions_total"), Some(1.0));
    assert_eq!(numbers.of("token_logins_total"), None);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_came_with_a_changed_password_counts_by_itself() {
    let numbers = Numbers::default();
    let _recorded = metrics::set_default_local_recorder(&numbers);
    let clock = PausedClock::new();
    let builder = TokenManager::builder(provider()).clock(clock);
    let manager = builder.events(TokenMetrics::new("test")).build();
    let lifetime = Lifetime::Assumed(Duration::from_secs(86_400));
    let grant = Grant::new(AccessToken::new("installed").unwrap(), lifetime);
    let installed = manager.install(grant, &clock.now(), &"new".into()).await;
    installed.unwrap();
    assert_eq!(numbers.of("token_installations_total"), Some(1.0));
    assert_eq!(numbers.of("token_logins_total"), None);
    assert_eq!(numbers.of("token_remaining_seconds"), Some(86_395.0));
}
