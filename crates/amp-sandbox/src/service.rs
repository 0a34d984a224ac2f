//! From a request to what goes on the wire: the fault script, the rate limit, the operation, the record.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::body::Shape;
use crate::clock::{self, ServiceClock};
use crate::fault::{ErrorPage, FaultKind, FaultScript, RetryAfter, Skew, Timing};
use crate::rate_limit::Limiter;
use crate::record::{Records, RequestRecord};
use crate::routes::{self, Api, Incoming};
use crate::settings::Settings;
use crate::state::State;

/// The whole service behind its lock. A request is decided in one step, so no two of them mix.
pub(crate) struct Service {
    settings: Settings,
    pub(crate) state: State,
    pub(crate) faults: FaultScript,
    pub(crate) limiter: Limiter,
    pub(crate) records: Records,
}

/// What happens to one request, decided when it arrived.
#[derive(Debug)]
pub(crate) struct Reaction {
    pub(crate) delay: Duration,
    pub(crate) skew: Option<Skew>,
    pub(crate) reply: Reply,
}

/// What goes on the wire.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(Answer, Shape),
    /// The end of the connection.
    Cut,
    /// Nothing.
    Stall,
}

impl Service {
    pub(crate) fn new(settings: Settings) -> Self {
        Self::with_clock(settings, ServiceClock::start())
    }

    fn with_clock(settings: Settings, clock: ServiceClock) -> Self {
        Self {
            state: State::new(&settings, clock),
            faults: FaultScript::new(settings.seed),
            limiter: Limiter::new(settings.rate_limit),
            records: Records::default(),
            settings,
        }
    }

    /// Back to how it was built, but without faults. The clock goes on.
    pub(crate) fn reset(&mut self) {
        *self = Self::with_clock(self.settings.clone(), self.state.clock);
    }

    /// How the address ends that a client is configured with.
    pub(crate) fn address_path(&self) -> &'static str {
        Api::of(self.settings.flavour).address_path
    }

    /// Decides one request and records it.
    pub(crate) fn receive(&mut self, request: &Incoming<'_>) -> Reaction {
        let plan = self.faults.take(request.method.as_str(), request.path);
        let reply = match plan.failure {
            None => Reply::whole(self.serve(request)),
            Some(failure) => self.fail(failure, request, plan.skew),
        };
        self.record(request, reply.status());
        Reaction {
            delay: plan.delay,
            skew: plan.skew,
            reply,
        }
    }

    /// Records a request that is answered without being looked at.
    pub(crate) fn refuse(&mut self, request: &Incoming<'_>, refusal: Answer) -> Reaction {
        self.record(request, Some(refusal.status.as_u16()));
        Reaction::plain(refusal)
    }

    fn record(&mut self, request: &Incoming<'_>, status: Option<u16>) {
        let (method, path) = (request.method.clone(), request.path.to_owned());
        let at = self.state.clock.elapsed(request.now);
        self.records
            .add(RequestRecord::new(method, path, status, at));
    }

    fn fail(&mut self, failure: FaultKind, request: &Incoming<'_>, skew: Option<Skew>) -> Reply {
        match failure {
            FaultKind::Throttled(wait) => Reply::whole(self.throttle(wait, request.now, skew)),
            FaultKind::HtmlPage => Reply::whole(Answer::html(StatusCode::OK)),
            FaultKind::ServerError {
                status,
                body,
                timing,
            } => {
                self.take_effect(timing, request);
                Reply::whole(server_error(status, body))
            }
            FaultKind::Reset(timing) => {
                self.take_effect(timing, request);
                Reply::Cut
            }
            FaultKind::Stall(timing) => {
                self.take_effect(timing, request);
                Reply::Stall
            }
            FaultKind::HalfBody => Reply::Answer(self.serve(request), Shape::Half),
            FaultKind::TruncatedJson => Reply::whole(truncated(self.serve(request))),
            FaultKind::Oversized(bytes) => Reply::Answer(self.serve(request), Shape::Filler(bytes)),
            // The plan keeps these two apart from failures.
            FaultKind::Latency(_) | FaultKind::WrongClock(_) => Reply::whole(self.serve(request)),
        }
    }

    fn take_effect(&mut self, timing: Timing, request: &Incoming<'_>) {
        if timing == Timing::After {
            self.serve(request);
        }
    }

    /// The real answer.
    fn serve(&mut self, request: &Incoming<'_>) -> Answer {
        match self.limiter.accept(request.now) {
            Ok(()) => routes::answer(&mut self.state, request),
            Err(seconds) => throttled_for(seconds),
        }
    }

    fn throttle(&self, retry_after: RetryAfter, now: Instant, skew: Option<Skew>) -> Answer {
        match retry_after {
            RetryAfter::Missing => answer::throttled(None, None),
            RetryAfter::Seconds(seconds) => throttled_for(seconds),
            RetryAfter::Date(seconds) => {
                let date = clock::http_date_after(self.state.clock.wall(now, skew), seconds);
                answer::throttled(Some(seconds), Some(date))
            }
        }
    }
}

impl Reaction {
    /// An answer at once, by a right clock.
    pub(crate) fn plain(answer: Answer) -> Self {
        Self {
            delay: Duration::ZERO,
            skew: None,
            reply: Reply::whole(answer),
        }
    }
}

impl Reply {
    fn whole(answer: Answer) -> Self {
        Self::Answer(answer, Shape::Whole)
    }

    /// The status that goes out, if any does.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer, _) => Some(answer.status.as_u16()),
            Self::Cut | Self::Stall => None,
        }
    }
}

fn throttled_for(seconds: u64) -> Answer {
    answer::throttled(Some(seconds), Some(HeaderValue::from(seconds)))
}

fn server_error(status: u16, page: ErrorPage) -> Answer {
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(StatusCode::is_server_error);
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match page {
        ErrorPage::Html => Answer::html(status),
        ErrorPage::Json => answer::detail(status, status.canonical_reason().unwrap_or("Error")),
    }
}

/// Leaves the last third out, and at least one byte.
fn truncated(mut answer: Answer) -> Answer {
    answer.body.truncate(answer.body.len() * 2 / 3);
    answer
}
