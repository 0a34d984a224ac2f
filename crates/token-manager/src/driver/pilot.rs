//! Carries out what the machine of one flight asks for: the store, the lease, the authority.

use std::pin::Pin;
use std::time::Duration;

use token_core::flight::{CommitAnswer, FailedElsewhere, Flight, Input, LeaseAnswer, Step, Stored};
use token_core::lifecycle::{FlightId, FlightPlan, Verdict};
use token_core::{ErrorClass, Grant, Sent, TokenData, TokenError, TokenFailure};
use token_store::{
    Change, Commit, Committed, FailureNote, Fence, Generation, Lease, LeaseAttempt, Loaded, OpId,
    Record, TokenStore,
};

use super::{Shared, notes, report_notice};
use crate::events::{StoreStep, TokenEvent};
use crate::patience::{in_time, lease_in_time};
use crate::{CredentialDigest, FlightContext, TokenProvider, runtime};

/// Carries out the steps of one flight.
pub(super) struct Pilot<'a> {
    shared: &'a Shared,
    lease: Option<Lease>,
    /// The failure of another process that this flight shares instead of asking the authority.
    found: Option<FailureNote>,
    /// The refusal that was looked at last, and whether it is about our credentials.
    judged: Option<(FailureNote, bool)>,
    generation: Generation,
    watch: Option<Watch<'a>>,
    /// How often the manager had been cleared when the flight was planned.
    clears: u64,
    /// What the login was tried with.
    tried: Option<Option<CredentialDigest>>,
    flight: FlightId,
    /// A refresh that no login followed yet, and why it failed.
    refreshed: Option<Option<TokenError>>,
}

/// A change of the store that is waited for.
struct Watch<'a> {
    since: Generation,
    change: Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
}

/// How a flight ended, and what it tried to log in with; nothing inside where there were no
/// credentials.
pub(super) struct Landing {
    pub(super) verdict: Verdict,
    pub(super) tried: Option<Option<CredentialDigest>>,
}

impl<'a> Pilot<'a> {
    pub(super) fn new(shared: &'a Shared, plan: &FlightPlan) -> Self {
        Self {
            shared,
            lease: None,
            found: None,
            judged: None,
            generation: Generation::new(plan.generation),
            watch: None,
            clears: plan.clears,
            tried: None,
            flight: plan.id,
            refreshed: None,
        }
    }

    pub(super) async fn fly(&mut self, plan: &FlightPlan) -> Landing {
        let mut flight = Flight::new(plan, self.shared.settings.clone(), &self.shared.now());
        let mut input = Input::Start;
        loop {
            input = match flight.next(input, &self.shared.now()) {
                Step::Lease => Input::Lease(self.lease().await),
                Step::Wait { pause, watch } => Input::Waited {
                    changed: self.wait(pause, watch).await,
                },
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
                Step::Release { failure, spent } => {
                    self.release(failure, spent).await;
                    Input::Released
                }
                Step::Done(verdict) => {
                    let tried = self.tried.take();
                    return Landing { verdict, tried };
                }
            };
        }
    }

    /// Waits for a change of the store, if it is watched, and no longer than this; shorter by chance,
    /// so that those who began together do not try together. Whether it may have changed.
    async fn wait(&mut self, pause: Duration, watch: bool) -> bool {
        let pause = pause.mul_f64(0.5 + self.shared.draw() / 2.0);
        if !watch {
            runtime::sleep(pause).await;
            return false;
        }
        // Not begun anew for each pause: some stores take longer than one to look.
        let change = match self.watch.take() {
            Some(watch) if watch.since == self.generation => watch.change,
            _ => Box::pin(self.shared.store.changed(self.generation)),
        };
        let watch = self.watch.insert(Watch {
            since: self.generation,
            change,
        });
        let is_over = runtime::timeout(pause, watch.change.as_mut()).await.is_ok();
        if is_over {
            self.watch = None;
        }
        is_over
    }

    async fn lease(&mut self) -> LeaseAnswer {
        let ttl = self.shared.settings.lease_wait;
        match lease_in_time(self.shared.store.try_lease(ttl)).await {
            LeaseAttempt::Acquired(lease) => {
                let sent = lease.found_sent().map(Generation::number);
                let note = lease.found_failure();
                self.lease = Some(lease);
                let failed = self.failed_elsewhere(note).await;
                self.found = note.filter(|_| failed.is_some());
                LeaseAnswer::Acquired { sent, failed }
            }
            LeaseAttempt::Held(note) => LeaseAnswer::Held {
                failed: self.failed_elsewhere(note).await,
            },
            LeaseAttempt::Unavailable(error) => {
                tracing::warn!(%error, "the token store cannot be shared now; going on alone");
                self.shared.store_failed(StoreStep::Lease, &error);
                LeaseAnswer::Unavailable
            }
        }
    }

