//! Events are posted under a lock, and brought to an observer outside of it.

use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::Mutex;
use shuttle::thread;
use token_core::lifecycle::Epoch;

use super::explore::{Search, finds, holds, replays};
use super::kit::join;
use crate::driver::planted::Bug;
use crate::events::{Outbox, TokenEvent, TokenEvents};

/// What changes, and who tells of it: the change is a number.
#[derive(Clone)]
struct World {
    state: Arc<Mutex<u64>>,
    outbox: Arc<Outbox>,
    heard: Arc<Heard>,
}

/// Which changes an observer heard of, and the most that it was told at once.
#[derive(Debug, Default)]
struct Heard(Mutex<(Vec<u64>, usize, usize)>);

impl TokenEvents for Heard {
    fn on_event(&self, event: &TokenEvent) {
        let TokenEvent::Loaded { lifetime, .. } = event else {
            return;
        };
        {
            let mut heard = self.0.lock().expect("nobody panics");
            heard.1 += 1;
            heard.2 = heard.2.max(heard.1);
        }
        let mut heard = self.0.lock().expect("nobody panics");
        heard.0.push(lifetime.as_secs());
        heard.1 -= 1;
    }
}

impl World {
    fn new() -> Self {
        let heard = Arc::<Heard>::default();
        let observer: Arc<dyn TokenEvents> = heard.clone();
        Self {
            state: Arc::default(),
            outbox: Arc::new(Outbox::new(vec![observer])),
            heard,
        }
    }

    fn change(&self) {
        let mut state = self.state.lock().expect("nobody panics");
        *state += 1;
        self.outbox.post(&TokenEvent::Loaded {
            epoch: Epoch::ZERO,
            lifetime: Duration::from_secs(*state),
            remaining: Duration::ZERO,
        });
        drop(state);
        self.outbox.deliver();
    }

    /// Everything was told when all who changed something are done, in order, one at a time.
    fn check(&self, changes: u64) {
        let heard = self.heard.0.lock().expect("nobody panics");
        assert_eq!(heard.0, (1..=changes).collect::<Vec<_>>());
        assert_eq!(heard.2, 1, "told several at once");
    }
}

fn two_change() {
    let world = World::new();
    let other = world.clone();
    let other = thread::spawn(move || other.change());
    world.change();
    join(other);
    world.check(2);
}

fn three_change_twice() {
    let world = World::new();
    let others = [(); 2].map(|()| {
        let world = world.clone();
        thread::spawn(move || (0..2).for_each(|_| world.change()))
    });
    (0..2).for_each(|_| world.change());
    others.into_iter().for_each(join);
    world.check(6);
}

#[test]
fn events_are_told_in_order_and_none_is_lost() {
    holds("telling", Search::Few, two_change);
    holds("telling, three", Search::Drawn, three_change_twice);
}

#[test]
fn nothing_but_the_schedule_decides_what_is_told() {
    replays(three_change_twice);
}

#[test]
fn two_who_tell_at_once_are_found() {
    let bug = Bug::DeliverTogether;
    finds("telling", bug, Search::Few, two_change);
    finds("telling, three", bug, Search::Drawn, three_change_twice);
}

#[test]
fn a_teller_who_stops_too_late_is_found() {
    let bug = Bug::StopLate;
    finds("telling", bug, Search::Few, two_change);
    finds("telling, three", bug, Search::Drawn, three_change_twice);
}
