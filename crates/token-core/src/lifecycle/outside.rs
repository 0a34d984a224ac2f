//! Tokens that come outside of any flight: from the store, or as the answer to another request.

use std::time::Duration;

use super::held::Held;
use super::{Answer, Effects, Epoch, Lifecycle, Publish, Settled, Source, State};
use crate::{ErrorClass, Minted, Now, TokenError, TokenFailure};

impl Lifecycle {
    /// Whatever is held counts as dead, and so does what a flight under way may bring: it was asked
    /// for before. Its waiters ask again, and nothing of it is published or stored.
    pub(super) fn install(&mut self, minted: Minted, draw: f64, now: &Now) -> Effects {
        let windows = self.policy.windows(minted.lifetime.duration(), draw);
        let epoch = self.epoch.next();
        let held = Held::minted(epoch, minted, (Source::Installed, false), windows, now);
        if let Some(error) = self.refuses(&held, now) {
            return Effects::answer(Answer::Fail(error));
        }
        let live = held.live();
        self.epoch = epoch;
        self.state = State::Held(held);
        self.clears += 1;
        self.young_rejected = None;
        self.spacing.reset();
        Effects {
            publish: Publish::Replace(live.clone()),
            settled: self.flight.take().map(|flight| Settled {
                flight: flight.id,
                result: None,
            }),
            ..Effects::answer(Answer::Serve(live))
        }
    }

    /// The store has the installed token, if it is still held.
    pub(super) fn stored(&mut self, epoch: Epoch, generation: u64) -> Effects {
        if let State::Held(held) | State::Rejected(held) = &mut self.state
            && held.epoch() == epoch
        {
            held.mark_saved();
            self.generation = generation;
            self.store_uncleared = false;
        }
        Effects::answer(Answer::Nothing)
    }

    /// A stored token is taken over where none is held, unless it is no longer sent.
    pub(super) fn observed(&mut self, held: Held, generation: u64, now: &Now) -> Effects {
        if !matches!(self.state, State::Empty) || !held.serves(now, Duration::ZERO) {
            return Effects::answer(Answer::Nothing);
        }
        self.epoch = held.epoch();
        self.generation = generation;
        let live = held.live();
        self.state = State::Held(held);
        Effects {
            publish: Publish::Replace(live),
            ..Effects::answer(Answer::Nothing)
        }
    }

    fn refuses(&self, held: &Held, now: &Now) -> Option<TokenError> {
        if matches!(self.state, State::Closed { .. }) {
            return Some(TokenError::Closed);
        }
        let reason = if self.was_rejected(held) {
            "the token to install was rejected before"
        } else if !held.serves(now, Duration::ZERO) {
            "the token to install is already at its end"
        } else {
            return None;
        };
        let failure = TokenFailure::new(ErrorClass::Terminal, reason);
        Some(TokenError::Validation(failure))
    }
}
