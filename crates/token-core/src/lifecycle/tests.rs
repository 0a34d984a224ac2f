//! Stepping the machine with explicit times: each test is a sentence about one rule.

mod clearing;
mod exhaustive;
mod failures;
mod installing;
mod model;
mod moves;
mod rejection;
mod serving;
mod time;
mod walks;

use super::*;
use crate::{
    AccessToken, BootInstant, Clock, Grant, Lifetime, ManualClock, Minted, RateLimited, TokenData,
};

const DAY: Duration = Duration::from_secs(86_400);
/// A day-long token is stale from here on.
const STALE: Duration = Duration::from_secs(86_100);
/// A day-long token is not sent from here on.
const DEAD: Duration = Duration::from_secs(86_395);

const CLEAR: Event = Event::Clear {
    store_emptied: true,
};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn token(text: &str) -> AccessToken {
    AccessToken::new(text).unwrap()
}

fn minted(text: &str, lifetime: Duration, asked: &Now) -> Minted {
    Grant::new(token(text), Lifetime::Assumed(lifetime)).into_minted(asked, None)
}

fn superseded(minted: Minted) -> Verdict {
    let source = Source::Obtained;
    Verdict::Superseded { minted, source }
}

fn failed(error: TokenError) -> Verdict {
    let spent = false;
    Verdict::Failed { error, spent }
}

fn error(class: ErrorClass) -> TokenError {
    TokenError::ObtainFailed(TokenFailure::new(class, "scripted").with_attempts(1))
}

fn throttled(wait: Duration) -> TokenError {
    TokenError::RateLimited(RateLimited::new(wait))
}

/// A machine with its clock.
struct Life {
    machine: Lifecycle,
    clock: ManualClock,
}

impl Life {
    fn empty() -> Self {
        Self {
            machine: Lifecycle::new(RefreshPolicy::default()),
            clock: ManualClock::default(),
        }
    }

    /// Holds a day-long token that was minted just now.
    fn minted(text: &str) -> Self {
        let mut life = Self::empty();
        let id = life.get().started();
        life.mints(id, text);
        life
    }

    /// Holds a day-long token that somebody else stored `age` ago.
    fn loaded(text: &str, age: Duration) -> Self {
        let mut life = Self::empty();
        let id = life.get().started();
        life.adopts(id, text, age);
        life
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    fn step(&mut self, event: Event) -> Effects {
        let now = self.now();
        self.machine.step(event, &now)
    }

    fn get(&mut self) -> Effects {
        self.get_for(Duration::ZERO)
    }

    fn get_for(&mut self, validity: Duration) -> Effects {
        let may_start = true;
        self.step(Event::Get {
            validity,
            may_start,
        })
    }

    fn get_outside_a_runtime(&mut self) -> Effects {
        let (validity, may_start) = (Duration::ZERO, false);
        self.step(Event::Get {
            validity,
            may_start,
        })
    }

    fn reject(&mut self, epoch: Epoch, accepted: bool) -> Effects {
        self.step(Event::Reject { epoch, accepted })
    }

    /// Reads this from the store, outside a flight.
    fn observes(&mut self, text: &str, generation: u64) -> Effects {
        let (draw, clears) = (0.0, self.machine.clears());
        let data = TokenData::with_lifetime(token(text), self.now().wall, DAY);
        self.step(Event::Observed {
            data,
            generation,
            clears,
            draw,
        })
    }

    fn ends(&mut self, id: FlightId, verdict: Verdict, draw: f64) -> Effects {
        self.step(Event::FlightEnded { id, verdict, draw })
    }

    fn mints(&mut self, id: FlightId, text: &str) -> Effects {
        let minted = minted(text, DAY, &self.now());
        self.ends_minted(id, minted)
    }

    fn ends_minted(&mut self, id: FlightId, minted: Minted) -> Effects {
        let verdict = Verdict::Minted {
            minted,
            generation: 1,
            saved: true,
            source: Source::Obtained,
        };
        self.ends(id, verdict, 0.0)
    }

    fn adopts(&mut self, id: FlightId, text: &str, age: Duration) -> Effects {
        let data = TokenData::with_lifetime(token(text), self.now().wall - age, DAY);
        let generation = 1;
        self.ends(id, Verdict::Adopted { data, generation }, 0.0)
    }

    fn fails(&mut self, id: FlightId, error: TokenError) -> Effects {
        self.ends(id, failed(error), 1.0)
    }

    fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    fn epoch(&self) -> Epoch {
        self.machine.held().map_or(Epoch::ZERO, |live| live.epoch)
    }
}

/// What tests ask of effects.
trait Told {
    fn served(&self) -> String;
    fn failed(&self) -> &TokenError;
    fn waits(&self) -> (FlightId, bool);
    fn started(&self) -> FlightId;
    fn settled_with(&self) -> String;
    fn published(&self) -> Option<String>;
}

fn text(live: &Live) -> String {
    live.data.token().expose_secret().to_owned()
}

impl Told for Effects {
    #[track_caller]
    fn served(&self) -> String {
        match &self.answer {
            Answer::Serve(live) => text(live),
            other => panic!("expected a token, got {other:?}"),
        }
    }

    #[track_caller]
    fn failed(&self) -> &TokenError {
        match &self.answer {
            Answer::Fail(error) => error,
            other => panic!("expected an error, got {other:?}"),
        }
    }

    #[track_caller]
    fn waits(&self) -> (FlightId, bool) {
        match &self.answer {
            Answer::Wait {
                flight, ask_again, ..
            } => (*flight, *ask_again),
            other => panic!("expected a wait, got {other:?}"),
        }
    }

    #[track_caller]
    fn started(&self) -> FlightId {
        let plan = self.start.as_ref();
        plan.map(|plan| plan.id)
            .unwrap_or_else(|| panic!("no flight started: {self:?}"))
    }

    /// The text that the waiters got; `again` and `error: ...` for the other two ends.
    #[track_caller]
    fn settled_with(&self) -> String {
        let settled = self.settled.as_ref();
        match settled.map(|settled| &settled.result) {
            Some(Some(Ok(live))) => text(live),
            Some(Some(Err(error))) => format!("error: {error}"),
            Some(None) => "again".to_owned(),
            None => panic!("nobody was told: {self:?}"),
        }
    }

    fn published(&self) -> Option<String> {
        match &self.publish {
            Publish::Replace(live) => Some(text(live)),
            Publish::Keep | Publish::Withdraw => None,
        }
    }
}
