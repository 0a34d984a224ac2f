//! Refresh and login: at most one of each, in this order, on one budget.

use super::*;

/// Has read the store and found nothing newer than "old".
fn about_to_act(given: Given) -> (Ride, Step) {
    let mut ride = given.flies().leased();
    let step = ride.loads(Some(record("old", HOUR)), 5);
    (ride, step)
}

fn with_refresh_token(given: Given) -> Given {
    let refresh = RefreshToken::new("refresh").unwrap();
    let mut given = given.renewed_by(Renewal::RefreshToken);
    given.basis = given
        .basis
        .map(|data| data.with_refresh_token(Some(refresh)));
    given
}

//
#[test]
fn a_live_token_refreshes_itself_on_half_of_the_budget() {
    for goal in [Goal::Renew, Goal::Refresh] {
        let (mut ride, step) = about_to_act(Given::old(goal));
        let Step::Refresh {
            token,
            within,
            mark,
        } = step
        else {
            panic!("{step:?}");
        };
        assert_eq!(token.token().expose_secret(), "old");
        assert_eq!((within, mark), (secs(20), None));
        let step = ride.refreshes(Ok(assumed("new")));
        assert!(matches!(step, Step::Commit { expected: 5, .. }), "{step:?}");
    }
}

//
#[test]
fn without_a_token_or_on_demand_there_is_a_login() {
    for goal in [Goal::Renew, Goal::Refresh, Goal::Login] {
        let mut ride = Given::nothing(goal).flies().leased();
        let step = ride.loads(None, 0);
        assert!(
            matches!(step, Step::Login { within } if within == secs(40)),
            "{step:?}"
        );
    }
    let (_, step) = about_to_act(Given::old(Goal::Login));
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let login_only = Given::old(Goal::Renew).renewed_by(Renewal::LoginOnly);
    let (_, step) = about_to_act(login_only);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
}

// W-A13: one login, on what is left of the budget, and its error comes back.
#[test]
fn any_failure_of_a_refresh_leads_to_exactly_one_login() {
    for class in [
        ErrorClass::Transient,
        ErrorClass::Refused,
        ErrorClass::Terminal,
    ] {
        let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
        ride.clock.advance(secs(15));
        let step = ride.refreshes(Err(failure(class)));
        assert!(
            matches!(step, Step::Login { within } if within == secs(25)),
            "{step:?}"
        );
        let step = ride.logs_in(Err(failure(ErrorClass::Refused)));
        let verdict = ride.lands(step);
        assert_eq!(failed(&verdict).class(), ErrorClass::Refused);
    }
}

#[test]
fn an_authority_that_asks_to_wait_is_not_asked_for_a_login_instead() {
    let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
    let limit = TokenError::RateLimited(RateLimited::new(secs(120)));
    let step = ride.refreshes(Err(limit));
    let verdict = ride.lands(step);
    assert_eq!(failed(&verdict).retry_after(), Some(secs(120)));
}

// W-S08
#[test]
fn a_refresh_token_is_used_and_its_use_noted_before() {
    let (mut ride, step) = about_to_act(with_refresh_token(Given::old(Goal::Renew)));
    assert!(
        matches!(step, Step::Refresh { mark: Some(5), .. }),
        "{step:?}"
    );
    let step = ride.refreshes(Ok(assumed("new")));
    let Step::Commit { data, .. } = step else {
        panic!("{step:?}");
    };
    let kept = data.refresh_token().map(RefreshToken::expose_secret);
    assert_eq!(kept, Some("refresh"), "an answer without one keeps it");

    let without = Given::old(Goal::Renew).renewed_by(Renewal::RefreshToken);
    let (_, step) = about_to_act(without);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
}

#[test]
fn a_refresh_token_that_a_dead_holder_may_have_spent_is_not_used() {
    for (sent, used) in [(Some(5), false), (Some(4), true)] {
        let mut ride = with_refresh_token(Given::old(Goal::Renew)).flies();
        ride.next(Input::Start);
        ride.lease(LeaseAnswer::Acquired { sent, failed: None });
        let step = ride.loads(None, 5);
        assert_eq!(matches!(step, Step::Refresh { .. }), used, "{step:?}");
    }
}

// AMP states no lifetime and may return the same text.
#[test]
fn the_same_text_without_a_stated_life_is_a_renewal() {
    let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
    let step = ride.refreshes(Ok(assumed("old")));
    assert!(matches!(step, Step::Commit { .. }), "{step:?}");
}

// W-S09: it would be stale again at once.
#[test]
fn a_stated_end_that_did_not_move_is_a_failure_while_the_token_serves() {
    let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
    let step = ride.refreshes(Ok(stated("new", DAY - HOUR)));
    let verdict = ride.lands(step);
    assert!(failed(&verdict).is_transient());

    let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
    let step = ride.refreshes(Ok(stated("new", DAY - HOUR + secs(1))));
    assert!(matches!(step, Step::Commit { .. }), "{step:?}");
}

// callers wait for this flight, so an error would reach them.
#[test]
fn a_stated_end_that_did_not_move_leads_to_a_login_once_the_token_is_not_sent_any_more() {
    let left = secs(4);
    let given = Given {
        basis: Some(record("old", DAY - secs(60))),
        ..Given::nothing(Goal::Renew)
    };
    let mut ride = given.flies().leased();
    ride.clock.advance(secs(60) - left);
    assert!(matches!(ride.loads(None, 5), Step::Refresh { .. }));
    let step = ride.refreshes(Ok(stated("new", left)));
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
}

#[test]
fn progress_is_judged_by_the_clock_that_never_jumps() {
    for back in [HOUR * 2, DAY * 365] {
        let mut ride = Given::old(Goal::Renew).flies().leased();
        let wall = ride.now().wall;
        ride.clock.set_wall(wall - back);
        ride.loads(None, 5);
        let step = ride.refreshes(Ok(stated("new", DAY)));
        assert!(matches!(step, Step::Commit { .. }), "{step:?}");
    }
    let mut ride = Given::old(Goal::Renew).flies().leased();
    let wall = ride.now().wall;
    ride.loads(None, 5);
    ride.clock.set_wall(wall + HOUR * 2);
    let step = ride.refreshes(Ok(stated("new", DAY - HOUR)));
    assert!(failed(&ride.lands(step)).is_transient());
}

//
#[test]
fn a_token_without_any_life_is_not_committed() {
    let (mut ride, _) = about_to_act(Given::old(Goal::Renew));
    let step = ride.refreshes(Ok(stated("new", Duration::ZERO)));
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Ok(stated("new", Duration::ZERO)));
    assert!(failed(&ride.lands(step)).is_transient());
}
