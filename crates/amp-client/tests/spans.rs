//! Whose span a line is logged under. A program of its own, with one subscriber for all its threads.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amp_client::{ApiClient, Credentials, FixedCredentials};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use futures_util::future::join3;
use token_manager::PausedClock;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Instrument, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use transport::{TestStream, Transport};

/// The messages of every call, by the name in the outermost span.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

/// The name of a call, kept with its span.
struct Name(String);

/// One field of a span or an event, by name.
struct Wanted(&'static str, String);

impl Visit for Wanted {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == self.0 {
            write!(self.1, "{value:?}").unwrap();
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut name = Wanted("name", String::new());
        attributes.record(&mut name);
        let span = context.span(id).unwrap();
        span.extensions_mut().insert(Name(name.1));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !event.metadata().target().starts_with("token_manager") {
            return;
        }
        let outermost = context
            .event_scope(event)
            .and_then(|scope| scope.from_root().next());
        let name = outermost.map(|span| span.extensions().get::<Name>().unwrap().0.clone());
        let mut message = Wanted("message", String::new());
        event.record(&mut message);
        let mut lines = self.0.lock().unwrap();
        lines
            .entry(name.unwrap_or_default())
            .or_default()
            .push(message.1);
    }
}

/// A client of this service, without sockets.
async fn client(service: &Arc<Sandbox>, password: &str) -> ApiClient {
    let connected = Arc::clone(service);
    let connect = move |_| std::future::ready(Ok(TestStream::http1(connected.connect())));
    let credentials = Credentials::new(DEFAULT_USERNAME, password);
    ApiClient::builder()
        .base_url(service.base_url())
        .credentials(FixedCredentials::new(credentials))
        .transport(
            Transport::builder()
                .with_connector(connect)
                .build()
                .unwrap(),
        )
        .clock(PausedClock::new())
        .build()
        .await
        .unwrap()
}

/// Says something every 100 ms, outside of any call.
async fn bystander() {
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        tracing::info!(target: "token_manager::test", "tick");
    }
}

/// Asks for a token of a service that takes its time, and then for assets.
async fn call(client: &ApiClient) {
    let token = client.get_token().await;
    tracing::info!(target: "token_manager::test", "a token: {}", token.is_ok());
    drop(client.get_assets().await);
    tracing::info!(target: "token_manager::test", "done");
}

// W-A23: upstream kept the guard of a span across an await, so that whoever ran while a call slept
// was logged under it.
#[tokio::test(start_paused = true)]
async fn calls_that_take_turns_are_each_logged_under_their_own_span() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(lines.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let service = Arc::new(Sandbox::builder().seed(7).in_memory());
    for latency in ["700ms", "300ms"] {
        let slow = format!("POST /user/obtain_token=latency:{latency}");
        service.inject(slow.parse().unwrap());
    }
    let good = client(&service, DEFAULT_PASSWORD).await;
    let bad = client(&service, "wrong").await;
    let after = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        call(&bad).await;
    };
    join3(
        bystander(),
        call(&good).instrument(info_span!("call", name = "good")),
        after.instrument(info_span!("call", name = "bad")),
    )
    .await;
    assert!(
        tracing::Span::current().is_none(),
        "a span is still entered"
    );

    let lines = lines.0.lock().unwrap();
    let of = |name: &str| lines[name].join("; ");
    assert_eq!(
        of("\"good\""),
        "token flight started; the stored token may not outlive a power cut; token obtained; \
         token retrieved; a token: true; done"
    );
    assert_eq!(
        of("\"bad\""),
        "token flight started; no new token; no token; a token: false; done"
    );
    assert_eq!(lines[""], ["tick"; 10]);
}
