//! Callers wait at the pause gate, and one goes first.

use shuttle::future::block_on;

use super::explore::{Search, finds, holds, replays};
use super::kit::{World, join};
use super::planted::Bug;
use crate::fakes::{Step, asked, secs};
use crate::runtime;

/// The service asked for a second, and answers with these afterwards.
fn paused(then: impl IntoIterator<Item = Step>) -> World {
    let world = World::open([asked(429, 1)].into_iter().chain(then));
    assert_eq!(block_on(world.clone().call()), 429);
    world.server.forget();
    world
}

/// Nobody came before the time, one came first, and nobody was left waiting: the model would not
/// end.
fn check(world: &World, requests: usize) {
    assert_eq!(world.server.arrivals().len(), requests);
    assert_eq!(world.server.most_before_success(), 1);
    assert!(world.gate.is_open());
}

fn two_wait() {
    let start = runtime::now();
    let world = paused([]);
    let other = world.caller();
    let heard = [block_on(world.clone().call()), join(other)];
    assert_eq!(heard, [200, 200]);
    assert!(
        world
            .server
            .arrivals()
            .iter()
            .all(|at| *at - start >= secs(1))
    );
    check(&world, 2);
}

fn four_wait() {
    let start = runtime::now();
    let world = paused([]);
    let others = [(); 3].map(|()| world.caller());
    assert_eq!(block_on(world.clone().call()), 200);
    assert_eq!(others.map(join), [200; 3]);
    assert!(
        world
            .server
            .arrivals()
            .iter()
            .all(|at| *at - start >= secs(1))
    );
    check(&world, 4);
}

/// The one that goes first fails, and closes the gate for another second.
fn three_wait_the_first_fails() {
    let world = paused([Step::Status(503)]);
    let others = [(); 2].map(|()| world.caller());
    let mut heard = vec![block_on(world.clone().call())];
    heard.extend(others.map(join));
    heard.sort_unstable();
    assert_eq!(heard, [200, 200, 503]);
    let arrivals = world.server.arrivals();
    assert!(arrivals[1] - arrivals[0] >= secs(1), "{arrivals:?}");
    check(&world, 3);
}

/// One of them is dropped, before it goes, or while it decides, or afterwards.
fn two_wait_and_one_leaves() {
    let world = paused([]);
    let leaves = world.caller();
    let stays = world.caller();
    leaves.abort();
    assert_eq!(join(stays), 200);
    drop(leaves);
    assert_eq!(world.server.most_before_success(), 1);
    assert!(world.gate.is_open());
}

/// Who was sent before the pause hears late that there is a longer one, and closes the gate again:
/// the one that goes first at that moment does not open it.
fn a_limit_comes_late() {
    let start = runtime::now();
    let world = World::open([asked(429, 10), asked(429, 1)]);
    let late = world.caller_who_sent();
    assert_eq!(block_on(world.clone().call()), 429);
    world.server.forget();
    let first = world.caller();
    assert_eq!(join(late), 429);
    assert_eq!(join(first), 200);
    let waited = world.server.arrivals()[0] - start;
    assert_eq!(world.gate.is_open(), waited >= secs(10), "{waited:?}");
}

// A-54, W-A16
#[test]
fn after_a_pause_one_caller_goes_first_and_nobody_is_left_waiting() {
    holds("gate", Search::Few, two_wait);
    holds("gate, four", Search::Drawn, four_wait);
}

#[test]
fn a_first_caller_who_fails_closes_the_gate_for_all() {
    holds(
        "gate, first fails",
        Search::Drawn,
        three_wait_the_first_fails,
    );
}

#[test]
fn a_first_caller_who_leaves_gives_its_turn_back() {
    holds("gate, one leaves", Search::Few, two_wait_and_one_leaves);
}

#[test]
fn a_first_caller_does_not_open_what_a_late_limit_closed() {
    holds("gate, late limit", Search::Few, a_limit_comes_late);
}

#[test]
fn nothing_but_the_schedule_decides_what_happens_at_the_gate() {
    replays(four_wait);
}

#[test]
fn a_turn_that_is_taken_after_it_was_asked_for_is_found_at_the_gate() {
    let bug = Bug::AskThenTake;
    finds("gate", bug, Search::Few, two_wait);
    finds("gate, four", bug, Search::Drawn, four_wait);
    finds(
        "gate, first fails",
        bug,
        Search::Drawn,
        three_wait_the_first_fails,
    );
}

#[test]
fn a_place_that_is_taken_when_the_gate_has_opened_is_found() {
    let bug = Bug::QueueLate;
    finds("gate", bug, Search::Few, two_wait);
    finds("gate, four", bug, Search::Drawn, four_wait);
}

#[test]
fn a_turn_that_is_not_given_back_is_found_at_the_gate() {
    let bug = Bug::KeepTurn;
    finds(
        "gate, one leaves",
        bug,
        Search::Few,
        two_wait_and_one_leaves,
    );
}

#[test]
fn a_gate_that_an_old_verdict_opens_is_found() {
    let bug = Bug::CountStale;
    finds("gate, late limit", bug, Search::Few, a_limit_comes_late);
}
