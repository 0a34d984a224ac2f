//! Driving a flight as a manager would, with scripted answers.

mod commit;
mod exhaustive;
mod lease;
mod network;
mod rejected;
mod spent;
mod store;
mod trip;

use super::*;
use crate::{
    AccessToken, Clock, Grant, Lifetime, ManualClock, RateLimited, RefreshPolicy, RefreshToken,
    TokenFailure,
};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn token(text: &str) -> AccessToken {
    AccessToken::new(text).unwrap()
}

fn assumed(text: &str) -> Grant {
    Grant::new(token(text), Lifetime::Assumed(DAY))
}

fn stated(text: &str, life: Duration) -> Grant {
    Grant::new(token(text), Lifetime::Stated(life))
}

fn failure(class: ErrorClass) -> TokenError {
    TokenError::ObtainFailed(TokenFailure::new(class, "scripted"))
}

/// A flight with its clock; each method gives one answer and returns the next step.
struct Ride {
    flight: Flight,
    clock: ManualClock,
}

/// What a flight is given to start with.
struct Given {
    goal: Goal,
    renewal: Renewal,
    basis: Option<TokenData>,
    rejected: bool,
    policy: RefreshPolicy,
}

impl Given {
    /// Nothing is held.
    fn nothing(goal: Goal) -> Self {
        Self {
            goal,
            renewal: Renewal::AccessToken,
            basis: None,
            rejected: false,
            policy: RefreshPolicy::default(),
        }
    }

    /// "old" is held: a day-long token that is an hour old.
    fn old(goal: Goal) -> Self {
        Self {
            basis: Some(record("old", HOUR)),
            ..Self::nothing(goal)
        }
    }

    fn rejected(self) -> Self {
        Self {
            rejected: true,
            ..self
        }
    }

    fn renewed_by(self, renewal: Renewal) -> Self {
        Self { renewal, ..self }
    }

    /// Starts the flight; generation 5 of the store was seen last.
    fn flies(self) -> Ride {
        let clock = ManualClock::default();
        let now = clock.now();
        let mut life = crate::lifecycle::Lifecycle::new(self.policy.clone());
        let plan = plan(&mut life, &self, &now);
        let settings = FlightSettings::new(self.renewal, self.policy);
        let flight = Flight::new(&plan, settings, &now);
        Ride { flight, clock }
    }
}

/// A plan can only come from a life cycle, so one is brought to the point of making it.
fn plan(life: &mut crate::lifecycle::Lifecycle, given: &Given, now: &Now) -> FlightPlan {
    use crate::lifecycle::Event;
    let force = Event::Force(given.goal);
    let Some(data) = given.basis.clone() else {
        return life.step(force, now).start.unwrap();
    };
    let id = life.step(Event::Force(Goal::Renew), now).start.unwrap().id;
    let generation = 5;
    let verdict = Verdict::Adopted { data, generation };
    let draw = 0.0;
    life.step(Event::FlightEnded { id, verdict, draw }, now);
    if given.rejected {
        let epoch = life.held().unwrap().epoch;
        let accepted = true;
        let start = life.step(Event::Reject { epoch, accepted }, now).start;
        life.step(Event::FlightLost(start.unwrap().id), now);
    }
    life.step(force, now).start.unwrap()
}

/// A day-long token that was asked for `age` ago.
fn record(text: &str, age: Duration) -> TokenData {
    let obtained_at = ManualClock::default().now().wall - age;
    TokenData::with_lifetime(token(text), obtained_at, DAY)
}

fn stored(data: Option<TokenData>, generation: u64) -> Stored {
    Stored { data, generation }
}

impl Ride {
    fn now(&self) -> Now {
        self.clock.now()
    }

    fn next(&mut self, input: Input) -> Step {
        let now = self.now();
        self.flight.next(input, &now)
    }

    fn lease(&mut self, answer: LeaseAnswer) -> Step {
        self.next(Input::Lease(answer))
    }

    fn held_elsewhere(&mut self) -> Step {
        self.lease(LeaseAnswer::Held { failed: None })
    }

    /// Takes the lease, so that the store is read next.
    fn leased(mut self) -> Self {
        assert!(matches!(self.next(Input::Start), Step::Lease));
        let acquired = LeaseAnswer::Acquired {
            sent: None,
            failed: None,
        };
        assert!(matches!(self.lease(acquired), Step::Load));
        self
    }

    /// Nothing changed until the lease is tried again.
    fn waits(&mut self) -> Step {
        self.next(Input::Waited { changed: false })
    }

    /// The store may have changed while somebody else has the lease.
    fn woken(&mut self) -> Step {
        self.next(Input::Waited { changed: true })
    }

    fn loads(&mut self, data: Option<TokenData>, generation: u64) -> Step {
        self.next(Input::Loaded(Some(stored(data, generation))))
    }

    fn refreshes(&mut self, result: Result<Grant, TokenError>) -> Step {
        let asked = self.now();
        self.next(Input::Refreshed { result, asked })
    }

    fn logs_in(&mut self, result: Result<Grant, TokenError>) -> Step {
        let asked = self.now();
        self.next(Input::LoggedIn { result, asked })
    }

    fn commits(&mut self, answer: CommitAnswer) -> Step {
        self.next(Input::Committed(answer))
    }

    /// Gives the lease back and says with what the flight ended.
    #[track_caller]
    fn lands(&mut self, step: Step) -> Verdict {
        assert!(matches!(step, Step::Release { .. }), "{step:?}");
        done(self.next(Input::Released))
    }
}

#[track_caller]
fn done(step: Step) -> Verdict {
    match step {
        Step::Done(verdict) => verdict,
        other => panic!("expected the end, got {other:?}"),
    }
}

#[track_caller]
fn minted_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Minted { minted, .. } | Verdict::Superseded { minted, .. } => {
            minted.data.token().expose_secret().to_owned()
        }
        other => panic!("expected a new token, got {other:?}"),
    }
}

#[track_caller]
fn adopted_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Adopted { data, .. } => data.token().expose_secret().to_owned(),
        other => panic!("expected an adopted token, got {other:?}"),
    }
}

#[track_caller]
fn failed(verdict: &Verdict) -> &TokenError {
    match verdict {
        Verdict::Failed { error, .. } => error,
        other => panic!("expected an error, got {other:?}"),
    }
}
