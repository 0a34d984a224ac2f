//! Drives the two pure machines: asks the life cycle, flies the flights, tells the waiters.

mod pilot;

use std::sync::Arc;
use std::time::SystemTime;

use token_core::flight::FlightSettings;
use token_core::lifecycle::{
    Answer, Effects, Event, FlightId, FlightPlan, Lifecycle, Publish, Verdict,
};
use token_core::{Clock, ErrorClass, Now, TokenData, TokenError, TokenFailure};
use token_store::{Loaded, SharedTokenStore, StoreError, TokenStore};
use tracing::Instrument;

use self::pilot::Pilot;
use crate::patience::in_time;
use crate::published::PublishedToken;
use crate::snapshot::Snapshot;
use crate::sync::Mutex;
use crate::waiters::{Heard, Place, Waiters, tell_all};
use crate::{Scheme, SharedTokenProvider};

/// What all handles of one manager share.
#[derive(Debug)]
pub(crate) struct Shared {
    provider: SharedTokenProvider,
    store: SharedTokenStore,
    clock: Arc<dyn Clock>,
    settings: FlightSettings,
    published: PublishedToken,
    core: Mutex<Core>,
}

#[derive(Debug)]
struct Core {
    lifecycle: Lifecycle,
    waiters: Waiters,
    rng: fastrand::Rng,
    /// Until when the note that we left ourselves keeps others waiting. We have our own spacing.
    own_note: Option<SystemTime>,
}

/// The answer to whoever asked.
pub(crate) enum Asked {
    Ready(Result<Arc<Snapshot>, TokenError>),
    /// Wait at this place, and then ask again if `ask_again`.
    Wait {
        place: Arc<Place>,
        ask_again: bool,
    },
    Nothing,
}

