//! Clear, close, and flights that are lost or superseded.

use super::*;

//
#[test]
fn after_a_clear_there_is_no_token_and_the_next_caller_starts_a_flight() {
    let mut life = Life::minted("a");
    let effects = life.step(CLEAR);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    assert!(life.machine.held().is_none());
    assert!(life.get().start.unwrap().basis.is_none());
    Life::empty().step(CLEAR);
}

// W-A20
#[test]
fn a_flight_that_was_under_way_at_a_clear_never_brings_the_token_back() {
    for same in ["a", "b"] {
        let mut life = Life::minted("a");
        life.advance(STALE);
        let id = life.get().started();
        life.step(CLEAR);
        let effects = life.mints(id, same);
        assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
        assert_eq!(effects.settled_with(), same, "its own waiters get it");
        assert!(life.machine.held().is_none());
    }
}

// W-A20: they must not be handed the token of the account that was logged out.
#[test]
fn who_asks_after_a_clear_asks_again_when_the_old_flight_has_ended() {
    let mut life = Life::empty();
    let id = life.get().started();
    life.step(CLEAR);
    assert_eq!(life.get().waits(), (id, true));
    assert_eq!(life.step(Event::Force(Goal::Login)).waits(), (id, true));
    life.mints(id, "a");
    let effects = life.get();
    let next = effects.started();
    assert_ne!(next, id);
    assert_eq!(effects.waits(), (next, false));
    assert_eq!(life.mints(next, "b").published().as_deref(), Some("b"));
}

#[test]
fn the_failure_of_an_abandoned_flight_blocks_nobody() {
    let mut life = Life::empty();
    let id = life.get().started();
    life.step(CLEAR);
    let effects = life.fails(id, error(ErrorClass::Terminal));
    assert!(effects.settled_with().starts_with("error"), "{effects:?}");
    assert!(life.machine.last_error().is_none());
    life.get().started();
}

#[test]
fn a_token_that_was_never_published_has_no_number_that_a_published_one_could_get() {
    let mut life = Life::minted("a");
    let id = life.step(Event::Force(Goal::Login)).started();
    life.step(CLEAR);
    let effects = life.mints(id, "b");
    let Some(Some(Ok(unpublished))) = effects.settled.map(|settled| settled.result) else {
        panic!("nobody was told");
    };
    let id = life.get().started();
    life.mints(id, "c");
    let effects = life.reject(unpublished.epoch, true);
    assert_eq!(effects.served(), "c", "a rejected b says nothing about c");
}

// W-A20
#[test]
fn a_superseded_token_goes_to_its_own_waiters_only() {
    let mut life = Life::empty();
    let id = life.get().started();
    let minted = minted("a", DAY, &life.now());
    let effects = life.ends(id, superseded(minted), 0.0);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    assert_eq!(effects.settled_with(), "a");
    assert!(life.machine.held().is_none());
    life.get().started();
}

// W-A20: the logout of another process ends the service of the token that it was for.
#[test]
fn a_flight_that_finds_the_store_cleared_withdraws_the_held_token() {
    let mut life = Life::minted("a");
    let id = life.step(Event::Force(Goal::Login)).started();
    let minted = minted("b", DAY, &life.now());
    let effects = life.ends(id, superseded(minted), 0.0);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    let Some(Some(Ok(unpublished))) = effects.settled.map(|settled| settled.result) else {
        panic!("nobody was told");
    };
    assert!(life.machine.held().is_none());
    let id = life.get().started();
    life.mints(id, "c");
    assert_eq!(life.reject(unpublished.epoch, true).served(), "c");
}

// what could not be removed from the store is not taken over again.
#[test]
fn after_a_clear_that_did_not_reach_the_store_its_record_counts_as_absent() {
    let mut life = Life::minted("a");
    let store_emptied = false;
    life.step(Event::Clear { store_emptied });
    let effects = life.observes("a", 7);
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
    let plan = life.get().start.expect("a flight");
    assert!(plan.discard);
    life.mints(plan.id, "b");
    let plan = life
        .step(Event::Force(Goal::Renew))
        .start
        .expect("a flight");
    assert!(!plan.discard, "the store has b now");
}

