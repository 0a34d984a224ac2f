//! The life of a token in one manager, as a pure machine.
//!
//! [`Lifecycle::step`] takes an event and the time, and says who is served, whether a flight
//! starts, what is published and who is told. It does no I/O and reads no clock, so its rules are
//! tested by stepping it.

mod effects;
mod ending;
mod event;
mod held;
mod just_minted;
mod landing;
mod outside;
mod plan;
mod rejection;
mod spacing;
mod status;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use effects::{Answer, Effects, Live, Publish, Settled, Source, Unsaved};
pub use event::{Epoch, Event, FlightId, Goal};
use held::Held;
pub use just_minted::JustMinted;
pub use plan::{Basis, FlightPlan, Verdict};
use spacing::Spacing;
pub use status::{Standing, TokenState};

use crate::{BootInstant, ErrorClass, Freshness, Now, RefreshPolicy, TokenError, TokenFailure};

/// How long an error that only a person can mend is answered without asking the authority again.
const TERMINAL_CACHE: Duration = Duration::from_secs(60);

/// The life of a token in one manager.
///
/// What it holds: the token, if any, with the moments at which it turns stale and dead; whether it
/// was rejected; the flight under way, if any; and when the next one may start.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Lifecycle {
    policy: RefreshPolicy,
    state: State,
    epoch: Epoch,
    generation: u64,
    clears: u64,
    /// The token was forgotten, and the store may still have it.
    store_uncleared: bool,
    refusal_hold: Duration,
    flight: Option<Flying>,
    next_flight: FlightId,
    /// When a token was last renewed that was rejected though it was just minted.
    young_rejected: Option<BootInstant>,
    spacing: Spacing,
}

/// Where the life stands; `Held` knows by the time whether it is fresh, stale or expired.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
enum State {
    Empty,
    Held(Held),
    Rejected(Held),
    Closed {
        /// What no store has yet.
        unsaved: Option<Unsaved>,
    },
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct Flying {
    id: FlightId,
    goal: Goal,
    /// Cleared or closed since its start: it must not publish, and who asks from then on asks
    /// again after its end.
    abandoned: bool,
    /// How often the token had been cleared at its start.
    clears: u64,
}

impl Lifecycle {
    /// A life without a token yet.
    pub fn new(policy: RefreshPolicy) -> Self {
        Self {
            policy,
            state: State::Empty,
            epoch: Epoch::ZERO,
            generation: 0,
            clears: 0,
            store_uncleared: false,
            refusal_hold: crate::flight::FlightSettings::REFUSAL_HOLD,
            flight: None,
            next_flight: FlightId::FIRST,
            young_rejected: None,
            spacing: Spacing::default(),
        }
    }

    /// Answers refused credentials for this long without asking the authority again; the default
    /// is 60 s. [`Duration::MAX`] waits until they change, so that no account is locked.
    #[must_use]
    pub fn with_refusal_hold(mut self, hold: Duration) -> Self {
        self.refusal_hold = hold;
        self
    }

    /// Takes one event and says what follows from it.
    pub fn step(&mut self, event: Event, now: &Now) -> Effects {
        match event {
            Event::Get {
                validity,
                may_start,
            } => self.get(validity, may_start, now),
            Event::Force(goal) => self.force(goal, now),
            Event::Reject { epoch, accepted } => self.reject(epoch, accepted, now),
            Event::FlightEnded { id, verdict, draw } => self.flight_ended(id, verdict, draw, now),
            Event::FlightLost(id) => self.flight_lost(id),
            Event::Observed {
                data,
                generation,
                clears,
                draw,
            } if clears == self.clears && !self.store_uncleared => {
                let windows = self.policy.windows(data.lifetime(), draw);
                let held = Held::loaded(self.epoch.next(), data, Source::Loaded, windows, now);
                self.observed(held, generation, now)
            }
            Event::Observed { .. } => Effects::answer(Answer::Nothing),
            Event::Installed { minted, draw } => self.install(minted, draw, now),
            Event::Stored { epoch, generation } => self.stored(epoch, generation),
            Event::CredentialsChanged => self.credentials_changed(),
            Event::Clear { store_emptied } => self.clear(store_emptied),
            Event::Close => self.close(),
            Event::Flushed => self.flushed(),
        }
    }