impl Shared {
    pub(crate) fn new(
        provider: SharedTokenProvider,
        store: SharedTokenStore,
        clock: Arc<dyn Clock>,
        settings: FlightSettings,
        scheme: Scheme,
        rng: fastrand::Rng,
    ) -> Self {
        let lifecycle = Lifecycle::new(settings.policy.clone());
        Self {
            provider,
            store,
            published: PublishedToken::new(Arc::clone(&clock), scheme),
            clock,
            settings,
            core: Mutex::new(Core {
                lifecycle,
                waiters: Waiters::default(),
                rng,
                own_note: None,
            }),
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    #[inline]
    pub(crate) fn published(&self) -> &PublishedToken {
        &self.published
    }

    pub(crate) fn held(&self) -> Option<TokenData> {
        self.core.lock().lifecycle.held().map(|live| live.data)
    }

    pub(crate) fn store(&self) -> &SharedTokenStore {
        &self.store
    }

    fn clears(&self) -> u64 {
        self.core.lock().lifecycle.clears()
    }

    /// Asks the life cycle, and starts the flight that follows, if any.
    ///
    /// A flight is spawned on the caller's runtime; an event that may start one must come from
    /// inside a runtime.
    pub(crate) fn ask(self: &Arc<Self>, event: Event) -> Asked {
        let now = self.now();
        let (asked, start) = {
            let mut core = self.core.lock();
            let effects = core.lifecycle.step(event, &now);
            let asked = self.apply(&mut core, &effects);
            (asked, effects.start)
        };
        if let Some(plan) = start {
            self.spawn(plan);
        }
        asked
    }

    fn apply(&self, core: &mut Core, effects: &Effects) -> Asked {
        match &effects.publish {
            Publish::Keep => {}
            Publish::Replace(live) => self.published.replace(live),
            Publish::Withdraw => self.published.withdraw(),
        }
        match &effects.answer {
            Answer::Nothing => Asked::Nothing,
            Answer::Fail(error) => Asked::Ready(Err(error.clone())),
            Answer::Serve(live) => {
                self.published.confirm(live);
                Asked::Ready(Ok(self.published.snapshot_of(live)))
            }
            Answer::Wait { flight, ask_again } => Asked::Wait {
                place: core.waiters.join(*flight),
                ask_again: *ask_again,
            },
        }
    }

    /// Steps an event that ends a flight, and tells its waiters outside the lock.
    fn settle(self: &Arc<Self>, event: impl FnOnce(f64) -> Event) {
        let now = self.now();
        let (places, heard) = {
            let mut core = self.core.lock();
            let draw = core.rng.f64();
            let effects = core.lifecycle.step(event(draw), &now);
            self.apply(&mut core, &effects);
            let Some(settled) = effects.settled else {
                return;
            };
            let heard: Heard = settled
                .result
                .map(|result| result.map(|live| self.published.snapshot_of(&live)));
            (core.waiters.take(settled.flight), heard)
        };
        tell_all(places, &heard);
    }

    /// Reads the store and takes its token over where none is held.
    pub(crate) async fn load(self: &Arc<Self>) -> Result<(), StoreError> {
        let clears = self.clears();
        let loaded = in_time(self.store.load()).await?;
        report_notice(&loaded);
        if let Some(record) = loaded.record {
            let generation = loaded.generation.number();
            let mut core = self.core.lock();
            let draw = core.rng.f64();
            let event = Event::Observed {
                data: record.token,
                generation,
                clears,
                draw,
            };
            let now = self.now();
            let effects = core.lifecycle.step(event, &now);
            self.apply(&mut core, &effects);
        }
        Ok(())
    }

    /// Starts no further flight; the answer is a place to wait for the one under way.
    pub(crate) fn close(&self) -> Option<Arc<Place>> {
        let now = self.now();
        let mut core = self.core.lock();
        let effects = core.lifecycle.step(Event::Close, &now);
        self.apply(&mut core, &effects);
        let flight = core.lifecycle.flight()?;
        Some(core.waiters.join(flight))
    }

    fn spawn(self: &Arc<Self>, plan: FlightPlan) {
        let guard = FlightGuard {
            shared: Arc::clone(self),
            id: plan.id,
            landed: false,
        };
        let span = tracing::debug_span!("token_flight", goal = ?plan.goal);
        drop(tokio::spawn(fly(guard, plan).instrument(span)));
    }
}

/// Tells the life cycle when the task of a flight dies, as with its runtime, so that no waiter
/// hangs.
struct FlightGuard {
    shared: Arc<Shared>,
    id: FlightId,
    landed: bool,
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let id = self.id;
        if std::thread::panicking() {
            let verdict = Verdict::Failed { error: panicked() };
            self.shared
                .settle(|draw| Event::FlightEnded { id, verdict, draw });
        } else {
            self.shared.settle(|_| Event::FlightLost(id));
        }
    }
}

fn panicked() -> TokenError {
    let reason = "the token provider or the store panicked";
    TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Transient, reason))
}

async fn fly(mut guard: FlightGuard, plan: FlightPlan) {
    let shared = Arc::clone(&guard.shared);
    let verdict = Pilot::new(&shared, &plan).fly(&plan).await;
    report(&verdict, serves(&plan, &shared.now()));
    guard.landed = true;
    let id = plan.id;
    shared.settle(|draw| Event::FlightEnded { id, verdict, draw });
}

fn report_notice(loaded: &Loaded) {
    if let Some(notice) = &loaded.notice {
        tracing::warn!("{notice}");
    }
}

/// Whether callers are still served from the token that the flight was to renew.
fn serves(plan: &FlightPlan, now: &Now) -> bool {
    let basis = plan.basis.as_ref();
    basis.is_some_and(|basis| !basis.rejected && now.boot < basis.dead_at)
}

fn report(verdict: &Verdict, served: bool) {
    match verdict {
        Verdict::Minted { minted, saved, .. } => {
            tracing::info!(lifetime = ?minted.lifetime.duration(), saved, "token renewed");
        }
        Verdict::Adopted { data, .. } => {
            tracing::debug!(lifetime = ?data.lifetime(), "stored token taken over");
        }
        Verdict::Superseded { .. } => tracing::debug!("the token was cleared meanwhile"),
        Verdict::Failed { error } if served => {
            tracing::warn!(%error, "no new token; the held one is still used");
        }
        Verdict::Failed { error } => tracing::error!(%error, "no new token"),
    }
}
