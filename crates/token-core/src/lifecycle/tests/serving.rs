//! Who is served, who waits, and what a flight is planned for.

use super::*;

// A-23, W-S09
#[test]
fn a_fresh_token_is_served_without_a_flight() {
    let mut life = Life::minted("a");
    life.advance(STALE - Duration::from_nanos(1));
    let effects = life.get();
    assert_eq!(effects.served(), "a");
    assert!(effects.start.is_none(), "{effects:?}");
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
}

//
#[test]
fn without_a_token_the_first_caller_starts_a_flight_and_waits_for_it() {
    let mut life = Life::empty();
    let effects = life.get();
    let plan = effects.start.clone().unwrap();
    assert_eq!(effects.waits(), (plan.id, false));
    assert_eq!(plan.goal, Goal::Renew);
    assert!(plan.basis.is_none(), "{plan:?}");
    assert_eq!(plan.generation, 0);
}

// the border is inclusive.
#[test]
fn a_stale_token_is_served_while_exactly_one_flight_renews_it() {
    let mut life = Life::minted("a");
    life.advance(STALE);
    let effects = life.get();
    assert_eq!(effects.served(), "a");
    let plan = effects.start.unwrap();
    let basis = plan.basis.unwrap();
    assert_eq!(basis.data.token(), &token("a"));
    assert!(!basis.rejected);
    assert!(life.now().boot < basis.refreshable_until);
    assert_eq!(plan.generation, 1);
    for _ in 0..3 {
        let effects = life.get();
        assert_eq!(effects.served(), "a");
        assert!(effects.start.is_none(), "{effects:?}");
    }
}

// A-26, W-C06: the end itself is past the last moment of a refresh.
#[test]
fn an_expired_token_is_not_served_and_cannot_refresh_itself() {
    let mut life = Life::minted("a");
    life.advance(DEAD);
    let effects = life.get();
    let plan = effects.start.clone().unwrap();
    assert_eq!(effects.waits(), (plan.id, false));
    assert!(life.now().boot < plan.basis.unwrap().refreshable_until);

    let mut life = Life::minted("a");
    life.advance(DAY);
    let basis = life.get().start.unwrap().basis.unwrap();
    assert!(life.now().boot >= basis.refreshable_until, "{basis:?}");
}

// W-A18: whoever comes while a flight is under way shares it, forced or not.
#[test]
fn everybody_shares_the_flight_that_is_under_way() {
    let mut life = Life::empty();
    let id = life.get().started();
    let rejected = Event::Reject {
        epoch: Epoch::ZERO,
        accepted: true,
    };
    let asks = [
        Event::Force(Goal::Login),
        Event::Force(Goal::Refresh),
        Event::Force(Goal::Renew),
        rejected,
    ];
    for event in asks {
        let effects = life.step(event);
        assert_eq!(effects.waits(), (id, false));
        assert!(effects.start.is_none(), "{effects:?}");
    }
    assert_eq!(life.get().waits(), (id, false));
    assert_eq!(life.mints(id, "a").settled_with(), "a");
    assert_eq!(life.get().served(), "a");
}

//
#[test]
fn a_forced_flight_starts_whatever_the_age_and_carries_its_goal() {
    for goal in [Goal::Refresh, Goal::Login, Goal::Renew] {
        let mut life = Life::minted("a");
        let plan = life.step(Event::Force(goal)).start.unwrap();
        assert_eq!(plan.goal, goal);
        assert_eq!(plan.basis.unwrap().data.token(), &token("a"));
        assert_eq!(life.get().served(), "a", "nobody else waits for it");

        let plan = Life::empty().step(Event::Force(goal)).start.unwrap();
        assert!(plan.basis.is_none(), "{plan:?}");
    }
}

//
#[test]
fn looking_at_what_is_held_changes_nothing() {
    let life = Life::empty();
    assert!(life.machine.held().is_none());
    assert!(life.machine.flight().is_none());
    let life = Life::minted("a");
    life.advance(DAY);
    assert_eq!(text(&life.machine.held().unwrap()), "a");
    assert!(life.machine.flight().is_none());
}

// one value carries the text, its times and its number.
#[test]
fn a_publish_replaces_text_times_and_number_together() {
    let mut life = Life::minted("a");
    let old = life.machine.held().unwrap();
    life.advance(STALE);
    let id = life.get().started();
    let asked = life.now();
    life.advance(secs(2));
    let effects = life.ends_minted(id, minted("b", DAY, &asked));
    let Publish::Replace(live) = effects.publish else {
        panic!("nothing published: {effects:?}");
    };
    assert_eq!(text(&live), "b");
    assert_eq!(live.epoch.number(), old.epoch.number() + 1);
    assert_eq!(live.data.obtained_at(), asked.wall);
    assert_eq!(live.refresh_at, asked.boot.saturating_add(STALE));
    assert_eq!(live.dead_at, asked.boot.saturating_add(DEAD));
}

#[test]
fn the_same_text_again_is_a_renewal_with_a_number_of_its_own() {
    let mut life = Life::minted("a");
    life.advance(STALE);
    let id = life.get().started();
    assert_eq!(life.mints(id, "a").published().as_deref(), Some("a"));
    assert_eq!(life.epoch().number(), 2);
    life.advance(secs(600));
    assert!(life.get().start.is_none());
}

#[test]
fn a_demand_on_validity_waits_for_a_flight_while_others_are_served() {
    let mut life = Life::minted("a");
    life.advance(secs(86_000));
    assert_eq!(life.get_for(secs(394)).served(), "a");
    let effects = life.get_for(secs(395));
    let id = effects.started();
    assert_eq!(effects.waits(), (id, false));
    assert_eq!(life.get().served(), "a");
    assert_eq!(life.mints(id, "b").settled_with(), "b");
    assert_eq!(life.get_for(secs(395)).served(), "b");
}

#[test]
fn a_demand_that_no_token_of_this_life_can_meet_fails_at_once() {
    let mut life = Life::minted("a");
    let effects = life.get_for(DEAD);
    assert!(effects.start.is_none(), "{effects:?}");
    assert!(!effects.failed().is_transient(), "{effects:?}");
    assert_eq!(life.get_for(DEAD - secs(1)).served(), "a");
}

#[test]
fn whoever_cannot_start_a_flight_is_served_or_told_that_there_is_nothing() {
    let mut life = Life::empty();
    let effects = life.get_outside_a_runtime();
    assert!(matches!(effects.answer, Answer::Nothing), "{effects:?}");
    assert!(effects.start.is_none(), "{effects:?}");

    let mut life = Life::minted("a");
    life.advance(STALE);
    let effects = life.get_outside_a_runtime();
    assert_eq!(effects.served(), "a");
    assert!(effects.start.is_none(), "{effects:?}");
    let id = life.get().started();
    life.advance(secs(300));
    assert_eq!(life.get_outside_a_runtime().waits(), (id, false));
}

// a token that the store did not take is served all the same.
#[test]
fn an_unsaved_token_is_published_and_the_next_flight_knows_the_generation() {
    let mut life = Life::empty();
    let id = life.get().started();
    let verdict = Verdict::Minted {
        minted: minted("a", DAY, &life.now()),
        generation: 7,
        saved: false,
        source: Source::Obtained,
    };
    let effects = life.ends(id, verdict, 0.0);
    assert_eq!(effects.published().as_deref(), Some("a"));
    life.advance(STALE);
    assert_eq!(life.get().start.unwrap().generation, 7);
}
