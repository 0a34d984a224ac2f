//! A flight lands while callers come.

use super::explore::{Search, finds, holds, replays};
use super::kit::{GET, Heard, World, join};
use crate::driver::planted::Bug;

fn two_call() {
    let world = World::empty();
    let other = world.caller(GET);
    let heard = world.call(GET);
    check(&world, &[heard, join(other)]);
}

fn four_call() {
    let world = World::empty();
    let others = [(); 3].map(|()| world.caller(GET));
    let heard = world.call(GET);
    let [first, second, third] = others.map(join);
    check(&world, &[heard, first, second, third]);
}

/// One flight for all, and who came during it hears of it. Nobody is left waiting: the model
/// would not end.
fn check(world: &World, heard: &[Heard]) {
    for answer in heard {
        let (_, token) = answer.as_ref().expect("the authority is well");
        assert_eq!(token, "token-1");
    }
    assert_eq!(world.authority.requests(), 1);
    assert_eq!(world.in_store().as_deref(), Some("token-1"));
}

/// A failure reaches all, and is remembered for who comes later.
fn two_call_in_vain() {
    let world = World::down();
    let other = world.caller(GET);
    let heard = world.call(GET);
    for answer in [heard, join(other)] {
        let error = answer.expect_err("the authority is down");
        assert!(error.is_transient(), "{error}");
    }
    assert_eq!(world.authority.requests(), 1);
}

//
#[test]
fn two_callers_at_once_share_one_flight() {
    holds("waiting", Search::Few, two_call);
}

#[test]
fn two_callers_at_once_share_one_failure() {
    holds("waiting in vain", Search::Few, two_call_in_vain);
}

#[test]
fn four_callers_at_once_share_one_flight() {
    holds("waiting, four", Search::Drawn, four_call);
}

#[test]
fn nothing_but_the_schedule_decides_what_happens() {
    replays(four_call);
}

#[test]
fn a_place_that_is_taken_when_the_flight_has_landed_is_found() {
    finds("waiting", Bug::JoinLate, Search::Few, two_call);
    finds(
        "waiting in vain",
        Bug::JoinLate,
        Search::Few,
        two_call_in_vain,
    );
    finds("waiting, four", Bug::JoinLate, Search::Drawn, four_call);
}

#[test]
fn telling_those_who_wait_before_the_flight_is_over_is_found() {
    finds("waiting", Bug::TellEarly, Search::Few, two_call);
    finds(
        "waiting in vain",
        Bug::TellEarly,
        Search::Few,
        two_call_in_vain,
    );
    finds("waiting, four", Bug::TellEarly, Search::Drawn, four_call);
}

#[test]
fn a_second_flight_on_old_news_is_found() {
    finds("waiting", Bug::StartOnOldNews, Search::Few, two_call);
    finds(
        "waiting, four",
        Bug::StartOnOldNews,
        Search::Drawn,
        four_call,
    );
}
