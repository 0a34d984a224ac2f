//! Several reject the same token, some of them late.

use token_core::lifecycle::Epoch;

use super::explore::{Search, finds, holds};
use super::kit::{Heard, World, join, rejected};
use crate::driver::planted::Bug;

fn two_reject() {
    let world = World::loaded();
    let old = world.epoch().expect("a token is held");
    let other = world.caller(rejected(old));
    let heard = world.call(rejected(old));
    check(&world, old, [heard, join(other)]);
}

/// The third sent its request with the old token, and hears of the rejection when it will.
fn three_reject_and_one_gets() {
    let world = World::loaded();
    let old = world.epoch().expect("a token is held");
    let callers = [(); 2].map(|()| world.caller(rejected(old)));
    let heard = world.call(rejected(old));
    let [first, second] = callers.map(join);
    check(&world, old, [heard, first, second]);
}

/// One renewal for one epoch, for all who sent its token, and what it brought stays.
fn check<const N: usize>(world: &World, old: Epoch, heard: [Heard; N]) {
    for answer in &heard {
        let (epoch, token) = answer.as_ref().expect("the authority is well");
        assert!(*epoch > old, "{epoch} is not another token than {old}");
        assert_eq!(token, "token-1");
    }
    assert_eq!(world.authority.requests(), 1);
    assert!(world.epoch() > Some(old), "the new token was withdrawn");
}

#[test]
fn a_token_that_two_reject_is_renewed_once_and_the_new_one_stays() {
    holds("rejections", Search::Few, two_reject);
}

#[test]
fn three_rejections_are_one_renewal() {
    holds(
        "rejections, three",
        Search::Drawn,
        three_reject_and_one_gets,
    );
}

#[test]
fn a_late_rejection_that_hits_the_new_token_is_found() {
    let bug = Bug::RejectWhateverIsThere;
    finds("rejections", bug, Search::Few, two_reject);
    finds(
        "rejections, three",
        bug,
        Search::Drawn,
        three_reject_and_one_gets,
    );
}
