//! Drives the two pure machines: asks the life cycle, flies the flights, tells the waiters.

mod closing;
mod installing;
mod notes;
mod observe;
mod pilot;
#[cfg(all(test, shuttle))]
pub(crate) mod planted;
mod task;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use token_core::flight::FlightSettings;
use token_core::lifecycle::{Answer, Effects, Event, FlightId, Goal, Lifecycle, Publish};
use token_core::{Clock, ErrorClass, Now, TokenData, TokenError};
use token_store::{Loaded, SharedTokenStore, StoreError, TokenStore};

pub(crate) use self::installing::Installed;
use self::observe::{Cause, Flying};
use self::pilot::Landing;
use crate::events::{Outbox, TokenEvent};
use crate::patience::{PATIENCE, in_time};
use crate::published::PublishedToken;
use crate::snapshot::Snapshot;
use crate::sync::Mutex;
use crate::waiters::{Heard, Place, Waiters, tell_all};
use crate::{CredentialDigest, Scheme, SharedTokenProvider, TokenProvider};

/// The most steps of the store in one flight: lease, load, mark, four commits, note, release.
const STORE_STEPS: u32 = 9;

/// What all handles of one manager share.
#[derive(Debug)]
pub(crate) struct Shared {
    provider: SharedTokenProvider,
    store: SharedTokenStore,
    clock: Arc<dyn Clock>,
    settings: FlightSettings,
    published: PublishedToken,
    outbox: Outbox,
    core: Mutex<Core>,
}

#[derive(Debug)]
struct Core {
    lifecycle: Lifecycle,
    waiters: Waiters,
    rng: fastrand::Rng,
    /// Until when the note that we left ourselves keeps others waiting, which tells it from theirs.
    /// We have our own spacing.
    own_note: Option<SystemTime>,
    /// What the last login was tried with; nothing inside where there were no credentials.
    tried: Option<Option<CredentialDigest>>,
    flying: Option<Flying>,
}

/// The answer to whoever asked.
pub(crate) enum Asked {
    Ready(Result<Arc<Snapshot>, TokenError>),
    /// Wait at this place, and then ask again if `ask_again`.
    Wait {
        flight: FlightId,
        goal: Goal,
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
        let lifecycle =
            Lifecycle::new(settings.policy.clone()).with_refusal_hold(settings.refusal_hold);
        Self {
            provider,
            store,
            published: PublishedToken::new(Arc::clone(&clock), scheme),
            clock,
            settings,
            outbox,
            core: Mutex::new(Core {
                lifecycle,
                waiters: Waiters::default(),
                rng,
                own_note: None,
                tried: None,
                flying: None,
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

    fn draw(&self) -> f64 {
        self.core.lock().rng.f64()
    }

    pub(crate) fn provider(&self) -> &SharedTokenProvider {
        &self.provider
    }

    fn clears(&self) -> u64 {
        self.core.lock().lifecycle.clears()
    }

    /// Asks the life cycle, and starts the flight that follows, if any.
    ///
    /// A flight is spawned on the caller's runtime; an event that may start one must come from
    /// inside a runtime.
    ///
    /// An error that other credentials may mend is answered, and keeps a held token from its
    /// renewal, only while there are no others.
    pub(crate) fn ask(self: &Arc<Self>, event: Event) -> Asked {
        let (asked, trouble) = self.ask_once(event.clone());
        if !trouble.is_some_and(is_mended_by_credentials) || !self.has_other_credentials() {
            return asked;
        }
        self.ask_once(Event::CredentialsChanged);
        self.ask_once(event).0
    }

    /// The answer, and what keeps the caller from a token or the token that it got from its
    /// renewal.
    fn ask_once(self: &Arc<Self>, event: Event) -> (Asked, Option<ErrorClass>) {
        #[cfg(all(test, shuttle))]
        if let Some(asked) = self.ask_with_bug(&event) {
            return (asked, None);
        }
        let now = self.now();
        let (asked, trouble, start, events) = {
            let mut core = self.core.lock();
            let cause = Cause::of(&event, &self.published);
            let effects = core.lifecycle.step(event, &now);
            let events = self.note_asked(&mut core, &cause, &effects, &now);
            let asked = self.apply(&mut core, &effects);
            let trouble = match &asked {
                Asked::Ready(Err(error)) => Some(error.class()),
                Asked::Ready(Ok(_)) => core.lifecycle.last_error().map(TokenError::class),
                Asked::Wait { .. } | Asked::Nothing => None,
            };
            (asked, trouble, effects.start, events)
        };
        if let Some(plan) = start {
            task::spawn(Arc::clone(self), plan);
        }
        self.announce(&events);
        (asked, trouble)
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
            Answer::Wait {
                flight,
                goal,
                ask_again,
            } => Asked::Wait {
                flight: *flight,
                goal: *goal,
                place: core.waiters.join(*flight),
                ask_again: *ask_again,
            },
        }
    }

    /// Steps an event that ends a flight, and tells its waiters outside the lock, then the
    /// observers.
    fn settle(self: &Arc<Self>, event: impl FnOnce(f64) -> Event) -> Option<TokenEvent> {
        #[cfg(all(test, shuttle))]
        let event = self.settle_with_bug(event)?;
        let now = self.now();
        let (places, heard, ended) = {
            let mut core = self.core.lock();
            let draw = core.rng.f64();
            let event = event(draw);
            let cause = Cause::of(&event, &self.published);
            let effects = core.lifecycle.step(event, &now);
            self.apply(&mut core, &effects);
            let places = core.waiters.take(effects.settled.as_ref()?.flight);
            let ended = self.note_landed(&mut core, &cause, &effects, places.len(), &now);
            let heard: Heard = effects
                .settled?
                .result
                .map(|result| result.map(|live| self.published.snapshot_of(&live)));
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
        #[cfg(all(test, shuttle))]
        let clears = self.clears_with_bug(clears);
        report_notice(&loaded);
        if let Some(record) = loaded.record {
            let loaded = self.observed(record.token, loaded.generation.number(), clears);
            self.announce(loaded.as_slice());
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
        self.note_loaded(&effects, &now)
    }

    /// A flight that is still not over is on a runtime that nobody drives: its waiters go on
    /// without it.
    pub(crate) fn give_up(self: &Arc<Self>, flight: FlightId) {
        self.settle(|_| Event::FlightLost(flight));
    }

    /// Longer than any flight: the wait for the lease, the budget, and every step of the store at
    /// its slowest.
    pub(crate) fn longest_flight(&self) -> Duration {
        let settings = &self.settings;
        let flight = settings.lease_wait.saturating_add(settings.budget);
        flight.saturating_add(PATIENCE * STORE_STEPS)
    }

    /// Takes the end of a flight, and what it tried to log in with.
    fn land(self: &Arc<Self>, id: FlightId, landing: Landing) -> Option<TokenEvent> {
        let Landing { verdict, tried } = landing;
        if let Some(tried) = tried {
            self.core.lock().tried = Some(tried);
        }
        self.settle(|draw| Event::FlightEnded { id, verdict, draw })
    }

    /// Whether a login would use other credentials than the one that was refused.
    fn has_other_credentials(&self) -> bool {
        let tried = self.core.lock().tried.clone();
        tried.is_some_and(|tried| tried != self.provider.credential_digest())
    }
}

fn report_notice(loaded: &Loaded) {
    if let Some(notice) = &loaded.notice {
        tracing::warn!("{notice}");
    }
}

/// Whether an error is about credentials that may have changed since.
fn is_mended_by_credentials(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Refused | ErrorClass::Terminal)
}
