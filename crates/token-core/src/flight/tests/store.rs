//! What is adopted from the store, and what a refresh starts from.

use super::*;

// what a clear could not remove is neither taken over nor refreshed.
#[test]
fn a_record_that_was_cleared_but_could_not_be_removed_counts_as_absent() {
    use crate::lifecycle::{Event, Lifecycle};
    let clock = ManualClock::default();
    let mut life = Lifecycle::new(RefreshPolicy::default());
    let store_emptied = false;
    life.step(Event::Clear { store_emptied }, &clock.now());
    let plan = life
        .step(Event::Force(Goal::Renew), &clock.now())
        .start
        .unwrap();
    let settings = FlightSettings::new(Renewal::AccessToken, RefreshPolicy::default());
    let flight = Flight::new(&plan, settings, &clock.now());
    let mut ride = Ride { flight, clock }.leased();
    let step = ride.loads(Some(record("cleared", HOUR)), 5);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Ok(assumed("new")));
    assert!(matches!(step, Step::Commit { expected: 5, .. }), "{step:?}");
}

/// Loads this record under this generation into a flight that holds "old".
fn loads(given: Given, data: TokenData, generation: u64) -> (Ride, Step) {
    let mut ride = given.flies().leased();
    let step = ride.loads(Some(data), generation);
    (ride, step)
}

// somebody else was faster.
#[test]
fn a_newer_usable_token_from_the_store_is_adopted_without_the_network() {
    let newer = record("peer", secs(60));
    let (mut ride, step) = loads(Given::old(Goal::Renew), newer, 6);
    let verdict = ride.lands(step);
    assert_eq!(adopted_text(&verdict), "peer");
    assert!(matches!(verdict, Verdict::Adopted { generation: 6, .. }));
}

// the first flight of a process reads what an earlier one left.
#[test]
fn a_process_that_holds_nothing_adopts_what_is_usable() {
    let border = DAY - secs(5);
    let almost_dead = record("peer", border - Duration::from_nanos(1));
    let (mut ride, step) = loads(Given::nothing(Goal::Renew), almost_dead, 1);
    assert_eq!(adopted_text(&ride.lands(step)), "peer");
    let (_, step) = loads(Given::nothing(Goal::Renew), record("peer", border), 1);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
}

#[test]
fn a_token_that_is_not_newer_is_not_adopted() {
    for data in [record("old", HOUR), record("older", HOUR * 2)] {
        let (_, step) = loads(Given::old(Goal::Renew), data, 5);
        let Step::Refresh { token, .. } = step else {
            panic!("{step:?}");
        };
        assert_eq!(token.token().expose_secret(), "old");
    }
}

// "old" was stored under generation 5; the store was cleared by another process since.
#[test]
fn a_token_that_another_process_cleared_is_not_refreshed() {
    let mut ride = Given::old(Goal::Renew).flies().leased();
    let step = ride.loads(None, 6);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let mut ride = Given::old(Goal::Renew).flies().leased();
    let step = ride.loads(None, 5);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
}

//
#[test]
fn a_login_on_demand_never_adopts() {
    let newer = record("peer", secs(60));
    let (mut ride, step) = loads(Given::old(Goal::Login), newer, 6);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    ride.logs_in(Ok(assumed("new")));
    let peer = stored(Some(record("peer", Duration::ZERO)), 7);
    let step = ride.commits(CommitAnswer::Conflict(peer));
    assert!(matches!(step, Step::Commit { expected: 7, .. }), "{step:?}");
}

// a refresh on demand renews what is newest, and is content with what the holder of
// the lease made while we waited for it.
#[test]
fn a_refresh_on_demand_adopts_only_what_was_made_while_it_waited() {
    let newer = record("peer", secs(60));
    for given in [Given::old(Goal::Refresh), Given::nothing(Goal::Refresh)] {
        let (_, step) = loads(given, newer.clone(), 6);
        let Step::Refresh { token, .. } = step else {
            panic!("{step:?}");
        };
        assert_eq!(token.token().expose_secret(), "peer");
    }

    for given in [Given::old(Goal::Refresh), Given::nothing(Goal::Refresh)] {
        let mut ride = given.flies();
        ride.next(Input::Start);
        ride.held_elsewhere();
        let step = ride.loads(Some(newer.clone()), 6);
        assert!(matches!(step, Step::Wait { .. }), "{step:?}");
        ride.woken();
        let step = ride.loads(Some(newer.clone()), 6);
        assert!(matches!(step, Step::Wait { .. }), "{step:?}");
        ride.woken();
        let verdict = done(ride.loads(Some(record("newest", secs(1))), 7));
        assert_eq!(adopted_text(&verdict), "newest");
    }
}

// nor where the holder ends without a new one.
#[test]
fn a_refresh_on_demand_renews_what_is_stored_when_the_holder_made_nothing() {
    let mut ride = Given::nothing(Goal::Refresh).flies();
    ride.next(Input::Start);
    ride.held_elsewhere();
    let peer = record("peer", secs(60));
    ride.loads(Some(peer.clone()), 6);
    ride.waits();
    ride.lease(LeaseAnswer::Acquired {
        sent: None,
        failed: None,
    });
    let Step::Refresh { token, .. } = ride.loads(Some(peer), 6) else {
        panic!("no refresh");
    };
    assert_eq!(token.token().expose_secret(), "peer");
}

//
#[test]
fn an_expired_record_in_the_store_leads_to_a_login() {
    let (_, step) = loads(Given::nothing(Goal::Renew), record("peer", DAY), 1);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");

    let given = Given {
        policy: RefreshPolicy::cidx(),
        ..Given::nothing(Goal::Renew)
    };
    let (_, step) = loads(given, record("peer", DAY + secs(29)), 1);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
}

// without a readable store the flight works from memory.
#[test]
fn an_unreadable_store_does_not_stop_a_renewal() {
    let mut ride = Given::old(Goal::Renew).flies().leased();
    let step = ride.next(Input::Loaded(None));
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
    let step = ride.refreshes(Ok(assumed("new")));
    assert!(matches!(step, Step::Commit { expected: 5, .. }), "{step:?}");
}

// a record from the future would be dead on arrival by a policy without a window, at
// each flight anew.
#[test]
fn a_record_from_the_future_is_taken_over_only_if_it_would_be_served() {
    for (window, adopted) in [(secs(300), true), (Duration::ZERO, false)] {
        let mut given = Given::nothing(Goal::Renew);
        given.policy = RefreshPolicy::with_window(window);
        let mut ride = given.flies().leased();
        let ahead = ride.now().wall + HOUR;
        let data = TokenData::with_lifetime(token("ahead"), ahead, DAY);
        let step = ride.loads(Some(data), 5);
        assert_eq!(matches!(step, Step::Release { .. }), adopted, "{step:?}");
    }
}