    /// What another process asks for; a refusal only if it had our credentials.
    async fn failed_elsewhere(&mut self, note: Option<FailureNote>) -> Option<FailedElsewhere> {
        let own = self.shared.core.lock().own_note;
        let note = note.filter(|note| notes::is_news(note, own))?;
        let failed = notes::read(&note, &self.shared.now())?;
        if failed.class == ErrorClass::Refused && !self.is_about_us(note).await {
            return None;
        }
        Some(failed)
    }

    /// Looks at each note once: that is slow, and somebody else's lease is asked for many times.
    async fn is_about_us(&mut self, note: FailureNote) -> bool {
        if let Some((judged, ours)) = self.judged
            && judged == note
        {
            return ours;
        }
        let Some(digest) = self.shared.provider.credential_digest() else {
            return false;
        };
        let ours = notes::is_about(&note, digest.clone()).await;
        if ours {
            self.tried = Some(Some(digest));
        }
        self.judged = Some((note, ours));
        ours
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
        if let (Some(generation), Some(lease)) = (mark, &mut self.lease) {
            if let Err(error) = in_time(lease.mark_sent(Generation::new(generation))).await {
                tracing::warn!(%error, "the refresh could not be noted in the token store");
                self.shared.store_failed(StoreStep::Mark, &error);
            }
            if !lease.covers(within) {
                return self.not_refreshed();
            }
        }
        self.found = None;
        let asked = self.shared.now();
        let context = match mark {
            Some(_) => FlightContext::spending(within),
            None => FlightContext::new(within),
        };
        let result = bounded(within, self.shared.provider.refresh(token, &context)).await;
        self.refreshed = Some(result.as_ref().err().cloned());
        Input::Refreshed { result, asked }
    }

    /// Somebody else may get the lease before the request has ended, and would show the same
    /// refresh token; a token that is shown twice looks stolen. The login that follows spends none.
    fn not_refreshed(&mut self) -> Input {
        let reason = "the lease of the token store ends before the refresh would";
        let failure = TokenFailure::new(ErrorClass::Transient, reason).with_sent(Sent::No);
        let error = TokenError::Storage(failure);
        self.refreshed = Some(Some(error.clone()));
        Input::Refreshed {
            result: Err(error),
            asked: self.shared.now(),
        }
    }

    async fn login(&mut self, within: Duration) -> Input {
        self.found = None;
        if let Some(error) = self.refreshed.take() {
            let flight = self.flight;
            self.shared.tell(&TokenEvent::FellBack { flight, error });
        }
        let asked = self.shared.now();
        let context = FlightContext::new(within);
        let result = bounded(within, self.shared.provider.obtain(&context)).await;
        let at_hand = || self.shared.provider.credential_digest();
        self.tried = Some(context.tried().or_else(at_hand));
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
        let op_id = OpId::random();
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

    async fn release(&mut self, failure: Option<ErrorClass>, spent: bool) {
        // A token that was taken over says nothing about the failure that others heard of.
        let note = match failure {
            Some(class) if self.found.is_none() => self.note(class).await,
            _ => self.found,
        };
        let Some(lease) = self.lease.take() else {
            return;
        };
        let lease = if spent { lease.keep_mark() } else { lease };
        let released = match note {
            Some(note) => in_time(lease.fail(note)).await,
            None => in_time(lease.release()).await,
        };
        if let Err(error) = released {
            tracing::warn!(%error, "the lease of the token store could not be given back in order");
            self.shared.store_failed(StoreStep::Release, &error);
        }
    }

    /// What to tell others about our failure.
    async fn note(&mut self, class: ErrorClass) -> Option<FailureNote> {
        let tag = match self.tried.clone().flatten() {
            Some(digest) if class == ErrorClass::Refused => notes::tag(digest).await,
            _ => None,
        };
        let hold = self.shared.settings.refusal_hold;
        let note = notes::write(class, hold, tag, self.shared.now().wall)?;
        self.shared.core.lock().own_note = Some(note.not_before);
        Some(note)
    }
}

async fn bounded(
    within: Duration,
    request: impl Future<Output = Result<Grant, TokenError>>,
) -> Result<Grant, TokenError> {
    match runtime::timeout(within, request).await {
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
