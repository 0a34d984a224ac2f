//! The lease: who may use the network, and what is heard from whom.

use super::*;

const NOTE: Option<FailedElsewhere> = Some(FailedElsewhere {
    class: ErrorClass::Transient,
    wait: secs(30),
});

//
#[test]
fn while_somebody_else_holds_the_lease_the_store_is_watched_and_the_network_left_alone() {
    let mut ride = Given::nothing(Goal::Renew).flies();
    ride.next(Input::Start);
    assert!(matches!(ride.held_elsewhere(), Step::Load));
    assert!(matches!(
        ride.loads(None, 0),
        Step::Wait { watch: true, .. }
    ));
    for _ in 0..5 {
        ride.clock.advance(secs(5));
        assert!(matches!(ride.waits(), Step::Lease));
        assert!(matches!(
            ride.held_elsewhere(),
            Step::Wait { watch: true, .. }
        ));
    }
    assert!(matches!(ride.woken(), Step::Load));
    let verdict = done(ride.loads(Some(record("peer", Duration::ZERO)), 6));
    assert_eq!(adopted_text(&verdict), "peer");
}

// one that died is noticed soon.
#[test]
fn a_lease_that_somebody_else_has_is_tried_again_each_fifty_milliseconds() {
    let mut ride = Given::nothing(Goal::Renew).flies();
    ride.next(Input::Start);
    ride.held_elsewhere();
    let mut step = ride.loads(None, 0);
    for _ in 0..6 {
        let Step::Wait { pause, .. } = step else {
            panic!("{step:?}");
        };
        assert_eq!(pause, Duration::from_millis(50));
        ride.clock.advance(pause);
        assert!(matches!(ride.waits(), Step::Lease));
        step = ride.held_elsewhere();
    }
}

// for whoever wants a login of its own: the holder is about to give the lease back.
#[test]
fn a_change_that_is_not_adopted_does_not_put_the_next_try_for_the_lease_off() {
    let mut ride = Given::nothing(Goal::Login).flies();
    ride.next(Input::Start);
    ride.held_elsewhere();
    ride.loads(None, 0);
    let peer = record("peer", Duration::ZERO);
    ride.woken();
    let step = ride.loads(Some(peer.clone()), 1);
    let soon = Duration::from_millis(50);
    let is_soon = matches!(step, Step::Wait { pause, watch: true } if pause == soon);
    assert!(is_soon, "{step:?}");

    // A store that changes all the time does not keep it from the lease.
    ride.clock.advance(Duration::from_millis(30));
    ride.woken();
    let step = ride.loads(Some(peer.clone()), 2);
    let left = Duration::from_millis(20);
    assert!(
        matches!(step, Step::Wait { pause, .. } if pause == left),
        "{step:?}"
    );
    ride.clock.advance(left);
    ride.woken();
    assert!(matches!(ride.loads(Some(peer), 3), Step::Lease));
}

// nor does one that is asked for nothing, or cannot be read.
#[test]
fn a_change_that_was_none_is_not_waited_for_again_before_the_next_try() {
    for answer in [Some(stored(None, 0)), None] {
        let mut ride = Given::nothing(Goal::Renew).flies();
        ride.next(Input::Start);
        ride.held_elsewhere();
        ride.loads(None, 0);
        ride.woken();
        let step = ride.next(Input::Loaded(answer));
        assert!(matches!(step, Step::Wait { watch: false, .. }), "{step:?}");
        ride.clock.advance(secs(1));
        ride.waits();
        let step = ride.held_elsewhere();
        let watches = matches!(step, Step::Wait { watch: true, .. });
        assert!(watches || matches!(step, Step::Load), "{step:?}");
    }
}

// never a second login beside a live holder.
#[test]
fn waiting_for_a_lease_ends_with_a_timeout_and_without_a_login() {
    for goal in [Goal::Renew, Goal::Refresh, Goal::Login] {
        let mut ride = Given::old(goal).flies();
        ride.next(Input::Start);
        ride.held_elsewhere();
        ride.loads(None, 5);
        let last = Duration::from_nanos(1);
        ride.clock.advance(secs(45) - last);
        let step = ride.held_elsewhere();
        assert!(
            matches!(step, Step::Wait { pause, .. } if pause == last),
            "{step:?}"
        );
        ride.clock.advance(last);
        let verdict = done(ride.held_elsewhere());
        assert!(matches!(failed(&verdict), TokenError::Timeout(wait) if *wait == secs(45)));
    }
}

#[test]
fn the_wait_for_a_lease_does_not_eat_the_budget_of_the_network() {
    let mut ride = Given::nothing(Goal::Renew).flies();
    ride.next(Input::Start);
    ride.held_elsewhere();
    ride.loads(None, 0);
    ride.clock.advance(secs(44));
    let mut ride = ride.leased_now();
    let step = ride.loads(None, 0);
    assert!(
        matches!(step, Step::Login { within } if within == secs(40)),
        "{step:?}"
    );
}

