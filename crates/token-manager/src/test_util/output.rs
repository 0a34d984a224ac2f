//! Collects what a program says, wherever it says it.

use std::fmt::{Debug, Write as _};
use std::io;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::Canary;
use crate::sync::Mutex;

/// All that a program says: log lines and spans of all levels and crates, panics, and whatever is
/// written to it. A clone is the same collection.
///
/// It takes the log or the panics of the whole process, so the test needs a program of its own.
/// Subscribers for one thread would miss what other threads say, and race for the cache of what is
/// enabled.
///
/// With another subscriber, an `Output` is a writer: `move || output.clone()` makes them for
/// `tracing_subscriber::fmt`.
#[derive(Clone, Default)]
pub struct Output(Arc<Inner>);

#[derive(Default)]
struct Inner {
    text: Mutex<Vec<u8>>,
    spans: AtomicU64,
}

impl Output {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes all that is logged in this process from now on.
    ///
    /// # Panics
    ///
    /// When the process has a subscriber already.
    pub fn take_logs(&self) {
        let subscriber = Recorder(self.clone());
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    }

    /// Takes the text of all panics in this process from now on, and shows them as before.
    pub fn take_panics(&self) {
        let output = self.clone();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            output.add(&info.to_string());
            before(info);
        }));
    }

    /// Adds a line.
    pub fn add(&self, line: &str) {
        let mut text = self.0.text.lock();
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }

    /// Adds both ways to debug a value.
    pub fn add_debug(&self, value: &impl Debug) {
        self.add(&format!("{value:?} {value:#?}"));
    }

    /// All so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.text.lock()).into_owned()
    }

    /// Fails the test when one of these is in what was said so far.
    ///
    /// # Panics
    ///
    /// When one is.
    #[track_caller]
    pub fn assert_hides<'a>(&self, canaries: impl IntoIterator<Item = &'a Canary>) {
        let text = self.text();
        for canary in canaries {
            canary.assert_absent(&text);
        }
    }
}

impl Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("bytes", &self.0.text.lock().len())
            .finish_non_exhaustive()
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.text.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes every event, every span, and every value that a span gets later.
struct Recorder(Output);

impl Recorder {
    fn line(&self, metadata: &Metadata<'_>, write: impl FnOnce(&mut Line)) {
        let (level, target, name) = (metadata.level(), metadata.target(), metadata.name());
        let mut line = Line(format!("{level} {target} {name}"));
        write(&mut line);
        self.0.add(&line.0);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.line(attributes.metadata(), |line| attributes.record(line));
        Id::from_u64(self.0.0.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        let mut line = Line("span".to_owned());
        values.record(&mut line);
        self.0.add(&line.0);
    }

    fn event(&self, event: &Event<'_>) {
        self.line(event.metadata(), |line| event.record(line));
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes everything");
    }
}
