//! From a request to what goes on the wire: the fault script, the rate limit, the operation, the record.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::clock::{self, ServiceClock};
use crate::fault::{ErrorPage, FaultKind, FaultScript, Plan, RetryAfter, Skew, Timing};
use crate::rate_limit::Limiter;
use crate::record::{Records, RequestRecord};
use crate::routes::{self, Incoming};
use crate::settings::Settings;
use crate::state::State;

/// The whole service behind its lock. A request is decided in one step, so no two of them mix.
pub(crate) struct Service {
    settings: Settings,
    pub(crate) state: State,
    pub(crate) faults: FaultScript,
    pub(crate) limiter: Limiter,
    pub(crate) records: Records,
    pub(crate) clock: ServiceClock,
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
    Whole(Answer),
    /// The head and half of the body, then the end of the connection.
    Half(Answer),
    /// The head, and a body of that many bytes.
    Oversized(Answer, u64),
    /// The end of the connection.
    Cut,
    /// Nothing.
    Stall,
}

impl Service {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            state: State::new(&settings),
            faults: FaultScript::default(),
            limiter: Limiter::new(settings.rate_limit),
            records: Records::default(),
            clock: ServiceClock::start(),
            settings,
        }
    }

    /// Back to how it was built, but without faults. The clock goes on.
    pub(crate) fn reset(&mut self) {
        let clock = self.clock;
        *self = Self {
            clock,
            ..Self::new(self.settings.clone())
        };
    }

    /// Decides one request and records it.
    pub(crate) fn receive(&mut self, request: &Incoming<'_>) -> Reaction {
        let Plan {
            delay,
            skew,
            failure,
        } = self.faults.take(request.method.as_str(), request.path);
        let reply = match failure {
            None => Reply::Whole(self.serve(request)),
            Some(failure) => self.fail(failure, request, skew),
        };
        self.record(request, reply.status());
        Reaction { delay, skew, reply }
    }

    /// Records a request that was refused before it could be looked at.
    pub(crate) fn record(&mut self, request: &Incoming<'_>, status: Option<StatusCode>) {
        let at = self.clock.elapsed(request.now);
        let status = status.map(|status| status.as_u16());
        tracing::debug!(method = %request.method, path = request.path, status, "request");
        self.records.add(RequestRecord::new(
            request.method.clone(),
            request.path.to_owned(),
            status,
            at,
        ));
    }

    fn fail(&mut self, failure: FaultKind, request: &Incoming<'_>, skew: Option<Skew>) -> Reply {
        match failure {
            FaultKind::Throttled(retry_after) => {
                Reply::Whole(self.throttle(retry_after, request.now, skew))
            }
            FaultKind::HtmlPage => Reply::Whole(Answer::html(StatusCode::OK)),
            FaultKind::ServerError {
                status,
                body,
                timing,
            } => {
                self.take_effect(timing, request);
                Reply::Whole(server_error(status, body))
            }
            FaultKind::Reset(timing) => {
                self.take_effect(timing, request);
                Reply::Cut
            }
            FaultKind::Stall(timing) => {
                self.take_effect(timing, request);
                Reply::Stall
            }
            FaultKind::HalfBody => Reply::Half(self.serve(request)),
            FaultKind::TruncatedJson => Reply::Whole(truncated(self.serve(request))),
            FaultKind::Oversized(bytes) => Reply::Oversized(self.serve(request), bytes),
            // The plan keeps these two apart from failures.
            FaultKind::Latency(_) | FaultKind::WrongClock(_) => Reply::Whole(self.serve(request)),
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
            Err(seconds) => answer::throttled(Some(seconds), Some(HeaderValue::from(seconds))),
        }
    }

    fn throttle(&self, retry_after: RetryAfter, now: Instant, skew: Option<Skew>) -> Answer {
        match retry_after {
            RetryAfter::Missing => answer::throttled(None, None),
            RetryAfter::Seconds(seconds) => {
                answer::throttled(Some(seconds), Some(HeaderValue::from(seconds)))
            }
            RetryAfter::Date(seconds) => {
                let date = clock::http_date_after(self.clock.wall(now, skew), seconds);
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
            reply: Reply::Whole(answer),
        }
    }
}

impl Reply {
    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Whole(answer) | Self::Half(answer) | Self::Oversized(answer, _) => {
                Some(answer.status)
            }
            Self::Cut | Self::Stall => None,
        }
    }
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
