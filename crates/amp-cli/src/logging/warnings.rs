//! Warnings on stderr, for which nothing is made ready before the first of them: most commands
//! have none, and some take little longer than that would.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Mutex, OnceLock};

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{fmt, registry};

use crate::show::Screen;
use crate::waiting::ERASED;

/// Writes the warnings of our crates.
pub(super) struct Warnings {
    writer: OnceLock<Box<dyn Subscriber + Send + Sync>>,
    /// What goes before each line.
    before: &'static str,
}

impl Warnings {
    /// Warnings that take the place of a line that tells of a wait.
    pub(super) fn beside(screen: Option<Screen>) -> Self {
        let erases = screen.is_some_and(|screen| screen.steerable);
        Self {
            writer: OnceLock::new(),
            before: if erases { ERASED } else { "" },
        }
    }

    fn writer(before: &'static str) -> Box<dyn Subscriber + Send + Sync> {
        let lines = Mutex::new(EachOnce::new(io::stderr(), before));
        let layer = fmt::layer().with_writer(lines).with_ansi(false);
        Box::new(registry().with(layer.without_time().with_target(false)))
    }
}

/// Writes each line once: the full command looks again at what the quick answer has looked at.
struct EachOnce<W> {
    output: W,
    before: &'static str,
    written: BTreeSet<Vec<u8>>,
}

impl<W> EachOnce<W> {
    const fn new(output: W, before: &'static str) -> Self {
        Self {
            output,
            before,
            written: BTreeSet::new(),
        }
    }
}

impl<W: Write> Write for EachOnce<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written.insert(line.to_owned()) {
            self.output.write_all(self.before.as_bytes())?;
            self.output.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let crate_name = metadata.target().split("::").next();
        let is_ours = crate_name.is_some_and(|name| super::CRATES.contains(&name));
        metadata.is_event() && *metadata.level() == Level::WARN && is_ours
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let writer = self.writer.get_or_init(|| Self::writer(self.before));
        writer.event(event);
    }

    // There are no spans: none is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_not_said_again() {
        let mut lines = EachOnce::new(Vec::new(), "> ");
        for line in ["WARN one\n", "WARN two\n", "WARN one\n"] {
            lines.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(lines.output, b"> WARN one\n> WARN two\n");
    }
}
