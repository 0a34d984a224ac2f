//! Carries out what the machine of one flight asks for: the store, the lease, the authority.

use std::time::{Duration, SystemTime};

use token_core::flight::{CommitAnswer, Flight, Input, LeaseAnswer, Step, Stored};
use token_core::lifecycle::{FlightId, FlightPlan, Verdict};
use token_core::{ErrorClass, Grant, TokenData, TokenError};
use token_store::{
    Change, Commit, Committed, FailureNote, Fence, Generation, Lease, LeaseAttempt, Loaded, OpId,
    Record, TokenStore,
};

use super::{Shared, report_notice};
use crate::events::{StoreStep, TokenEvent, TokenSource};
use crate::patience::{in_time, lease_in_time};
use crate::{FlightContext, TokenProvider};

/// How long a failure that may pass is shared with other processes, so that those who already
/// queue for the lease do not each repeat it.
const NOTE_TRANSIENT: Duration = Duration::from_secs(1);

/// A store may keep the moment of a note in whole milliseconds.
const NOTE_ROUNDING: Duration = Duration::from_millis(1);

/// The longest wait before the lease is tried again: the death of a holder shows no other way.
const LEASE_POLL: Duration = Duration::from_millis(50);

/// Carries out the steps of one flight.
pub(super) struct Pilot<'a> {
    shared: &'a Shared,
    lease: Option<Lease>,
    /// The failure of another process that this flight shares instead of asking the authority.
    found: Option<FailureNote>,
    generation: Generation,
    /// How often the manager had been cleared when the flight was planned.
    clears: u64,
    flight: FlightId,
    /// How the authority was asked last.
    asked: TokenSource,
    /// Why the refresh of this flight failed, until somebody is told.
    refresh_error: Option<TokenError>,
}

impl<'a> Pilot<'a> {
    pub(super) fn new(shared: &'a Shared, plan: &FlightPlan) -> Self {
        Self {
            shared,
            lease: None,
            found: None,
            generation: Generation::new(plan.generation),
            clears: plan.clears,
            flight: plan.id,
            asked: TokenSource::Adopted,
            refresh_error: None,
        }
    }

    /// How the authority was asked last.
    pub(super) fn asked(&self) -> TokenSource {
        self.asked
    }

    pub(super) async fn fly(&mut self, plan: &FlightPlan) -> Verdict {
        let mut flight = Flight::new(plan, self.shared.settings.clone(), &self.shared.now());
        let mut input = Input::Start;
        loop {
            input = match flight.next(input, &self.shared.now()) {
                Step::Lease { wait } => Input::Lease(self.lease(wait).await),
                Step::Load => Input::Loaded(self.load().await),
                Step::Refresh {
                    token,
                    within,
                    mark,
                } => self.refresh(&token, within, mark).await,
                Step::Login { within } => self.login(within).await,
                Step::Commit { data, expected } => {
                    Input::Committed(self.commit(data, expected).await)
                }
                Step::Release { failure } => {
                    self.release(failure).await;
                    Input::Released
                }
                Step::Done(verdict) => return verdict,
            };
        }
    }

    async fn lease(&mut self, wait: bool) -> LeaseAnswer {
        if wait {
            let changed = self.shared.store.changed(self.generation);
            let _ = tokio::time::timeout(LEASE_POLL, changed).await;
        }
        let ttl = self.shared.settings.lease_wait;
        match lease_in_time(self.shared.store.try_lease(ttl)).await {
            LeaseAttempt::Acquired(lease) => {
                let sent = lease.found_sent().map(Generation::number);
                let note = self.foreign(lease.found_failure());
                let failed_for = self.wait_of(note);
                self.found = note.filter(|_| failed_for.is_some());
                self.lease = Some(lease);
                LeaseAnswer::Acquired { sent, failed_for }
            }
            LeaseAttempt::Held(note) => LeaseAnswer::Held {
                failed_for: self.wait_of(self.foreign(note)),
            },
            LeaseAttempt::Unavailable(error) => {
                tracing::warn!(%error, "the token store cannot be shared now; going on alone");
                self.shared.store_failed(StoreStep::Lease, &error);
                LeaseAnswer::Unavailable
            }
        }
    }

    /// A note that ends no later than our own is our own, or tells nothing new.
    fn foreign(&self, note: Option<FailureNote>) -> Option<FailureNote> {
        let own = self.shared.core.lock().own_note;
        let is_news = |note: &FailureNote, own| {
            let later = note.not_before.duration_since(own);
            later.is_ok_and(|later| later > NOTE_ROUNDING)
        };
        note.filter(|note| own.is_none_or(|own| is_news(note, own)))
    }

    fn wait_of(&self, note: Option<FailureNote>) -> Option<Duration> {
        let left = self.shared.now().until(note?.not_before);
        (!left.is_zero()).then_some(left)
    }

