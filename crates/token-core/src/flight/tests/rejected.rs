//! A token that the service rejected does not come back by any way.

use super::*;

fn rejected() -> Given {
    Given::old(Goal::Renew).rejected()
}

// a rejected AMP token cannot renew itself.
#[test]
fn a_rejected_token_does_not_refresh_itself() {
    let mut ride = rejected().flies().leased();
    let step = ride.loads(Some(record("old", HOUR)), 5);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Ok(assumed("new")));
    assert!(matches!(step, Step::Commit { .. }), "{step:?}");
}

fn with_refresh_token() -> Given {
    let refresh = RefreshToken::new("refresh").unwrap();
    let basis = record("old", HOUR).with_refresh_token(Some(refresh));
    Given {
        basis: Some(basis),
        ..rejected().renewed_by(Renewal::RefreshToken)
    }
}

#[test]
fn a_refresh_token_outlives_the_rejection_of_its_access_token() {
    let mut ride = with_refresh_token().flies().leased();
    let step = ride.loads(None, 5);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
    let step = ride.refreshes(Ok(assumed("old")));
    assert!(
        matches!(step, Step::Login { .. }),
        "the same text: {step:?}"
    );
    let step = ride.logs_in(Ok(assumed("old")));
    assert!(failed(&ride.lands(step)).is_transient());
}

// C-46, C-48: another text is progress, although its stated end is not later.
#[test]
fn after_a_rejection_a_refresh_to_another_text_is_enough() {
    let mut ride = with_refresh_token().flies().leased();
    ride.loads(None, 5);
    let step = ride.refreshes(Ok(stated("new", secs(60))));
    assert!(matches!(step, Step::Commit { .. }), "{step:?}");
}

// W-C09, X-15: another process has renewed it already.
#[test]
fn after_a_rejection_what_somebody_else_stored_since_is_adopted() {
    for age in [secs(60), HOUR * 2] {
        let mut ride = rejected().flies().leased();
        let step = ride.loads(Some(record("peer", age)), 6);
        assert_eq!(adopted_text(&ride.lands(step)), "peer");
    }
}

#[test]
fn the_rejected_text_is_not_adopted_however_long_it_claims_to_live() {
    let mut ride = rejected().flies().leased();
    let step = ride.loads(Some(record("old", Duration::ZERO)), 6);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
}

// the rejected token could not be saved, so the store still has the one before it.
#[test]
fn what_was_in_the_store_before_the_rejected_token_is_not_adopted() {
    let mut ride = rejected().flies().leased();
    let step = ride.loads(Some(record("older", HOUR * 2)), 5);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
}

#[test]
fn the_rejected_text_is_not_adopted_when_it_wins_a_commit() {
    let mut ride = rejected().flies().leased();
    ride.loads(None, 5);
    ride.logs_in(Ok(assumed("new")));
    let obtained_at = ride.now().wall;
    let longer = TokenData::with_lifetime(token("old"), obtained_at, DAY * 2);
    let step = ride.commits(CommitAnswer::Conflict(stored(Some(longer), 6)));
    assert!(matches!(step, Step::Commit { expected: 6, .. }), "{step:?}");
}

#[test]
fn a_look_at_the_store_does_not_forget_which_text_was_rejected() {
    let mut ride = rejected().flies().leased();
    let expired = record("peer", DAY);
    let step = ride.loads(Some(expired), 6);
    assert!(matches!(step, Step::Login { .. }), "{step:?}");
    let step = ride.logs_in(Ok(assumed("old")));
    assert!(failed(&ride.lands(step)).is_transient());
}
