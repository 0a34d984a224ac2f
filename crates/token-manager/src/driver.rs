//! Drives the two pure machines: asks the life cycle, flies the flights, tells the waiters.

mod observe;
mod pilot;

use std::sync::Arc;
use std::time::SystemTime;

use token_core::flight::FlightSettings;
use token_core::lifecycle::{
    Answer, Effects, Event, FlightId, FlightPlan, Lifecycle, Publish, TokenState, Verdict,
};
use token_core::{Clock, ErrorClass, Now, TokenData, TokenError, TokenFailure};
use token_store::{Loaded, SharedTokenStore, StoreError, TokenStore};
use tracing::{Instrument, Span};

use self::observe::{Cause, Landing, Noted};
use self::pilot::Pilot;
use crate::events::{Outbox, TokenEvent, TokenSource, flight_span, record_end};
use crate::patience::in_time;
use crate::snapshot::Snapshot;
use crate::sync::{Mutex, Published};
use crate::waiters::{Heard, Place, Waiters, tell_all};
use crate::{Scheme, SharedTokenProvider};

/// What all handles of one manager share.
#[derive(Debug)]
pub(crate) struct Shared {
    provider: SharedTokenProvider,
    store: SharedTokenStore,
    clock: Arc<dyn Clock>,
    settings: FlightSettings,
    scheme: Scheme,
    published: Published<Snapshot>,
    outbox: Outbox,
    core: Mutex<Core>,
}

#[derive(Debug)]
struct Core {
    lifecycle: Lifecycle,
    waiters: Waiters,
    rng: fastrand::Rng,
    /// Until when the note that we left ourselves keeps others waiting. We have our own spacing.
    own_note: Option<SystemTime>,
    noted: Noted,
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
        outbox: Outbox,
    ) -> Self {
        let lifecycle = Lifecycle::new(settings.policy.clone());
        Self {
            provider,
            store,
            clock,
            settings,
            scheme,
            published: Published::new(Snapshot::empty()),
            outbox,
            core: Mutex::new(Core {
                lifecycle,
                waiters: Waiters::default(),
                rng,
                own_note: None,
                noted: Noted::default(),
            }),
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.published.load()
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
        let (asked, start, events) = {
            let mut core = self.core.lock();
            let cause = Cause::of(&event, &self.published);
            let effects = core.lifecycle.step(event, &now);
            let events = self.note_asked(&mut core, &cause, &effects, &now);
            let asked = self.apply(&mut core, &effects);
            (asked, effects.start, events)
        };
        if let Some(plan) = start {
            self.spawn(plan);
        }
        self.announce(&events);
        asked
    }

    fn apply(&self, core: &mut Core, effects: &Effects) -> Asked {
        match &effects.publish {
            Publish::Keep => {}
            Publish::Replace(live) => {
                self.published
                    .store(Arc::new(Snapshot::new(live.clone(), self.scheme)));
            }
            Publish::Withdraw => self.published.store(Arc::new(Snapshot::empty())),
        }
        match &effects.answer {
            Answer::Nothing => Asked::Nothing,
            Answer::Fail(error) => Asked::Ready(Err(error.clone())),
            Answer::Serve(live) => Asked::Ready(Ok(self.snapshot_of(live))),
            Answer::Wait { flight, ask_again } => Asked::Wait {
                place: core.waiters.join(*flight),
                ask_again: *ask_again,
            },
        }
    }

    fn snapshot_of(&self, live: &token_core::lifecycle::Live) -> Arc<Snapshot> {
        let published = self.published.load();
        if published.epoch() == live.epoch && published.data() == Some(&live.data) {
            return published;
        }
        Arc::new(Snapshot::new(live.clone(), self.scheme))
    }

    /// Steps an event that ends a flight, and tells its waiters outside the lock, then the
    /// observers.
    fn settle(
        self: &Arc<Self>,
        landing: &Landing,
        event: impl FnOnce(f64) -> Event,
    ) -> Option<TokenEvent> {
        let now = self.now();
        let (places, heard, ended) = {
            let mut core = self.core.lock();
            let draw = core.rng.f64();
            let effects = core.lifecycle.step(event(draw), &now);
            self.apply(&mut core, &effects);
            let flight = effects.settled.as_ref()?.flight;
            let places = core.waiters.take(flight);
            let ended = self.note_landed(&mut core, landing, &effects, places.len(), &now);
            let heard: Heard = effects
                .settled?
                .result
                .map(|result| result.map(|live| self.snapshot_of(&live)));
            (places, heard, ended)
        };
        tell_all(places, &heard);
        self.announce(ended.as_slice());
        ended
    }

    /// Reads the store and takes its token over where none is held.
    pub(crate) async fn load(self: &Arc<Self>) -> Result<(), StoreError> {
        let clears = self.clears();
        let loaded = in_time(self.store.load()).await?;
        report_notice(&loaded);
        if let Some(record) = loaded.record {
            let event = self.observed(record.token, loaded.generation.number(), clears);
            self.announce(event.as_slice());
        }
        Ok(())
    }

    fn observed(&self, data: TokenData, generation: u64, clears: u64) -> Option<TokenEvent> {
        let now = self.now();
        let mut core = self.core.lock();
        let draw = core.rng.f64();
        let event = Event::Observed {
            data,
            generation,
            clears,
            draw,
        };
        let effects = core.lifecycle.step(event, &now);
        self.apply(&mut core, &effects);
        self.note_loaded(&mut core, &effects, &now)
    }

    /// Starts no further flight; the answer is a place to wait for the one under way.
    pub(crate) fn close(&self) -> Option<Arc<Place>> {
        let now = self.now();
        let (place, was_open) = {
            let mut core = self.core.lock();
            let was_open = core.lifecycle.standing(&now).state != TokenState::Closed;
            let effects = core.lifecycle.step(Event::Close, &now);
            self.apply(&mut core, &effects);
            let flight = core.lifecycle.flight();
            (flight.map(|flight| core.waiters.join(flight)), was_open)
        };
        if was_open {
            self.tell(&TokenEvent::Closed);
        }
        place
    }

    fn spawn(self: &Arc<Self>, plan: FlightPlan) {
        let guard = FlightGuard {
            shared: Arc::clone(self),
            id: plan.id,
            landed: false,
        };
        let span = flight_span(&plan);
        drop(tokio::spawn(
            fly(guard, plan, span.clone()).instrument(span),
        ));
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
            let landing = Landing::of(&verdict, TokenSource::Login);
            self.shared
                .settle(&landing, |draw| Event::FlightEnded { id, verdict, draw });
        } else {
            self.shared
                .settle(&Landing::lost(), |_| Event::FlightLost(id));
        }
    }
}

fn panicked() -> TokenError {
    let reason = "the token provider or the store panicked";
    TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Transient, reason))
}

async fn fly(mut guard: FlightGuard, plan: FlightPlan, span: Span) {
    let shared = Arc::clone(&guard.shared);
    let mut pilot = Pilot::new(&shared, &plan);
    let verdict = pilot.fly(&plan).await;
    let landing = Landing::of(&verdict, pilot.asked());
    guard.landed = true;
    let id = plan.id;
    let ended = shared.settle(&landing, |draw| Event::FlightEnded { id, verdict, draw });
    if let Some(ended) = ended {
        record_end(&span, &ended);
    }
}

fn report_notice(loaded: &Loaded) {
    if let Some(notice) = &loaded.notice {
        tracing::warn!("{notice}");
    }
}
