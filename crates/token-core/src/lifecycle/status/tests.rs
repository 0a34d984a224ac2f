//! What a life tells about itself at each stage.

use super::*;
use crate::lifecycle::{Event, Goal, Source, Verdict};
use crate::{
    AccessToken, Clock, ErrorClass, Grant, Lifetime, ManualClock, RefreshPolicy, TokenData,
    TokenFailure,
};

const DAY: Duration = Duration::from_secs(86_400);

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

struct Life(Lifecycle, ManualClock);

impl Life {
    fn new() -> Self {
        let machine = Lifecycle::new(RefreshPolicy::default());
        Self(machine, ManualClock::default())
    }

    fn step(&mut self, event: Event) {
        drop(self.0.step(event, &self.1.now()));
    }

    fn start(&mut self) -> FlightId {
        self.step(Event::Force(Goal::Login));
        self.0.flight().unwrap()
    }

    fn end(&mut self, id: FlightId, verdict: Verdict) {
        let draw = 1.0;
        self.step(Event::FlightEnded { id, verdict, draw });
    }

    fn mint(&mut self) {
        let id = self.start();
        let grant = Grant::new(AccessToken::new("a").unwrap(), Lifetime::Assumed(DAY));
        let minted = grant.into_minted(&self.1.now(), None);
        let verdict = Verdict::Minted {
            minted,
            generation: 1,
            saved: true,
            source: Source::Obtained,
        };
        self.end(id, verdict);
    }

    fn standing(&self) -> Standing {
        self.0.standing(&self.1.now())
    }
}

#[test]
fn the_state_follows_the_token_through_its_life() {
    let mut life = Life::new();
    assert_eq!(life.standing().state, TokenState::Empty);
    assert_eq!(life.standing().age, None);
    life.mint();
    for (state, age) in [
        (TokenState::Fresh, 0),
        (TokenState::Fresh, 86_099),
        (TokenState::Stale, 86_100),
        (TokenState::Stale, 86_394),
        (TokenState::Expired, 86_395),
        (TokenState::Expired, 90_000),
    ] {
        let passed = life.standing().age.unwrap();
        life.1.advance(secs(age) - passed);
        let standing = life.standing();
        assert_eq!((standing.state, standing.age), (state, Some(secs(age))));
        assert_eq!(standing.remaining, secs(86_395_u64.saturating_sub(age)));
    }
    life.step(Event::Clear {
        store_emptied: true,
    });
    assert_eq!(life.standing().state, TokenState::Empty);
    life.step(Event::Close);
    assert_eq!(life.standing().state, TokenState::Closed);
}

#[test]
fn a_rejected_token_has_nothing_left() {
    let mut life = Life::new();
    life.mint();
    life.1.advance(secs(60));
    let epoch = life.standing().epoch;
    let accepted = true;
    life.step(Event::Reject { epoch, accepted });
    let standing = life.standing();
    assert_eq!(standing.state, TokenState::Rejected);
    assert_eq!(standing.remaining, Duration::ZERO);
    assert_eq!(standing.epoch, epoch, "no other was published");
    assert!(standing.flight.is_some());
}

#[test]
fn a_failure_is_told_with_the_wait_until_the_next_try() {
    let mut life = Life::new();
    let id = life.start();
    assert_eq!(life.standing().flight, Some(id));
    let failure = TokenFailure::new(ErrorClass::Transient, "it is down");
    let error = TokenError::ObtainFailed(failure);
    let spent = false;
    life.end(id, Verdict::Failed { error, spent });
    let standing = life.standing();
    assert_eq!(standing.error.unwrap().class(), ErrorClass::Transient);
    assert_eq!((standing.next_attempt_in, standing.flight), (secs(1), None));
    life.1.advance(secs(1));
    assert_eq!(life.standing().next_attempt_in, Duration::ZERO);
    assert!(life.standing().error.is_some(), "until a token comes");
    life.mint();
    assert!(life.standing().error.is_none());
}

#[test]
fn a_stored_token_is_judged_by_what_the_wall_clock_says_now() {
    let mut life = Life::new();
    let obtained_at = life.1.now().wall - secs(3_600);
    let data = TokenData::with_lifetime(AccessToken::new("a").unwrap(), obtained_at, DAY);
    life.step(Event::Observed {
        data,
        generation: 1,
        clears: 0,
        draw: 0.0,
    });
    assert_eq!(life.standing().age, Some(secs(3_600)));
    life.1.set_wall(obtained_at + DAY);
    assert_eq!(life.standing().state, TokenState::Expired);
    life.1.set_wall(obtained_at + secs(3_600));
    assert_eq!(
        life.standing().state,
        TokenState::Fresh,
        "asking changed nothing"
    );
}
