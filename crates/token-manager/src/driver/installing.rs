//! A token that came outside of any flight.

use std::sync::Arc;

use token_core::lifecycle::{Epoch, Event};
use token_core::{Minted, TokenData, TokenError};

use super::observe::Cause;
use super::{Asked, Shared};
use crate::waiters::tell_all;

/// A token that was installed, for the store.
pub(crate) struct Installed {
    pub(crate) epoch: Epoch,
    pub(crate) data: TokenData,
    /// How often the token had been cleared or replaced then.
    pub(crate) clears: u64,
}

impl Shared {
    /// Publishes it in the place of whatever is held; who waits for a flight asks again and gets it.
    pub(crate) fn install(self: &Arc<Self>, minted: Minted) -> Result<Installed, TokenError> {
        let now = self.now();
        let data = minted.data.clone();
        let (installed, places, events) = {
            let mut core = self.core.lock();
            let draw = core.rng.f64();
            let event = Event::Installed { minted, draw };
            let effects = core.lifecycle.step(event, &now);
            if let Asked::Ready(Err(error)) = self.apply(&mut core, &effects) {
                return Err(error);
            }
            let settled = effects.settled.as_ref();
            let places = settled.map(|settled| core.waiters.take(settled.flight));
            let callers = places.as_ref().map_or(0, Vec::len);
            let ended = self.note_landed(&mut core, &Cause::Installed, &effects, callers, &now);
            let news = self.note_installed(&effects, &now);
            let installed = Installed {
                epoch: news.as_ref().map_or(Epoch::ZERO, |(epoch, _)| *epoch),
                data,
                clears: core.lifecycle.clears(),
            };
            let news = news.map(|(_, event)| event);
            (installed, places, [ended, news])
        };
        tell_all(places.unwrap_or_default(), &None);
        self.announce(&events.into_iter().flatten().collect::<Vec<_>>());
        Ok(installed)
    }

    /// Whether nobody cleared or replaced it since.
    pub(crate) fn is_current(&self, installed: &Installed) -> bool {
        self.clears() == installed.clears
    }

    /// The store has it now.
    pub(crate) fn stored(&self, installed: &Installed, generation: u64) {
        let now = self.now();
        let epoch = installed.epoch;
        let stored = Event::Stored { epoch, generation };
        self.core.lock().lifecycle.step(stored, &now);
    }
}
