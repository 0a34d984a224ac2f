//! A token is cleared while a flight or a look into the store is under way.

use shuttle::future::block_on;

use super::explore::{Search, finds, holds};
use super::kit::{RENEWAL, World, join};
use crate::driver::planted::Bug;

fn one_renews_one_clears() {
    let world = World::loaded();
    let caller = world.caller_who_asked(RENEWAL);
    clear(&world);
    join(caller).expect("who asked before the clear is served");
    is_clear(&world);
}

fn one_loads_one_clears() {
    let world = World::stored();
    let loader = world.thread(|world| block_on(world.manager.load()));
    clear(&world);
    join(loader);
    is_clear(&world);
}

fn two_renew_one_loads_two_clear() {
    let world = World::loaded();
    let callers = [(); 2].map(|()| world.caller_who_asked(RENEWAL));
    let loader = world.thread(|world| block_on(world.manager.load()));
    let other = world.thread(|world| clear(&world));
    clear(&world);
    for caller in callers {
        join(caller).expect("who asked before the clear is served");
    }
    join(loader);
    join(other);
    is_clear(&world);
}

fn clear(world: &World) {
    let cleared = block_on(world.manager.clear_token());
    cleared.expect("memory can be cleared");
}

/// The token is gone: for those who read, for the life cycle, and from the store.
fn is_clear(world: &World) {
    assert_eq!(world.epoch(), None);
    assert!(world.shared.held().is_none(), "the token came back");
    assert_eq!(world.in_store(), None);
}

// W-A20
#[test]
fn a_flight_does_not_bring_a_cleared_token_back() {
    holds("clearing, one renews", Search::Few, one_renews_one_clears);
}

// W-A20
#[test]
fn a_look_into_the_store_does_not_bring_a_cleared_token_back() {
    holds("clearing, one loads", Search::Every, one_loads_one_clears);
}

#[test]
fn nobody_brings_back_what_two_clear() {
    holds(
        "clearing, many",
        Search::Drawn,
        two_renew_one_loads_two_clear,
    );
}

#[test]
fn publishing_after_the_clear_is_found() {
    let bug = Bug::PublishLate;
    finds(
        "clearing, one renews",
        bug,
        Search::Few,
        one_renews_one_clears,
    );
    finds(
        "clearing, many",
        bug,
        Search::Drawn,
        two_renew_one_loads_two_clear,
    );
}

#[test]
fn a_record_that_was_read_before_the_clear_is_found() {
    let bug = Bug::CountClearsLate;
    finds(
        "clearing, one loads",
        bug,
        Search::Every,
        one_loads_one_clears,
    );
    finds(
        "clearing, many",
        bug,
        Search::Drawn,
        two_renew_one_loads_two_clear,
    );
}