    /// The token that is held, even if it is no longer sent.
    pub fn held(&self) -> Option<Live> {
        match &self.state {
            State::Held(held) | State::Rejected(held) => Some(held.live()),
            State::Empty | State::Closed { .. } => None,
        }
    }

    /// How often the token was cleared or replaced from outside: what was read from a store before
    /// is not news, and a flight that started before stores nothing.
    pub fn clears(&self) -> u64 {
        self.clears
    }

    /// The flight under way, if any.
    pub fn flight(&self) -> Option<FlightId> {
        self.flight.as_ref().map(|flight| flight.id)
    }

    /// The error that is answered until the next flight may start.
    pub fn last_error(&self) -> Option<&TokenError> {
        self.spacing.error()
    }

    fn get(&mut self, validity: Duration, may_start: bool, now: &Now) -> Effects {
        let publish = self.judge_again(now);
        let effects = match &self.state {
            State::Closed { .. } => Effects::answer(Answer::Fail(TokenError::Closed)),
            State::Held(held) if held.serves(now, validity) => {
                let live = held.live();
                let start = held.freshness(now) == Freshness::Stale && may_start;
                let plan = if start { self.start_if_due(now) } else { None };
                Effects {
                    start: plan,
                    ..Effects::answer(Answer::Serve(live))
                }
            }
            State::Held(held) if !held.could_ever_serve(validity) => {
                Effects::answer(Answer::Fail(too_short(validity)))
            }
            State::Empty | State::Held(_) | State::Rejected(_) => self.wait_or_fail(may_start, now),
        };
        Effects { publish, ..effects }
    }

    /// Nothing can be served: whoever asks waits for a flight, or hears why there is none.
    fn wait_or_fail(&mut self, may_start: bool, now: &Now) -> Effects {
        if let Some(wait) = self.join() {
            return Effects::answer(wait);
        }
        if !may_start {
            return Effects::answer(Answer::Nothing);
        }
        if let Some(error) = self.spacing.blocks(now) {
            return Effects::answer(Answer::Fail(error));
        }
        self.start(Goal::Renew, now)
    }

    /// Forced operations share a flight that is under way and do not heed the spacing.
    fn force(&mut self, goal: Goal, now: &Now) -> Effects {
        if matches!(self.state, State::Closed { .. }) {
            return Effects::answer(Answer::Fail(TokenError::Closed));
        }
        match self.join() {
            Some(wait) => Effects::answer(wait),
            None => self.start(goal, now),
        }
    }

    fn credentials_changed(&mut self) -> Effects {
        self.spacing.reset();
        Effects::answer(Answer::Nothing)
    }

    /// A loaded record is judged by the wall clock, so a jump of it is a reason to judge again.
    fn judge_again(&mut self, now: &Now) -> Publish {
        match &mut self.state {
            State::Held(held) if held.wall_jumped(now) => {
                held.judge_again(now);
                Publish::Replace(held.live())
            }
            _ => Publish::Keep,
        }
    }

    fn join(&self) -> Option<Answer> {
        let flight = self.flight.as_ref()?;
        Some(Answer::Wait {
            flight: flight.id,
            goal: flight.goal,
            ask_again: flight.abandoned,
        })
    }

    fn start_if_due(&mut self, now: &Now) -> Option<FlightPlan> {
        if self.flight.is_some() || self.spacing.blocks(now).is_some() {
            return None;
        }
        self.start(Goal::Renew, now).start
    }

    fn start(&mut self, goal: Goal, now: &Now) -> Effects {
        let id = self.next_flight;
        self.next_flight = id.next();
        self.flight = Some(Flying {
            id,
            goal,
            abandoned: false,
            clears: self.clears,
        });
        let basis = match &self.state {
            State::Held(held) => Some(held.basis(false, now)),
            State::Rejected(held) => Some(held.basis(true, now)),
            State::Empty | State::Closed { .. } => None,
        };
        let plan = FlightPlan {
            id,
            goal,
            basis,
            generation: self.generation,
            clears: self.clears,
            discard: self.store_uncleared,
        };
        let wait = Answer::Wait {
            flight: id,
            goal,
            ask_again: false,
        };
        Effects {
            start: Some(plan),
            ..Effects::answer(wait)
        }
    }
}

fn too_short(validity: Duration) -> TokenError {
    let reason = format!(
        "the token lives shorter than the {} s that the request needs",
        validity.as_secs()
    );
    TokenError::Validation(TokenFailure::new(ErrorClass::Terminal, reason))
}
