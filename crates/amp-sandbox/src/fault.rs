//! A fault: what goes wrong, for which requests, how often.

use std::time::Duration;

use crate::path;

mod script;
mod text;

pub use text::ParseFaultError;

pub(crate) use script::FaultScript;

/// One line of the fault script: what goes wrong, for which requests, how often.
///
/// Faults are kept in the order in which they were injected. Every request takes the first one that matches it and
/// is not used up, once for each of three groups: latency, clock, and everything else. So a slow service can also
/// be a failing one, and `503*2` followed by `429:1` answers 503, 503, 429.
///
/// The text form is `[METHOD ][/path=]KIND[:ARG][*COUNT|*always|*PERCENT%]`:
///
/// | `KIND[:ARG]` | the client sees |
/// |---|---|
/// | `latency:200ms` | the answer that long after it was decided (`ms`, `s`, `m`, `h`) |
/// | `503`, `500:json`, `504-after` | any 5xx: an HTML page, or JSON; `-after`: although the request took effect |
/// | `429`, `429:2`, `429:date:2` | no Retry-After; in seconds; as an HTTP date |
/// | `reset`, `reset-after` | the connection closed without an answer, before or after the request took effect |
/// | `half-body` | the head and half of the body, then the end of the connection |
/// | `stall`, `stall-after` | nothing, on an open connection |
/// | `truncated-json` | the answer cut short under a correct length |
/// | `html` | status 200 with an HTML page, as from a captive portal |
/// | `clock:+1h`, `clock:-90s` | `Date` (and a Retry-After date) from a wrong clock |
/// | `oversized`, `oversized:70000` | a body of 32 MiB, or of that many bytes |
///
/// A path is relative to the base path; `*` stands for one segment and a trailing slash does not matter. Without a
/// count a fault happens once; `*always` keeps it until the faults are cleared, and so does `*5%`, but it meets 5 of a
/// hundred requests, drawn from the seed.
///
/// ```
/// use amp_sandbox::{Fault, FaultKind, Timing};
///
/// let fault: Fault = "POST /assets/issue=reset-after*1".parse()?;
/// assert_eq!(fault, Fault::new(FaultKind::Reset(Timing::After)).for_method("POST").for_path("/assets/issue"));
/// # Ok::<(), amp_sandbox::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    method: Option<String>,
    path: Option<String>,
    kind: FaultKind,
    times: Times,
}

/// What goes wrong. [`Fault`] has the text form of each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer leaves this long after it was decided. The request takes effect at once, so a client that gives
    /// up meanwhile has still had its effect.
    Latency(Duration),
    /// The clock behind `Date` and Retry-After dates is wrong.
    WrongClock(Skew),
    /// A 5xx answer.
    ServerError {
        /// The status; anything outside 500..=599 is sent as 500.
        status: u16,
        /// What the body is.
        body: ErrorPage,
        /// Whether the request took effect first.
        timing: Timing,
    },
    /// A 429 answer; the request did not take effect.
    Throttled(RetryAfter),
    /// The connection ends without an answer.
    Reset(Timing),
    /// The head and half of the body of the real answer, then the end of the connection.
    HalfBody,
    /// No answer on a connection that stays open.
    Stall(Timing),
    /// The real answer without its end, under the length of what is sent.
    TruncatedJson,
    /// Status 200 with an HTML page; the request did not take effect.
    HtmlPage,
    /// The real status with a body of this many bytes.
    Oversized(u64),
}

/// Whether a fault strikes before or after the request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a request took effect or it did not"
)]
pub enum Timing {
    /// The request had no effect.
    Before,
    /// The request took effect; only its answer is lost or replaced.
    After,
}

/// The body of a 5xx answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorPage {
    /// A page, as a proxy in front of the service sends it.
    Html,
    /// A `detail` text, as the service itself sends it.
    Json,
}

/// How a 429 answer says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// It does not.
    Missing,
    /// In whole seconds.
    Seconds(u64),
    /// As an HTTP date this many seconds ahead, rounded up to the next full second.
    Date(u64),
}

/// How far and in which direction a clock is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a clock that is wrong is ahead or behind"
)]
pub enum Skew {
    /// The clock shows a later time.
    Ahead(Duration),
    /// The clock shows an earlier time.
    Behind(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Left(u32),
    Always,
    /// In so many of a hundred.
    Percent(u8),
}

impl Fault {
    /// A fault that happens once, to the next request whatever it is.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            method: None,
            path: None,
            kind,
            times: Times::Left(1),
        }
    }

    /// Limits the fault to one method, in capitals. Default: every method.
    #[must_use]
    pub fn for_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Limits the fault to one path, relative to the base path; `*` stands for one segment. Default: every path.
    #[must_use]
    pub fn for_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets how many requests the fault meets. Default: 1.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Times::Left(count);
        self
    }

    /// Keeps the fault until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = Times::Always;
        self
    }

    /// Keeps the fault until the faults are cleared, and lets it meet so many of a hundred requests, drawn from the
    /// sandbox's seed; more than 100 count as 100.
    #[must_use]
    pub fn percent(mut self, percent: u8) -> Self {
        self.times = Times::Percent(percent.min(100));
        self
    }

    /// What goes wrong.
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let method_matches = self.method.as_deref().is_none_or(|wanted| wanted == method);
        method_matches
            && self
                .path
                .as_deref()
                .is_none_or(|wanted| path::same(wanted, path))
    }

    fn use_once(&mut self) {
        if let Times::Left(left) = &mut self.times {
            *left = left.saturating_sub(1);
        }
    }

    /// Whether a request that it matches meets it.
    fn happens(&self, rng: &mut fastrand::Rng) -> bool {
        match self.times {
            Times::Left(left) => left > 0,
            Times::Always => true,
            Times::Percent(percent) => rng.u8(..100) < percent,
        }
    }

    fn is_used_up(&self) -> bool {
        self.times == Times::Left(0)
    }
}