    /// A store that cannot be read leaves the manager with what it has in memory.
    async fn load(&mut self) -> Option<Stored> {
        match in_time(self.shared.store.load()).await {
            Ok(loaded) => {
                report_notice(&loaded);
                self.generation = loaded.generation;
                Some(stored(loaded))
            }
            Err(error) => {
                tracing::warn!(%error, "the token store cannot be read");
                self.shared.store_failed(StoreStep::Load, &error);
                None
            }
        }
    }

    async fn refresh(&mut self, token: &TokenData, within: Duration, mark: Option<u64>) -> Input {
        if let (Some(generation), Some(lease)) = (mark, &mut self.lease)
            && let Err(error) = in_time(lease.mark_sent(Generation::new(generation))).await
        {
            tracing::warn!(%error, "the refresh could not be noted in the token store");
            self.shared.store_failed(StoreStep::Mark, &error);
        }
        self.found = None;
        self.asked = TokenSource::Refresh;
        let asked = self.shared.now();
        let context = FlightContext::new(within);
        let result = bounded(within, self.shared.provider.refresh(token, &context)).await;
        self.refresh_error = result.as_ref().err().cloned();
        Input::Refreshed { result, asked }
    }

    async fn login(&mut self, within: Duration) -> Input {
        self.found = None;
        if self.asked == TokenSource::Refresh {
            self.shared.tell(&TokenEvent::FellBack {
                flight: self.flight,
                error: self.refresh_error.take(),
            });
        }
        self.asked = TokenSource::Login;
        let asked = self.shared.now();
        let context = FlightContext::new(within);
        let result = bounded(within, self.shared.provider.obtain(&context)).await;
        Input::LoggedIn { result, asked }
    }

    /// After a clear nothing is stored, also by a flight that saw the store as the clear left it:
    /// the next caller would find it there (W-A20).
    async fn commit(&mut self, data: TokenData, expected: u64) -> CommitAnswer {
        if self.shared.clears() != self.clears {
            return CommitAnswer::Conflict(Stored {
                data: None,
                generation: expected,
            });
        }
        let op_id = OpId::new(self.shared.core.lock().rng.u128(..));
        let change = Change::Put(Record::new(data));
        let fence: Option<Fence> = self.lease.as_ref().map(Lease::fence);
        let commit = Commit::new(Generation::new(expected), change, op_id).with_fence(fence);
        match in_time(self.shared.store.commit(commit)).await {
            Ok(Committed::Stored {
                generation,
                durable,
            }) => {
                if !durable {
                    tracing::debug!("the stored token may not outlive a power cut");
                }
                CommitAnswer::Stored {
                    generation: generation.number(),
                }
            }
            Ok(Committed::Conflict(loaded)) => CommitAnswer::Conflict(stored(loaded)),
            Err(error) => {
                tracing::warn!(%error, "the token could not be stored; it is kept in memory");
                self.shared.store_failed(StoreStep::Commit, &error);
                CommitAnswer::Failed
            }
        }
    }

    async fn release(&mut self, failure: Option<ErrorClass>) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        // A token that was taken over says nothing about the failure that others heard of.
        let note = match failure {
            Some(class) => self.note(class),
            None => self.found,
        };
        let released = match note {
            Some(note) => in_time(lease.fail(note)).await,
            None => in_time(lease.release()).await,
        };
        if let Err(error) = released {
            tracing::warn!(%error, "the lease of the token store could not be given back in order");
            self.shared.store_failed(StoreStep::Release, &error);
        }
    }

    /// What to tell others about a failure: the note that was found stays as it was.
    fn note(&self, class: ErrorClass) -> Option<FailureNote> {
        if self.found.is_some() {
            return self.found;
        }
        let until = note_until(class, self.shared.now().wall)?;
        self.shared.core.lock().own_note = Some(until);
        Some(FailureNote::new(false, until, [0; 16]))
    }
}

async fn bounded(
    within: Duration,
    request: impl Future<Output = Result<Grant, TokenError>>,
) -> Result<Grant, TokenError> {
    match tokio::time::timeout(within, request).await {
        Ok(result) => result,
        Err(_) => Err(TokenError::Timeout(within)),
    }
}

fn stored(loaded: Loaded) -> Stored {
    Stored {
        data: loaded.record.map(|record| record.token),
        generation: loaded.generation.number(),
    }
}

/// Until when others should not repeat a failure. A refusal is not shared: it belongs to the
/// credentials of this process alone.
fn note_until(class: ErrorClass, now: SystemTime) -> Option<SystemTime> {
    match class {
        ErrorClass::Transient => now.checked_add(NOTE_TRANSIENT),
        ErrorClass::Throttled(wait) => now.checked_add(wait),
        ErrorClass::Refused | ErrorClass::Terminal => None,
    }
}
