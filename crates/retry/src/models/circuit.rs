//! Requests ask the circuit breaker, and say what came of them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::thread::{self, JoinHandle};

use super::explore::{Search, finds, holds, replays};
use super::planted::Bug;
use crate::circuit_breaker::Entry;
use crate::{CircuitBreaker, CircuitState, Health, runtime};

const PAUSE: Duration = Duration::from_secs(10);

/// A breaker that opens at the first failure, and who is at the service.
#[derive(Clone)]
struct World {
    breaker: CircuitBreaker,
    under_way: Arc<AtomicUsize>,
    works: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
}

impl World {
    fn closed() -> Self {
        Self {
            breaker: CircuitBreaker::new(NonZeroU32::MIN, PAUSE),
            under_way: Arc::default(),
            works: Arc::default(),
            sent: Arc::default(),
        }
    }

    /// A circuit that opened, and whose pause is over.
    fn recovering() -> Self {
        let world = Self::closed();
        world.enter().settle(Health::Fails);
        assert_eq!(world.breaker.state(), CircuitState::Open);
        runtime::pass(PAUSE);
        world
    }

    fn enter(&self) -> Entry {
        self.breaker.admit(|| None).expect("the turn is free")
    }

    /// Sends if it may; until the service works, nobody else is there at the same time.
    fn send(&self, health: Health) -> bool {
        let Ok(mut entry) = self.breaker.admit(|| None) else {
            return false;
        };
        self.sent.fetch_add(1, Ordering::SeqCst);
        let others = self.under_way.fetch_add(1, Ordering::SeqCst);
        assert!(
            others == 0 || self.works.load(Ordering::SeqCst),
            "{others} others"
        );
        thread::yield_now();
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        self.works
            .fetch_or(health == Health::Works, Ordering::SeqCst);
        if health != Health::Unknown {
            entry.settle(health);
        }
        true
    }

    fn sender(&self, health: Health) -> JoinHandle<bool> {
        let world = self.clone();
        thread::spawn(move || world.send(health))
    }
}

fn joined<T>(thread: JoinHandle<T>) {
    thread.join().expect("the thread of a model does not panic");
}

fn three_send_to_a_service_that_works() {
    let world = World::recovering();
    let others = [(); 2].map(|()| world.sender(Health::Works));
    world.send(Health::Works);
    others.into_iter().for_each(joined);
    assert_eq!(world.breaker.state(), CircuitState::Closed);
}

fn three_send_to_a_service_that_fails() {
    let world = World::recovering();
    let others = [(); 2].map(|()| world.sender(Health::Fails));
    world.send(Health::Fails);
    others.into_iter().for_each(joined);
    assert_eq!(world.sent.load(Ordering::SeqCst), 1);
    assert_eq!(world.breaker.state(), CircuitState::Open);
}

/// One or the other is dropped without a verdict. Afterwards the turn is free.
fn three_send_and_are_dropped() {
    let world = World::recovering();
    let others = [(); 2].map(|()| world.sender(Health::Unknown));
    world.send(Health::Unknown);
    others.into_iter().for_each(joined);
    assert_eq!(world.breaker.state(), CircuitState::HalfOpen);
    assert!(world.send(Health::Works), "the turn is free");
    assert_eq!(world.breaker.state(), CircuitState::Closed);
}

/// Two verdicts come late: of a request from before the circuit opened, and of a probe that was
/// given up. The probe alone decides, and nobody passes beside it.
fn two_verdicts_come_late(verdict: Health, others: [Health; 2]) {
    let world = World::closed();
    let old = world.enter();
    world.enter().settle(Health::Fails);
    runtime::pass(PAUSE);
    let given_up = world.enter();
    runtime::pass(PAUSE);
    let mut probe = world.enter();
    let [first, second] = [old, given_up];
    let late = [(first, others[0]), (second, others[1])].map(|(mut entry, health)| {
        thread::spawn(move || match health {
            Health::Unknown => drop(entry),
            _ => entry.settle(health),
        })
    });
    assert!(!world.send(verdict), "the probe was not alone");
    assert_eq!(world.breaker.state(), CircuitState::HalfOpen);
    probe.settle(verdict);
    late.into_iter().for_each(joined);
    let expected = match verdict {
        Health::Fails => CircuitState::Open,
        _ => CircuitState::Closed,
    };
    assert_eq!(world.breaker.state(), expected);
}

fn late_successes() {
    two_verdicts_come_late(Health::Fails, [Health::Works, Health::Works]);
}

fn late_failures() {
    two_verdicts_come_late(Health::Works, [Health::Fails, Health::Fails]);
}

fn late_leavers() {
    two_verdicts_come_late(Health::Works, [Health::Unknown, Health::Unknown]);
}

// C-43
#[test]
fn one_request_at_a_time_until_the_service_works() {
    holds(
        "circuit, works",
        Search::Few,
        three_send_to_a_service_that_works,
    );
    holds(
        "circuit, fails",
        Search::Few,
        three_send_to_a_service_that_fails,
    );
}

#[test]
fn a_probe_that_is_dropped_gives_its_turn_back() {
    holds(
        "circuit, dropped",
        Search::Every,
        three_send_and_are_dropped,
    );
}

#[test]
fn what_comes_late_neither_opens_nor_closes_the_circuit() {
    holds("circuit, late successes", Search::Few, late_successes);
    holds("circuit, late failures", Search::Few, late_failures);
    holds("circuit, late leavers", Search::Few, late_leavers);
}

#[test]
fn nothing_but_the_schedule_decides_what_happens_at_the_breaker() {
    replays(three_send_to_a_service_that_works);
}

#[test]
fn a_turn_that_is_taken_after_it_was_asked_for_is_found_at_the_breaker() {
    let bug = Bug::AskThenTake;
    finds(
        "circuit, works",
        bug,
        Search::Few,
        three_send_to_a_service_that_works,
    );
    finds(
        "circuit, fails",
        bug,
        Search::Few,
        three_send_to_a_service_that_fails,
    );
}

#[test]
fn a_turn_that_is_not_given_back_is_found_at_the_breaker() {
    let bug = Bug::KeepTurn;
    finds(
        "circuit, dropped",
        bug,
        Search::Every,
        three_send_and_are_dropped,
    );
}

#[test]
fn an_old_verdict_that_counts_is_found() {
    let bug = Bug::CountStale;
    finds("circuit, late successes", bug, Search::Few, late_successes);
    finds("circuit, late failures", bug, Search::Few, late_failures);
    finds("circuit, late leavers", bug, Search::Few, late_leavers);
}
