//! Two clocks: a minted token lives by the boot clock, a loaded one by the wall clock.

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

impl Life {
    fn jump_ahead(&self, by: Duration) {
        self.clock.set_wall(self.now().wall + by);
    }

    fn jump_back(&self, by: Duration) {
        self.clock.set_wall(self.now().wall - by);
    }
}

//
#[test]
fn a_minted_token_lives_from_the_moment_it_was_asked_for() {
    let mut life = Life::empty();
    let id = life.get().started();
    let asked = life.now();
    life.advance(secs(30));
    life.ends_minted(id, minted("a", DAY, &asked));
    life.advance(STALE - secs(30));
    assert!(life.get().start.is_some());
    life.advance(DEAD - STALE);
    assert!(matches!(life.get().answer, Answer::Wait { .. }));
}

#[test]
fn no_jump_of_the_wall_clock_moves_the_life_of_a_minted_token() {
    type Jump = fn(&Life);
    let jumps: [Jump; 4] = [
        |life| life.jump_ahead(HOUR * 2),
        |life| life.jump_back(HOUR * 2),
        |life| life.jump_ahead(YEAR),
        |life| life.jump_back(YEAR),
    ];
    for jump in jumps {
        let mut life = Life::minted("a");
        jump(&life);
        let effects = life.get();
        assert_eq!(effects.served(), "a");
        assert!(effects.start.is_none(), "{effects:?}");
        assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
        life.advance(DEAD);
        life.get().started();
    }
}

#[test]
fn a_loaded_record_is_judged_again_when_the_wall_clock_jumps_ahead() {
    let mut life = Life::loaded("a", HOUR);
    life.jump_ahead(HOUR * 2);
    let effects = life.get();
    assert_eq!(effects.served(), "a");
    assert!(effects.start.is_none(), "{effects:?}");
    let Publish::Replace(live) = effects.publish else {
        panic!("the snapshot keeps the old borders: {effects:?}");
    };
    assert_eq!(live.epoch.number(), 1, "it is the same token");
    let left = live.dead_at.saturating_since(life.now().boot);
    assert_eq!(left, DEAD - HOUR * 3);

    life.jump_ahead(YEAR);
    let effects = life.get();
    effects.waits();
    let basis = effects.start.unwrap().basis.unwrap();
    assert!(life.now().boot >= basis.refreshable_until, "{basis:?}");
}

#[test]
fn a_loaded_record_from_the_future_is_renewed_at_once_while_it_is_served() {
    for back in [HOUR * 2, YEAR] {
        let mut life = Life::loaded("a", HOUR);
        life.jump_back(back);
        let effects = life.get();
        assert_eq!(effects.served(), "a");
        effects.started();
        life.advance(secs(300));
        assert!(matches!(life.get().answer, Answer::Wait { .. }));
    }
}

#[test]
fn a_wall_clock_that_comes_back_restores_the_borders_of_a_loaded_record() {
    let mut life = Life::loaded("a", HOUR);
    life.jump_ahead(YEAR);
    let id = life.get().started();
    life.step(Event::FlightLost(id));
    life.jump_back(YEAR);
    let effects = life.get();
    assert_eq!(effects.served(), "a");
    assert!(effects.start.is_none(), "{effects:?}");
}

#[test]
fn a_wall_clock_that_is_corrected_by_a_few_seconds_changes_nothing() {
    let mut life = Life::loaded("a", HOUR);
    life.jump_ahead(secs(5));
    assert!(matches!(life.get().publish, Publish::Keep));
    life.jump_back(secs(10));
    assert!(matches!(life.get().publish, Publish::Keep));
}

// W-C09: the answer to a rejection is judged by the wall clock too.
#[test]
fn a_rejection_after_a_jump_is_not_answered_with_a_loaded_record_that_is_dead() {
    let mut life = Life::minted("a");
    let old = life.epoch();
    let id = life.step(Event::Force(Goal::Renew)).started();
    life.adopts(id, "b", HOUR);
    life.jump_ahead(YEAR);
    let effects = life.reject(old, true);
    effects.waits();
    let basis = effects.start.unwrap().basis.unwrap();
    assert_eq!(basis.data.token(), &token("b"));
    assert!(!basis.rejected);
}

#[test]
fn a_suspended_machine_wakes_to_a_dead_token_and_does_not_serve_it() {
    for mut life in [Life::minted("a"), Life::loaded("a", HOUR)] {
        life.advance(HOUR * 24);
        let effects = life.get();
        effects.waits();
        effects.started();
    }
}

#[test]
fn clocks_at_the_end_of_time_do_not_panic() {
    let end = std::time::UNIX_EPOCH + Duration::from_secs(i64::MAX.unsigned_abs());
    for wall in [end, std::time::UNIX_EPOCH] {
        let mut life = Life::loaded("a", HOUR);
        life.clock.set_wall(wall);
        let effects = life.get();
        let id = effects.started();
        life.step(Event::FlightLost(id));
        let forced = life.step(Event::Force(Goal::Refresh));
        forced.started();
    }
}

// a record from the store that is past its end plans a login.
#[test]
fn a_loaded_record_keeps_the_distance_to_its_stated_end() {
    let mut life = Life::loaded("a", STALE - secs(100));
    life.advance(secs(99));
    assert!(life.get().start.is_none());
    life.advance(secs(1));
    let plan = life.get().start.unwrap();
    let left = plan.basis.unwrap().refreshable_until;
    assert_eq!(left.saturating_since(life.now().boot), secs(300));
}
