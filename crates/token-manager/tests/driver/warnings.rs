//! What an operator is warned of.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use token_manager::{ScriptedProvider, TokenManager};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::kit::{builder, outage};

// a healthy manager that keeps its tokens in memory has nothing to warn of.
#[tokio::test(start_paused = true)]
async fn a_healthy_manager_warns_of_nothing() {
    let (manager, warnings) = (manager(), Warnings::default());
    let _guard = tracing::subscriber::set_default(warnings.clone());
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    manager.clear_token().await.unwrap();
    manager.get_token().await.unwrap();
    manager.close().await;
    assert_eq!(warnings.seen(), Vec::<String>::new());
}

// the caller sees only success, and the log says what happened.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_is_warned_of_once() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let (manager, warnings) = (builder(&provider).build(), Warnings::default());
    let _guard = tracing::subscriber::set_default(warnings.clone());
    manager.get_token().await.unwrap();
    provider.on_refresh(Err(outage("down")));
    manager.refresh_token().await.unwrap();
    assert_eq!(warnings.seen(), ["token refresh failed"]);
}

fn manager() -> TokenManager {
    builder(&ScriptedProvider::with_latency(Duration::ZERO)).build()
}

/// Collects the texts of warnings and errors.
#[derive(Clone, Debug, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Warnings {
    fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(&self.0));
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

struct Message<'a>(&'a Mutex<Vec<String>>);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}
