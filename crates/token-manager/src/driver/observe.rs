//! Turns what the machines decide into events, and notes what only the driver knows.

use std::time::Duration;

use token_core::lifecycle::{
    Answer, Effects, Epoch, Event, FlightId, FlightPlan, JustMinted, Live, Publish, TokenState,
};
use token_core::{BootInstant, Now};
use token_store::StoreError;

use super::{Core, Shared};
use crate::events::{Discarded, FlightReason, StoreStep, TokenEvent, log};
use crate::published::PublishedToken;
use crate::{Fingerprint, TokenStatus};

/// The flight under way.
#[derive(Debug)]
pub(super) struct Flying {
    id: FlightId,
    started: BootInstant,
}

/// What the life cycle was told, as far as an event must tell it, too.
pub(super) enum Cause {
    Get,
    Force,
    Reject {
        epoch: Epoch,
        /// Whether it was the published token; a later rejection of the same one is not news.
        is_news: bool,
    },
    FlightLost,
    Installed,
    Other,
}

impl Cause {
    pub(super) fn of(event: &Event, published: &PublishedToken) -> Self {
        match event {
            Event::Get { .. } => Self::Get,
            Event::Force(_) => Self::Force,
            Event::Reject { epoch, .. } => Self::Reject {
                epoch: *epoch,
                is_news: *epoch != Epoch::ZERO && published.of_epoch(*epoch).is_some(),
            },
            Event::FlightLost(_) => Self::FlightLost,
            _ => Self::Other,
        }
    }
}

impl Shared {
    /// What follows from an event of a caller, posted in the order of the changes.
    pub(super) fn note_asked(
        &self,
        core: &mut Core,
        cause: &Cause,
        effects: &Effects,
        now: &Now,
    ) -> Vec<TokenEvent> {
        let mut events = Vec::new();
        if let (Cause::Get | Cause::Reject { .. }, Publish::Replace(live)) =
            (cause, &effects.publish)
        {
            events.push(TokenEvent::ClockJumped {
                epoch: live.epoch,
                remaining: remaining(live, now),
            });
        }
        events.extend(rejected(cause, effects));
        if let Some(plan) = &effects.start {
            core.flying = Some(Flying {
                id: plan.id,
                started: now.boot,
            });
            events.push(TokenEvent::FlightStarted {
                flight: plan.id,
                goal: plan.goal,
                reason: reason(cause, plan, effects, now),
            });
        }
        for event in &events {
            self.outbox.post(event);
        }
        events
    }

    /// The end of a flight, posted in the order of the changes; `None` when the life cycle did not
    /// know the flight any more.
    pub(super) fn note_landed(
        &self,
        core: &mut Core,
        cause: &Cause,
        effects: &Effects,
        callers: usize,
        now: &Now,
    ) -> Option<TokenEvent> {
        let settled = effects.settled.as_ref()?;
        let flight = settled.flight;
        let flown = core.flying.take_if(|flying| flying.id == flight);
        let elapsed = flown.map_or(Duration::ZERO, |flown| {
            now.boot.saturating_since(flown.started)
        });
        let standing = core.lifecycle.standing(now);
        let discarded = |why| TokenEvent::FlightDiscarded {
            flight,
            why,
            callers,
            elapsed,
        };
        let event = match (&settled.result, &effects.publish) {
            (Some(Ok(live)), Publish::Replace(_)) => TokenEvent::Obtained {
                flight,
                epoch: live.epoch,
                generation: standing.generation,
                source: live.source,
                lifetime: live.data.lifetime(),
                remaining: remaining(live, now),
                saved: live.saved,
                callers,
                elapsed,
            },
            (Some(Ok(_)), _) => discarded(Discarded::Superseded),
            (Some(Err(error)), _) => TokenEvent::Failed {
                flight,
                error: error.clone(),
                served: matches!(standing.state, TokenState::Fresh | TokenState::Stale),
                callers,
                elapsed,
                next_attempt_in: standing.next_attempt_in,
            },
            (None, _) if matches!(cause, Cause::FlightLost) => discarded(Discarded::Lost),
            (None, _) if matches!(cause, Cause::Installed) => discarded(Discarded::Superseded),
            (None, _) => discarded(Discarded::Rejected),
        };
        self.outbox.post(&event);
        Some(event)
    }

