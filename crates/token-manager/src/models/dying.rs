//! The runtime of a flight ends, or stops.

use token_core::lifecycle::Event;

use super::explore::{Search, finds, holds};
use super::kit::{GET, World, join};
use crate::driver::Asked;
use crate::driver::planted::Bug;
use crate::runtime;

fn one_waits_the_runtime_ends() {
    let world = World::empty();
    let caller = world.caller_who_asked(GET);
    runtime::shut_down();
    join(caller).expect("whoever waits starts anew");
    check(&world);
}

fn three_call_the_runtime_ends() {
    let world = World::empty();
    let callers = [(); 2].map(|()| world.caller(GET));
    let end = world.thread(|_| runtime::shut_down());
    world.call(GET).expect("whoever waits starts anew");
    for caller in callers {
        join(caller).expect("whoever waits starts anew");
    }
    join(end);
    check(&world);
}

/// The runtime runs again when its flight was given up, and both flights land.
fn two_wait_the_runtime_stops() {
    let world = World::empty();
    let Asked::Wait { flight, .. } = world.shared.ask(get()) else {
        panic!("nobody has a token");
    };
    let callers = [(); 2].map(|()| world.caller(GET));
    world.shared.give_up(flight);
    let epochs = callers.map(|caller| join(caller).expect("the authority is well").0);
    check(&world);
    assert!(
        world.epoch() >= epochs.into_iter().max(),
        "an older one came late"
    );
}

fn get() -> Event {
    Event::Get {
        validity: std::time::Duration::ZERO,
        may_start: true,
    }
}

/// One flight that died and one that did not, and the token of the latter.
fn check(world: &World) {
    let requests = world.authority.requests();
    assert!((1..=2).contains(&requests), "{requests} requests");
    assert!(world.epoch().is_some());
}

#[test]
fn who_waits_for_a_flight_that_dies_starts_anew() {
    holds("dying, one waits", Search::Few, one_waits_the_runtime_ends);
}

#[test]
fn callers_share_the_flight_after_one_that_died() {
    holds(
        "dying, three call",
        Search::Drawn,
        three_call_the_runtime_ends,
    );
}

#[test]
fn a_flight_that_was_given_up_changes_nothing_when_it_lands() {
    holds("dying, given up", Search::Drawn, two_wait_the_runtime_stops);
}

#[test]
fn publishing_after_the_announcement_is_found_beside_a_flight_that_was_given_up() {
    finds(
        "dying, given up",
        Bug::PublishLate,
        Search::Drawn,
        two_wait_the_runtime_stops,
    );
}

#[test]
fn a_flight_that_dies_without_a_word_is_found() {
    let bug = Bug::DieSilently;
    finds(
        "dying, one waits",
        bug,
        Search::Few,
        one_waits_the_runtime_ends,
    );
    finds(
        "dying, three call",
        bug,
        Search::Drawn,
        three_call_the_runtime_ends,
    );
}