#[test]
fn a_clear_that_reached_the_store_later_makes_its_records_count_again() {
    let mut life = Life::minted("a");
    for store_emptied in [false, true] {
        life.step(Event::Clear { store_emptied });
    }
    let effects = life.observes("b", 8);
    assert!(
        matches!(effects.publish, Publish::Replace(_)),
        "{effects:?}"
    );
}

#[test]
fn a_superseded_token_that_arrives_dead_withdraws_the_held_one_too() {
    let mut life = Life::minted("a");
    let id = life.step(Event::Force(Goal::Login)).started();
    let minted = minted("b", secs(10), &life.now());
    life.advance(secs(10));
    let effects = life.ends(id, superseded(minted), 0.0);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    assert!(effects.settled_with().starts_with("error"), "{effects:?}");
    assert!(life.machine.held().is_none());
}

// C-30: the newer of two, and none that was cleared.
#[test]
fn what_the_last_flight_brought_and_no_store_took_is_handed_over_too() {
    for cleared in [false, true] {
        let mut life = Life::minted("a");
        let id = life.step(Event::Force(Goal::Login)).started();
        if cleared {
            life.step(CLEAR);
        }
        assert!(life.step(Event::Close).unsaved.is_none());
        let minted = minted("b", DAY, &life.now());
        let verdict = Verdict::Minted {
            minted,
            generation: 3,
            saved: false,
            source: Source::Refreshed,
        };
        life.ends(id, verdict, 0.0);
        let handed = life.step(Event::Close).unsaved;
        let text = handed.map(|unsaved| unsaved.data.token().expose_secret().to_owned());
        assert_eq!(text.as_deref(), (!cleared).then_some("b"));
        life.step(Event::Flushed);
        assert!(life.step(Event::Close).unsaved.is_none());
    }
}

// C-30: what no store has is handed over when all ends.
#[test]
fn a_close_hands_the_unsaved_token_over() {
    let unsaved = |saved| {
        let mut life = Life::empty();
        let id = life.get().started();
        let minted = minted("a", DAY, &life.now());
        let verdict = Verdict::Minted {
            minted,
            generation: 3,
            saved,
            source: Source::Obtained,
        };
        life.ends(id, verdict, 0.0);
        life.step(Event::Close).unsaved
    };
    assert!(unsaved(true).is_none());
    let handed = unsaved(false).expect("it is in no store");
    assert_eq!(
        (handed.data.token().expose_secret(), handed.generation),
        ("a", 3)
    );
}

#[test]
fn a_lost_flight_wakes_its_waiters_and_the_next_of_them_starts_anew() {
    let mut life = Life::empty();
    let id = life.get().started();
    assert_eq!(life.step(Event::FlightLost(id)).settled_with(), "again");
    assert!(life.machine.flight().is_none());
    let next = life.get().started();
    assert_ne!(next, id);
}

#[test]
fn the_late_end_of_an_earlier_flight_changes_nothing() {
    let mut life = Life::empty();
    let lost = life.get().started();
    life.step(Event::FlightLost(lost));
    let id = life.get().started();
    for effects in [
        life.mints(lost, "x"),
        life.fails(lost, error(ErrorClass::Terminal)),
        life.step(Event::FlightLost(lost)),
    ] {
        assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
        assert!(effects.settled.is_none(), "{effects:?}");
    }
    assert_eq!(life.get().waits(), (id, false));
}

#[test]
fn after_a_close_nothing_is_served_and_nothing_starts() {
    let mut life = Life::minted("a");
    let epoch = life.epoch();
    let effects = life.step(Event::Close);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    life.step(CLEAR);
    life.step(Event::CredentialsChanged);
    for effects in [
        life.get(),
        life.get_outside_a_runtime(),
        life.step(Event::Force(Goal::Login)),
        life.reject(epoch, true),
    ] {
        assert!(matches!(effects.failed(), TokenError::Closed));
        assert!(effects.start.is_none(), "{effects:?}");
    }
    assert!(life.machine.held().is_none());
}

#[test]
fn a_flight_that_ends_after_a_close_serves_those_who_came_before_it() {
    let mut life = Life::empty();
    let id = life.get().started();
    life.step(Event::Close);
    assert!(life.machine.flight().is_some());
    let effects = life.mints(id, "a");
    assert_eq!(effects.settled_with(), "a");
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
    assert!(life.machine.flight().is_none());
    assert!(matches!(life.get().failed(), TokenError::Closed));
}