    /// A stored token was taken over outside a flight, if it was.
    pub(super) fn note_loaded(&self, effects: &Effects, now: &Now) -> Option<TokenEvent> {
        let Publish::Replace(live) = &effects.publish else {
            return None;
        };
        let event = TokenEvent::Loaded {
            epoch: live.epoch,
            lifetime: live.data.lifetime(),
            remaining: remaining(live, now),
        };
        self.outbox.post(&event);
        Some(event)
    }

    /// A token came outside of any flight.
    pub(super) fn note_installed(
        &self,
        effects: &Effects,
        now: &Now,
    ) -> Option<(Epoch, TokenEvent)> {
        let Publish::Replace(live) = &effects.publish else {
            return None;
        };
        let event = TokenEvent::Installed {
            epoch: live.epoch,
            lifetime: live.data.lifetime(),
            remaining: remaining(live, now),
        };
        self.outbox.post(&event);
        Some((live.epoch, event))
    }

    /// Forgets the token at the end of a clear, and tells of it before whatever follows.
    pub(crate) fn cleared(&self, stored: bool) {
        let now = self.now();
        let event = TokenEvent::Cleared { stored };
        {
            let mut core = self.core.lock();
            let clear = Event::Clear {
                store_emptied: stored,
            };
            let effects = core.lifecycle.step(clear, &now);
            self.apply(&mut core, &effects);
            self.outbox.post(&event);
        }
        self.announce(&[event]);
    }

    /// Where the manager stands; asks neither the network nor the store.
    pub(crate) fn status(&self) -> TokenStatus {
        let now = self.now();
        let (standing, waiters, held) = {
            let core = self.core.lock();
            let standing = core.lifecycle.standing(&now);
            (standing, core.waiters.count(), core.lifecycle.held())
        };
        TokenStatus {
            standing,
            waiters,
            source: held.as_ref().map(|live| live.source),
            saved: held.as_ref().is_some_and(|live| live.saved),
            fingerprint: held.and_then(|live| Fingerprint::of(live.data.token())),
        }
    }

    /// Logs what was posted, and lets the observers hear of it. No lock may be held.
    pub(super) fn announce(&self, events: &[TokenEvent]) {
        for event in events {
            log(event);
        }
        self.outbox.deliver();
    }

    /// Tells of something that no lock orders.
    pub(crate) fn tell(&self, event: &TokenEvent) {
        self.outbox.post(event);
        self.announce(std::slice::from_ref(event));
    }

    /// The store failed; whoever asked it goes on in memory.
    pub(crate) fn store_failed(&self, step: StoreStep, error: &StoreError) {
        let kind = error.kind();
        self.tell(&TokenEvent::StoreFailed { step, kind });
    }
}

fn remaining(live: &Live, now: &Now) -> Duration {
    live.dead_at.saturating_since(now.boot)
}

fn rejected(cause: &Cause, effects: &Effects) -> Option<TokenEvent> {
    let Cause::Reject { epoch, is_news } = *cause else {
        return None;
    };
    let just_issued =
        matches!(&effects.answer, Answer::Fail(error) if JustMinted::is_cause_of(error));
    let withdrawn = is_news && matches!(effects.publish, Publish::Withdraw);
    (just_issued || withdrawn).then_some(TokenEvent::Rejected { epoch, just_issued })
}

/// A token that could be served, but not to whoever asked, is too short for that one.
fn reason(cause: &Cause, plan: &FlightPlan, effects: &Effects, now: &Now) -> FlightReason {
    if let Cause::Force = cause {
        return FlightReason::Forced;
    }
    match &plan.basis {
        None => FlightReason::Missing,
        Some(basis) if basis.rejected => FlightReason::Rejected,
        Some(basis) if now.boot >= basis.dead_at => FlightReason::Expired,
        Some(_) if matches!(effects.answer, Answer::Serve(_)) => FlightReason::Stale,
        Some(_) => FlightReason::TooShort,
    }
}
