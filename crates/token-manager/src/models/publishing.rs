//! One publishes, others read.

use super::explore::{Search, finds, holds};
use super::kit::{RENEWAL, World, join};
use crate::driver::planted::Bug;

fn one_renews_one_reads() {
    let world = World::loaded();
    let reader = world.thread(read_twice);
    renew(&world);
    join(reader);
}

fn two_renew_two_read() {
    let world = World::loaded();
    let readers = [(); 2].map(|()| world.thread(read_twice));
    let other = world.thread(|world| renew(&world));
    renew(&world);
    join(other);
    readers.into_iter().for_each(join);
}

fn read_twice(world: World) {
    let first = world.epoch();
    let second = world.epoch();
    assert!(
        first.is_some(),
        "the old token is served until the new one is"
    );
    assert!(first <= second, "{first:?} came after {second:?}");
}

/// Whoever has a token in hand finds it, or a later one, published.
fn renew(world: &World) {
    let (epoch, _) = world.call(RENEWAL).expect("the authority is well");
    let published = world.epoch();
    assert!(published >= Some(epoch), "{published:?} after {epoch}");
}

//
#[test]
fn a_reader_never_goes_back_and_sees_what_was_announced() {
    holds("publishing", Search::Few, one_renews_one_reads);
}

#[test]
fn two_renewals_at_once_are_read_in_order() {
    holds(
        "publishing, two renewals",
        Search::Drawn,
        two_renew_two_read,
    );
}

#[test]
fn publishing_after_the_announcement_is_found() {
    finds(
        "publishing",
        Bug::PublishLate,
        Search::Few,
        one_renews_one_reads,
    );
    finds(
        "publishing, two renewals",
        Bug::PublishLate,
        Search::Drawn,
        two_renew_two_read,
    );
}
