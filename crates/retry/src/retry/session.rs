//! What one call knows about its tries.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{CallContext, Classify, Clock, Outcome, StopReason, Stopped};
use tokio::time::Instant;
use tracing::debug;

use crate::budget::Bucket;
use crate::decision::may_repeat;
use crate::draws::Draws;
use crate::observer::Observer;
use crate::wall::Wall;
use crate::{CallObserver, Decision, RetryPolicy, RetryState, RetryWait, call, decide};

/// What all calls of one layer share.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    policy: RetryPolicy,
    draws: Draws,
    wall: Wall,
    observer: Observer,
}

impl Rules {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            draws: Draws::default(),
            wall: Wall::default(),
            observer: Observer::default(),
        }
    }

    pub(crate) fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        let wall = Wall::of(clock);
        Self { wall, ..self }
    }

    pub(crate) fn with_seed(self, seed: u64) -> Self {
        let draws = Draws::seeded(seed);
        Self { draws, ..self }
    }

    pub(crate) fn with_observer(self, observer: Arc<dyn CallObserver>) -> Self {
        let observer = Observer::of(observer);
        Self { observer, ..self }
    }
}

/// What a call does after one of its tries.
pub(crate) enum Verdict {
    Done,
    /// Nothing was sent: the same attempt once more, from the gate on.
    Again(Stopped),
    Wait(std::time::Duration),
    Stop(Stopped),
}

/// One call: its context and the rules it plays by.
#[derive(Debug)]
pub(crate) struct Session {
    rules: Arc<Rules>,
    call: CallContext,
}

impl Session {
    pub(crate) const fn new(rules: Arc<Rules>, call: CallContext) -> Self {
        Self { rules, call }
    }

    #[inline]
    pub(crate) fn of(request: &mut Request<Bytes>, rules: Arc<Rules>) -> Self {
        let call = call::context(request, rules.policy.assumed_class);
        Self::new(rules, call)
    }

    /// Notes the start of a try; the answer is whether yet another one is possible after it.
    #[inline]
    pub(crate) fn begin(&self) -> bool {
        let attempts = self.call.note(|ledger| {
            ledger.note_attempt();
            ledger.attempts()
        });
        may_repeat(&self.rules.policy, self.call.idempotency(), attempts)
    }

    /// Notes the start of a try with this request; the copy is for yet another one, if one is possible.
    #[inline]
    pub(crate) fn begin_with(&self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        self.begin().then(|| call::copy(request))
    }

    /// Has a copy of the request carry the context of this call.
    pub(crate) fn carry(&self, copy: &mut Request<Bytes>) {
        call::carry(copy, &self.call);
    }

    /// Judges the result of a try.
    pub(crate) fn judge<E: Classify>(&self, result: &Result<Response<Bytes>, E>) -> Verdict {
        let stopped = result.as_ref().err().and_then(Classify::stopped);
        if let Some(paused) = stopped.filter(|stopped| stopped.reason() == StopReason::Paused) {
            return Verdict::Again(paused);
        }
        let outcome = call::outcome(result, &self.rules.wall);
        if matches!(outcome, Outcome::Answered { status, .. } if status < 400) {
            self.reward();
            return Verdict::Done;
        }
        match self.decide(&outcome) {
            Decision::GiveUp => Verdict::Done,
            Decision::Retry { after } => {
                self.call.note(|ledger| {
                    ledger.note_outcome(&outcome);
                    ledger.note_wait(after);
                });
                debug!(
                    attempt = self.call.ledger().attempts(),
                    ?outcome,
                    ?after,
                    "trying again"
                );
                self.rules.observer.retry_waits(&RetryWait {
                    outcome,
                    attempts: self.call.ledger().attempts(),
                    max_attempts: self.rules.policy.max_attempts,
                    wait: after,
                });
                Verdict::Wait(after)
            }
            Decision::Stop {
                reason,
                retry_after,
            } => {
                self.call.note(|ledger| ledger.note_outcome(&outcome));
                let at = self.rules.wall.after(retry_after);
                let stopped = Stopped::new(reason, self.call.ledger());
                Verdict::Stop(stopped.with_retry_at(at, retry_after))
            }
        }
    }

    /// What a caller is told whose request was held back and cannot be taken to the gate again.
    pub(crate) fn limited(paused: Stopped) -> Stopped {
        let stopped = Stopped::new(StopReason::RateLimited, paused.ledger());
        match (paused.retry_at(), paused.retry_after()) {
            (Some(at), Some(after)) => stopped.with_retry_at(at, after),
            _ => stopped,
        }
    }

    fn decide(&self, outcome: &Outcome) -> Decision {
        let policy = &self.rules.policy;
        let with_bucket = |budget: Option<&mut Bucket>| {
            let state = RetryState {
                idempotency: self.call.idempotency(),
                ledger: self.call.ledger(),
                remaining: self.call.remaining(Instant::now().into_std()),
                budget,
            };
            decide(policy, state, outcome, self.rules.draws.next())
        };
        match &policy.budget {
            Some(budget) => budget.with(|bucket| with_bucket(Some(bucket))),
            None => with_bucket(None),
        }
    }

    fn reward(&self) {
        if let Some(budget) = &self.rules.policy.budget {
            budget.with(Bucket::deposit);
        }
    }
}
