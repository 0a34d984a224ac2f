//! The commit: what happens when the store has moved meanwhile.

use super::*;

/// Has logged in for "new" and is about to commit it against generation 5.
fn about_to_commit(goal: Goal) -> Ride {
    let mut ride = Given::nothing(goal).flies().leased();
    ride.loads(None, 5);
    let step = ride.logs_in(Ok(assumed("new")));
    assert!(matches!(step, Step::Commit { expected: 5, .. }), "{step:?}");
    ride
}

#[test]
fn what_is_stored_is_minted_with_its_generation() {
    let mut ride = about_to_commit(Goal::Renew);
    let step = ride.commits(CommitAnswer::Stored { generation: 6 });
    let verdict = ride.lands(step);
    assert_eq!(minted_text(&verdict), "new");
    let saved = matches!(
        verdict,
        Verdict::Minted {
            generation: 6,
            saved: true,
            ..
        }
    );
    assert!(saved, "{verdict:?}");
}

//
#[test]
fn a_store_that_fails_does_not_fail_the_flight() {
    let mut ride = about_to_commit(Goal::Renew);
    let step = ride.commits(CommitAnswer::Failed);
    let verdict = ride.lands(step);
    let unsaved = matches!(
        verdict,
        Verdict::Minted {
            generation: 5,
            saved: false,
            ..
        }
    );
    assert!(unsaved, "{verdict:?}");
}

#[test]
fn of_two_tokens_that_meet_in_the_store_the_one_that_lives_longer_wins() {
    let longer =
        TokenData::with_lifetime(token("peer"), record("x", secs(0)).obtained_at(), DAY * 2);
    let mut ride = about_to_commit(Goal::Renew);
    let step = ride.commits(CommitAnswer::Conflict(stored(Some(longer), 6)));
    assert_eq!(adopted_text(&ride.lands(step)), "peer");

    let mut ride = about_to_commit(Goal::Renew);
    let shorter = stored(Some(record("peer", secs(60))), 6);
    let step = ride.commits(CommitAnswer::Conflict(shorter));
    assert!(matches!(step, Step::Commit { expected: 6, .. }), "{step:?}");
}

// W-A20: somebody logged out while we logged in.
#[test]
fn a_store_that_was_cleared_meanwhile_supersedes_the_new_token() {
    for goal in [Goal::Renew, Goal::Refresh, Goal::Login] {
        let mut ride = about_to_commit(goal);
        let step = ride.commits(CommitAnswer::Conflict(stored(None, 6)));
        let verdict = ride.lands(step);
        assert!(matches!(verdict, Verdict::Superseded { .. }), "{verdict:?}");
    }
}

// the generation may be old news when the store could not be read before.
#[test]
fn an_empty_store_that_was_unreadable_before_was_not_cleared_meanwhile() {
    let mut ride = Given::nothing(Goal::Renew).flies().leased();
    ride.next(Input::Loaded(None));
    ride.logs_in(Ok(assumed("new")));
    let step = ride.commits(CommitAnswer::Conflict(stored(None, 9)));
    assert!(matches!(step, Step::Commit { expected: 9, .. }), "{step:?}");
    let step = ride.commits(CommitAnswer::Conflict(stored(None, 10)));
    let verdict = ride.lands(step);
    assert!(matches!(verdict, Verdict::Superseded { .. }), "{verdict:?}");
}

#[test]
fn a_store_that_always_moves_leaves_the_token_unsaved_after_four_tries() {
    let mut ride = about_to_commit(Goal::Renew);
    let moved = |generation| {
        let data = Some(record("peer", HOUR));
        CommitAnswer::Conflict(stored(data, generation))
    };
    for generation in 6..9 {
        let step = ride.commits(moved(generation));
        let again = matches!(step, Step::Commit { expected, .. } if expected == generation);
        assert!(again, "{step:?}");
    }
    let step = ride.commits(moved(9));
    let verdict = ride.lands(step);
    let unsaved = matches!(
        verdict,
        Verdict::Minted {
            generation: 9,
            saved: false,
            ..
        }
    );
    assert!(unsaved, "{verdict:?}");
}

// the store was down at the clear and at the load, and is back for the commit.
#[test]
fn a_cleared_token_that_nobody_could_remove_does_not_come_back_by_a_conflict() {
    use crate::lifecycle::{Event, Lifecycle};
    let clock = ManualClock::default();
    let now = clock.now();
    let mut life = Lifecycle::new(RefreshPolicy::default());
    let store_emptied = false;
    life.step(Event::Clear { store_emptied }, &now);
    let plan = life.step(Event::Force(Goal::Renew), &now).start.unwrap();
    let settings = FlightSettings::new(Renewal::AccessToken, RefreshPolicy::default());
    let flight = Flight::new(&plan, settings, &now);
    let mut ride = Ride { flight, clock }.leased();
    ride.next(Input::Loaded(None));
    ride.logs_in(Ok(assumed("new")));
    let cleared = TokenData::with_lifetime(token("cleared"), now.wall, DAY * 2);
    let step = ride.commits(CommitAnswer::Conflict(stored(Some(cleared), 9)));
    assert!(matches!(step, Step::Commit { expected: 9, .. }), "{step:?}");
}