impl Ride {
    fn leased_now(mut self) -> Self {
        self.lease(LeaseAnswer::Acquired {
            sent: None,
            failed: None,
        });
        self
    }
}

// a store without leases does not keep anybody from a token.
#[test]
fn without_a_store_that_gives_leases_the_flight_goes_on_alone_and_releases_nothing() {
    let mut ride = Given::nothing(Goal::Renew).flies();
    ride.next(Input::Start);
    assert!(matches!(ride.lease(LeaseAnswer::Unavailable), Step::Load));
    assert!(matches!(ride.next(Input::Loaded(None)), Step::Login { .. }));
    assert!(matches!(
        ride.logs_in(Ok(assumed("new"))),
        Step::Commit { .. }
    ));
    let verdict = done(ride.commits(CommitAnswer::Failed));
    assert!(
        matches!(&verdict, Verdict::Minted { saved: false, .. }),
        "{verdict:?}"
    );
    assert_eq!(minted_text(&verdict), "new");
}

// A-28, W-A19: 64 processes do not each try a wrong password.
#[test]
fn a_failure_that_somebody_else_noted_is_shared_instead_of_repeated() {
    let mut ride = Given::old(Goal::Renew).flies();
    ride.next(Input::Start);
    ride.lease(LeaseAnswer::Held { failed: NOTE });
    let verdict = done(ride.loads(None, 5));
    assert_eq!(failed(&verdict).class(), ErrorClass::Transient);

    let mut ride = Given::old(Goal::Renew).flies();
    ride.next(Input::Start);
    ride.lease(LeaseAnswer::Acquired {
        sent: None,
        failed: NOTE,
    });
    let step = ride.loads(None, 5);
    let verdict = ride.lands(step);
    assert_eq!(failed(&verdict).class(), ErrorClass::Transient);
}

// whoever shares a failure hears of its kind.
#[test]
fn a_shared_failure_keeps_its_class() {
    let wait = secs(30);
    let limit = ErrorClass::Throttled(secs(90));
    for (class, heard) in [
        (limit, ErrorClass::Throttled(wait)),
        (ErrorClass::Refused, ErrorClass::Refused),
        (ErrorClass::Transient, ErrorClass::Transient),
    ] {
        let mut ride = Given::nothing(Goal::Renew).flies();
        ride.next(Input::Start);
        let failed_there = Some(FailedElsewhere { class, wait });
        ride.lease(LeaseAnswer::Held {
            failed: failed_there,
        });
        let verdict = done(ride.loads(None, 5));
        assert_eq!(failed(&verdict).class(), heard);
    }
}

// a process that starts during an outage lives on the token that is there.
#[test]
fn a_noted_failure_does_not_hide_the_token_that_is_stored() {
    let acquired = LeaseAnswer::Acquired {
        sent: None,
        failed: NOTE,
    };
    for answer in [acquired, LeaseAnswer::Held { failed: NOTE }] {
        let mut ride = Given::nothing(Goal::Renew).flies();
        ride.next(Input::Start);
        ride.lease(answer);
        let step = ride.loads(Some(record("peer", Duration::ZERO)), 6);
        let verdict = match answer {
            LeaseAnswer::Acquired { .. } => ride.lands(step),
            _ => done(step),
        };
        assert_eq!(adopted_text(&verdict), "peer");
    }
}

//
#[test]
fn a_forced_flight_tries_although_somebody_else_noted_a_failure() {
    for goal in [Goal::Refresh, Goal::Login] {
        let mut ride = Given::old(goal).flies();
        ride.next(Input::Start);
        let step = ride.lease(LeaseAnswer::Acquired {
            sent: None,
            failed: NOTE,
        });
        assert!(matches!(step, Step::Load), "{step:?}");
        let step = ride.loads(None, 5);
        assert!(matches!(step, Step::Refresh { .. } | Step::Login { .. }));
    }
}

#[test]
fn the_class_of_a_failure_is_noted_when_the_lease_is_given_back() {
    let mut ride = Given::nothing(Goal::Renew).flies().leased();
    ride.loads(None, 0);
    let step = ride.logs_in(Err(failure(ErrorClass::Refused)));
    let noted = |step: &Step| match step {
        Step::Release { failure, .. } => *failure,
        other => panic!("the lease is kept: {other:?}"),
    };
    assert_eq!(noted(&step), Some(ErrorClass::Refused));

    let mut ride = Given::nothing(Goal::Renew).flies().leased();
    let step = ride.loads(Some(record("peer", HOUR)), 6);
    assert_eq!(noted(&step), None);
}

#[test]
fn answers_that_nobody_asked_for_end_the_flight_with_an_error() {
    let stored_as = CommitAnswer::Stored { generation: 6 };
    let inputs = [Input::Committed(stored_as), Input::Released];
    for input in inputs {
        let mut ride = Given::nothing(Goal::Renew).flies();
        let verdict = done(ride.next(input));
        assert!(failed(&verdict).is_transient());
    }
}
