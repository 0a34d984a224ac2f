//! A refresh token that may be spent is never sent again.

use super::*;
use crate::Sent;

fn given() -> Given {
    let refresh = RefreshToken::new("refresh").unwrap();
    let mut given = Given::old(Goal::Renew).renewed_by(Renewal::RefreshToken);
    given.basis = given
        .basis
        .map(|data| data.with_refresh_token(Some(refresh)));
    given
}

/// Has asked for a refresh from generation 5.
fn refreshing() -> Ride {
    let mut ride = given().flies().leased();
    let step = ride.loads(Some(record("old", HOUR)), 5);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
    ride
}

fn failure_after(sent: Sent) -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Transient, "scripted");
    TokenError::RefreshFailed(failure.with_sent(sent))
}

/// Whether the mark stays, and whether the life cycle is told.
fn ends(ride: &mut Ride, step: Step) -> (bool, bool) {
    let Step::Release { spent: marked, .. } = step else {
        panic!("the lease is kept: {step:?}");
    };
    match ride.lands(step) {
        Verdict::Failed { spent, .. } => (marked, spent),
        other => panic!("expected an error, got {other:?}"),
    }
}

// W-S08, C-48: a time-out may hide a rotation that happened.
#[test]
fn a_refresh_that_may_have_happened_marks_its_token_as_spent() {
    for (error, spent) in [
        (failure_after(Sent::No), false),
        (failure_after(Sent::Maybe), true),
        (failure_after(Sent::Yes), true),
        (TokenError::Timeout(secs(20)), true),
    ] {
        let mut ride = refreshing();
        ride.refreshes(Err(error));
        let step = ride.logs_in(Err(failure(ErrorClass::Transient)));
        assert_eq!(ends(&mut ride, step), (spent, spent));
    }
}

#[test]
fn an_authority_that_asked_to_wait_has_not_spent_the_refresh_token() {
    let mut ride = refreshing();
    let limit = TokenError::RateLimited(RateLimited::new(secs(90)));
    let step = ride.refreshes(Err(limit));
    assert_eq!(ends(&mut ride, step), (false, false));
}

#[test]
fn the_mark_goes_with_the_generation_that_it_is_about() {
    for (answer, marked) in [
        (CommitAnswer::Stored { generation: 6 }, false),
        (CommitAnswer::Failed, true),
    ] {
        let mut ride = refreshing();
        ride.refreshes(Ok(assumed("new")));
        let step = ride.commits(answer);
        let kept = matches!(step, Step::Release { spent, .. } if spent == marked);
        assert!(kept, "{step:?}");
    }
}

#[test]
fn a_mark_that_was_found_stays_until_the_store_moves() {
    let mut ride = given().flies();
    ride.next(Input::Start);
    let sent = Some(5);
    ride.lease(LeaseAnswer::Acquired { sent, failed: None });
    let step = ride.loads(Some(record("old", HOUR)), 5);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Err(failure(ErrorClass::Transient)));
    assert_eq!(ends(&mut ride, step), (true, false));
}

/// A plan of a life cycle whose last flight had this end.
fn plan_after(verdict: Verdict) -> FlightPlan {
    use crate::lifecycle::{Event, Lifecycle};
    let now = ManualClock::default().now();
    let draw = 0.0;
    let mut life = Lifecycle::new(RefreshPolicy::default());
    plan(&mut life, &given(), &now);
    let id = life.flight().unwrap();
    life.step(Event::FlightEnded { id, verdict, draw }, &now);
    life.step(Event::Force(Goal::Renew), &now).start.unwrap()
}

// W-S08: also where no store can keep the mark.
#[test]
fn a_manager_without_a_lease_remembers_by_itself_what_it_may_have_spent() {
    for spent in [false, true] {
        let error = failure(ErrorClass::Transient);
        let plan = plan_after(Verdict::Failed { error, spent });
        let settings = FlightSettings::new(Renewal::RefreshToken, RefreshPolicy::default());
        let clock = ManualClock::default();
        let flight = Flight::new(&plan, settings, &clock.now());
        let mut ride = Ride { flight, clock };
        ride.next(Input::Start);
        ride.lease(LeaseAnswer::Unavailable);
        let step = ride.next(Input::Loaded(None));
        assert_eq!(matches!(step, Step::Login { .. }), spent, "{step:?}");
    }
}

#[test]
fn the_mark_of_the_store_says_nothing_about_a_token_that_it_never_had() {
    let refresh = RefreshToken::new("rotated").unwrap();
    let now = ManualClock::default().now();
    let mut minted = assumed("new").into_minted(&now, None);
    minted.data = minted.data.with_refresh_token(Some(refresh));
    let plan = plan_after(Verdict::Minted {
        minted,
        generation: 5,
        saved: false,
        source: Source::Refreshed,
    });
    let settings = FlightSettings::new(Renewal::RefreshToken, RefreshPolicy::default());
    let clock = ManualClock::default();
    let flight = Flight::new(&plan, settings, &clock.now());
    let mut ride = Ride { flight, clock };
    ride.next(Input::Start);
    let sent = Some(5);
    ride.lease(LeaseAnswer::Acquired { sent, failed: None });
    let step = ride.loads(Some(record("old", HOUR)), 5);
    let Step::Refresh { token, .. } = step else {
        panic!("{step:?}");
    };
    let used = token.refresh_token().map(RefreshToken::expose_secret);
    assert_eq!(used, Some("rotated"));
}

// W-S08: the mark is about a rotation that we have not seen, so ours was spent even before.
#[test]
fn a_mark_about_a_store_that_cannot_be_read_counts_and_stays() {
    let mut ride = given().flies();
    ride.next(Input::Start);
    let sent = Some(6);
    ride.lease(LeaseAnswer::Acquired { sent, failed: None });
    let step = ride.next(Input::Loaded(None));
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Err(failure(ErrorClass::Transient)));
    assert_eq!(ends(&mut ride, step), (true, false));
}

// W-S08: a refresh that worked has spent it too, if what came cannot be published.
#[test]
fn a_refresh_that_brings_the_rejected_text_once_more_has_spent_its_token() {
    use crate::lifecycle::{Event, Lifecycle};
    let now = ManualClock::default().now();
    let mut life = Lifecycle::new(RefreshPolicy::default());
    plan(&mut life, &given(), &now);
    let (epoch, accepted) = (life.held().unwrap().epoch, true);
    life.step(Event::Reject { epoch, accepted }, &now);
    let (id, draw) = (life.flight().unwrap(), 0.0);
    let verdict = Verdict::Minted {
        minted: assumed("old").into_minted(&now, None),
        generation: 6,
        saved: true,
        source: Source::Refreshed,
    };
    life.step(Event::FlightEnded { id, verdict, draw }, &now);
    let plan = life.step(Event::Force(Goal::Renew), &now).start.unwrap();
    assert!(plan.basis.unwrap().spent);
}
