//! The end of a flight: what is published, who is told, and when the next one may start.

use std::time::Duration;

use super::held::Held;
use super::{
    Answer, Effects, Epoch, FlightId, Lifecycle, Publish, Source, State, TERMINAL_CACHE, Verdict,
};
use crate::{ErrorClass, Minted, Now, TokenError, TokenFailure};

impl Lifecycle {
    pub(super) fn flight_ended(
        &mut self,
        id: FlightId,
        verdict: Verdict,
        draw: f64,
        now: &Now,
    ) -> Effects {
        let Some(flight) = self.flight.take_if(|flight| flight.id == id) else {
            return Effects::answer(Answer::Nothing);
        };
        let superseded = !flight.abandoned && matches!(verdict, Verdict::Superseded { .. });
        let publishes = !flight.abandoned && !superseded;
        self.note_spent(&verdict);
        self.keep_for_the_close(&flight, &verdict);
        match self.arrived(verdict, publishes, draw, now) {
            Ok((held, _)) if self.was_rejected(&held) => Effects::ask_again(id),
            Ok((held, _)) if superseded => self.supersede(id, &held),
            Ok((held, _)) if !publishes => Effects::settle(id, Ok(held.live())),
            Ok((held, generation)) => self.publish(id, held, generation),
            Err(error) => {
                if !flight.abandoned {
                    self.space(&error, draw, now);
                }
                let publish = self.withdraw_if(superseded);
                Effects {
                    publish,
                    ..Effects::settle(id, Err(error))
                }
            }
        }
    }

    /// What a flight brought, if it can be sent, with the store's generation of it. A token that
    /// is not published has no number of its own, so that its rejection hits no other.
    fn arrived(
        &self,
        verdict: Verdict,
        publishes: bool,
        draw: f64,
        now: &Now,
    ) -> Result<(Held, u64), TokenError> {
        let epoch = if publishes {
            self.epoch.next()
        } else {
            Epoch::ZERO
        };
        let mint = |minted: Minted, source, saved| {
            let windows = self.policy.windows(minted.lifetime.duration(), draw);
            Held::minted(epoch, minted, (source, saved), windows, now)
        };
        let (held, generation) = match verdict {
            Verdict::Minted {
                minted,
                generation,
                saved,
                source,
            } => (mint(minted, source, saved), generation),
            Verdict::Superseded { minted, source } => {
                (mint(minted, source, false), self.generation)
            }
            Verdict::Adopted { data, generation } => {
                let windows = self.policy.windows(data.lifetime(), draw);
                let held = Held::loaded(epoch, data, Source::Adopted, windows, now);
                (held, generation)
            }
            Verdict::Failed { error, .. } => return Err(error),
        };
        if !held.serves(now, Duration::ZERO) {
            return Err(dead_on_arrival());
        }
        Ok((held, generation))
    }

    /// Whether this is the very text that the service rejected: a flight that started before the
    /// rejection may bring it once more.
    pub(super) fn was_rejected(&self, held: &Held) -> bool {
        matches!(&self.state, State::Rejected(rejected) if rejected.same_text(held))
    }

    /// A refresh token that may be spent is not sent again. One that brought something was spent
    /// by it, also where what it brought is not published.
    fn note_spent(&mut self, verdict: &Verdict) {
        let spends = match verdict {
            Verdict::Failed { spent, .. } => *spent,
            Verdict::Minted { source, .. } | Verdict::Superseded { source, .. } => {
                *source == Source::Refreshed
            }
            Verdict::Adopted { .. } => false,
        };
        if let (true, State::Held(held) | State::Rejected(held)) = (spends, &mut self.state) {
            held.mark_spent();
        }
    }

    /// Somebody logged out meanwhile: what came is for those who asked before, and what was held
    /// goes.
    fn supersede(&mut self, id: FlightId, held: &Held) -> Effects {
        self.spacing.reset();
        Effects {
            publish: self.withdraw_if(true),
            ..Effects::settle(id, Ok(held.live()))
        }
    }

    fn withdraw_if(&mut self, superseded: bool) -> Publish {
        if !superseded {
            return Publish::Keep;
        }
        self.state = State::Empty;
        Publish::Withdraw
    }

    fn publish(&mut self, id: FlightId, held: Held, generation: u64) -> Effects {
        let live = held.live();
        self.store_uncleared &= !live.saved;
        self.epoch = held.epoch();
        self.generation = generation;
        self.state = State::Held(held);
        self.spacing.reset();
        Effects {
            publish: Publish::Replace(live.clone()),
            ..Effects::settle(id, Ok(live))
        }
    }

    fn space(&mut self, error: &TokenError, draw: f64, now: &Now) {
        let left = match &self.state {
            State::Held(held) => held.left(now),
            State::Empty | State::Rejected(_) | State::Closed { .. } => Duration::ZERO,
        };
        let floor = match error.class() {
            ErrorClass::Transient => Duration::ZERO,
            ErrorClass::Throttled(wait) => wait,
            ErrorClass::Refused => self.refusal_hold,
            ErrorClass::Terminal => TERMINAL_CACHE,
        };
        self.spacing.failed(error.clone(), left, floor, draw, now);
    }

    /// The task of a flight is gone without a verdict: the next who asks starts anew.
    pub(super) fn flight_lost(&mut self, id: FlightId) -> Effects {
        match self.flight.take_if(|flight| flight.id == id) {
            Some(_) => Effects::ask_again(id),
            None => Effects::answer(Answer::Nothing),
        }
    }
}

fn dead_on_arrival() -> TokenError {
    let reason = "the token that came is already at its end";
    TokenError::Validation(TokenFailure::new(ErrorClass::Transient, reason))
}
