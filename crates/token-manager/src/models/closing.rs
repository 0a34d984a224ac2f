//! A manager is closed while it flies and is asked.

use shuttle::future::block_on;
use token_core::TokenError;

use super::explore::{Search, finds, holds};
use super::kit::{GET, Heard, RENEWAL, World, join};
use crate::driver::planted::Bug;

fn one_waits_one_closes() {
    let world = World::empty();
    let caller = world.caller_who_asked(GET);
    close(&world);
    answered(join(caller));
    assert_eq!(world.epoch(), None);
}

fn one_calls_one_closes() {
    let world = World::empty();
    let caller = world.caller(GET);
    close(&world);
    answered(join(caller));
    assert_eq!(world.epoch(), None);
}

fn two_call_one_renews_two_close() {
    let world = World::loaded();
    let callers = [world.caller(GET), world.caller(RENEWAL)];
    let other = world.thread(|world| close(&world));
    close(&world);
    join(other);
    callers.map(join).into_iter().for_each(answered);
    assert_eq!(world.epoch(), None);
}

/// It returns, and nothing is published from then on.
fn close(world: &World) {
    block_on(world.manager.close());
    assert_eq!(world.epoch(), None);
}

/// Everybody hears something: a token, or that the manager is closed.
fn answered(heard: Heard) {
    match heard {
        Ok(_) | Err(TokenError::Closed) => {}
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_flight_that_lands_after_the_close_publishes_nothing() {
    holds("closing, one waits", Search::Few, one_waits_one_closes);
}

#[test]
fn a_caller_beside_a_close_is_answered() {
    holds("closing, one calls", Search::Few, one_calls_one_closes);
}

#[test]
fn callers_beside_two_closes_are_answered() {
    holds(
        "closing, many",
        Search::Drawn,
        two_call_one_renews_two_close,
    );
}

#[test]
fn publishing_after_the_close_is_found() {
    let bug = Bug::PublishLate;
    finds("closing, one waits", bug, Search::Few, one_waits_one_closes);
    finds("closing, one calls", bug, Search::Few, one_calls_one_closes);
    finds(
        "closing, many",
        bug,
        Search::Drawn,
        two_call_one_renews_two_close,
    );
}
