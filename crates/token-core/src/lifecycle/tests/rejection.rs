//! The 401 protocol: a rejection names the token that was sent by its epoch.

use super::*;

/// Holds "a", which was minted long enough ago for a rejection of it to mean something.
fn settled_life() -> Life {
    let life = Life::minted("a");
    life.advance(secs(10));
    life
}

// Pitfall 16.
// W-C09, X-15
#[test]
fn a_rejected_older_token_is_answered_with_the_newer_one_and_no_flight() {
    let mut life = Life::minted("a");
    let old = life.epoch();
    life.advance(STALE);
    let id = life.get().started();
    life.mints(id, "b");
    let effects = life.reject(old, true);
    assert_eq!(effects.served(), "b");
    assert!(effects.start.is_none(), "{effects:?}");
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
    assert_eq!(life.get().served(), "b");
}

// X-15, W-C09: any number of rejections of one token start one flight.
#[test]
fn a_rejected_current_token_is_withdrawn_and_one_flight_replaces_it() {
    let mut life = settled_life();
    let epoch = life.epoch();
    let effects = life.reject(epoch, false);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    let plan = effects.start.clone().unwrap();
    assert!(plan.basis.as_ref().unwrap().rejected);
    assert_eq!(effects.waits(), (plan.id, false));
    for _ in 0..3 {
        let effects = life.reject(epoch, false);
        assert_eq!(effects.waits(), (plan.id, false));
        assert!(effects.start.is_none(), "{effects:?}");
    }
    assert_eq!(
        life.get().waits(),
        (plan.id, false),
        "it is not served again"
    );
    assert_eq!(life.mints(plan.id, "b").settled_with(), "b");
    assert_eq!(life.reject(epoch, true).served(), "b");
}

#[test]
fn a_token_that_was_just_minted_and_never_accepted_is_surfaced_without_a_login() {
    let mut life = Life::minted("a");
    life.advance(secs(10) - Duration::from_nanos(1));
    let effects = life.reject(life.epoch(), false);
    assert!(!effects.failed().is_transient(), "{effects:?}");
    assert!(effects.start.is_none(), "{effects:?}");
    assert!(life.machine.flight().is_none());
    life.advance(Duration::from_nanos(1));
    life.reject(life.epoch(), false).started();
}

#[test]
fn a_token_that_was_just_minted_but_accepted_once_is_renewed() {
    let mut life = Life::minted("a");
    let effects = life.reject(life.epoch(), true);
    assert!(matches!(effects.publish, Publish::Withdraw), "{effects:?}");
    effects.started();
}

// W-A19: one endpoint accepts whatever the authority hands out, and another rejects it all.
#[test]
fn a_service_that_accepts_and_rejects_every_new_token_does_not_cause_a_login_for_each() {
    let mut life = settled_life();
    let mut logins = 0;
    for _ in 0..100 {
        let effects = life.reject(life.epoch(), true);
        if let Some(plan) = effects.start {
            logins += 1;
            life.mints(plan.id, &format!("token-{logins}"));
        } else {
            assert!(!effects.failed().is_transient(), "{effects:?}");
        }
        life.advance(Duration::from_millis(100));
    }
    assert_eq!(logins, 2, "once for the old one, once for a young one");
    life.advance(secs(10));
    life.reject(life.epoch(), true).started();
}

// W-A20: whoever clears has acted, and starts anew.
#[test]
fn after_a_clear_a_young_token_that_was_accepted_may_be_renewed_again() {
    let mut life = Life::minted("a");
    let id = life.reject(life.epoch(), true).started();
    life.mints(id, "b");
    life.step(CLEAR);
    let id = life.get().started();
    life.mints(id, "c");
    life.reject(life.epoch(), true).started();
}

#[test]
fn an_adopted_token_that_is_rejected_at_once_is_renewed() {
    let mut life = Life::loaded("a", secs(60));
    let effects = life.reject(life.epoch(), false);
    assert!(effects.start.unwrap().basis.unwrap().rejected);
}

// W-C09: the flight was planned before anybody knew of the rejection.
#[test]
fn a_flight_planned_before_the_rejection_does_not_bring_the_rejected_text_back() {
    let verdicts = |now: &Now| {
        let renewed = minted("a", DAY, now);
        let data = renewed.data.clone();
        [
            Verdict::Minted {
                minted: renewed,
                generation: 2,
                saved: true,
                source: Source::Obtained,
            },
            Verdict::Adopted {
                data,
                generation: 2,
            },
        ]
    };
    for index in 0..2 {
        let mut life = Life::minted("a");
        life.advance(STALE);
        let id = life.get().started();
        assert_eq!(life.reject(life.epoch(), true).waits(), (id, false));
        let verdict = verdicts(&life.now())[index].clone();
        let effects = life.ends(id, verdict, 0.0);
        assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
        assert_eq!(effects.settled_with(), "again");
        let plan = life.get().start.unwrap();
        assert!(plan.basis.unwrap().rejected, "the next flight knows");
    }
}

#[test]
fn a_rejection_without_a_usable_newer_token_waits_for_a_flight() {
    let mut life = Life::minted("a");
    let old = life.epoch();
    life.advance(STALE);
    let id = life.get().started();
    life.mints(id, "b");
    life.advance(DEAD);
    let effects = life.reject(old, true);
    let plan = effects.start.clone().unwrap();
    assert_eq!(effects.waits(), (plan.id, false));
    assert!(!plan.basis.unwrap().rejected, "b itself was not rejected");

    let mut life = Life::empty();
    life.reject(Epoch::ZERO, true).started();
}

// W-A19: rejections during an outage are answered, each without a try of its own.
#[test]
fn a_rejection_while_flights_are_spaced_is_answered_with_the_known_error() {
    let mut life = settled_life();
    let epoch = life.epoch();
    let id = life.reject(epoch, true).started();
    life.fails(id, throttled(secs(30)));
    let effects = life.reject(epoch, true);
    assert_eq!(effects.failed().retry_after(), Some(secs(30)));
    assert!(effects.start.is_none(), "{effects:?}");
}

// whoever forces a refresh of a rejected token gets a flight that knows of the rejection.
#[test]
fn a_forced_refresh_of_a_rejected_token_knows_of_the_rejection() {
    let mut life = settled_life();
    let id = life.reject(life.epoch(), true).started();
    life.fails(id, error(ErrorClass::Transient));
    let plan = life.step(Event::Force(Goal::Refresh)).start.unwrap();
    assert!(plan.basis.unwrap().rejected);
}
