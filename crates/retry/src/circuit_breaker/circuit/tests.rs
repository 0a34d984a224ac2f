use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Admission, Circuit, Phase, Reservation};
use crate::circuit_breaker::Health;

const PAUSE: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_nanos(1);

fn circuit(threshold: u32) -> Circuit {
    Circuit::new(NonZeroU32::new(threshold).unwrap(), PAUSE)
}

fn pass(circuit: &mut Circuit, now: Instant) -> Reservation {
    match circuit.admit(now) {
        Admission::Pass(reservation) => reservation,
        refused => panic!("{refused:?} in {circuit:?}"),
    }
}

fn refusal(circuit: &mut Circuit, now: Instant) -> Option<Instant> {
    match circuit.admit(now) {
        Admission::Refuse { until } => until,
        passed => panic!("{passed:?} in {circuit:?}"),
    }
}

fn send(circuit: &mut Circuit, health: Health, now: Instant) {
    let reservation = pass(circuit, now);
    circuit.settle(reservation, health, || now);
}

/// A circuit that opened at `now`.
fn opened(now: Instant) -> Circuit {
    let mut circuit = circuit(5);
    for _ in 0..5 {
        send(&mut circuit, Health::Fails, now);
    }
    circuit
}

// C-43: exactly 5, and for 300 s.
#[test]
fn the_fifth_failure_opens_it_for_300_seconds() {
    let now = Instant::now();
    let mut circuit = circuit(5);
    for failures in 1..5 {
        send(&mut circuit, Health::Fails, now);
        assert_eq!(circuit.phase(), Phase::Closed { failures });
    }
    send(&mut circuit, Health::Fails, now);
    let until = Some(now + PAUSE);
    assert_eq!(refusal(&mut circuit, now), until);
    assert_eq!(refusal(&mut circuit, now + PAUSE - TICK), until);
    pass(&mut circuit, now + PAUSE);
}

// C-43, W-S04
#[test]
fn a_success_takes_the_count_back_to_zero() {
    let now = Instant::now();
    let mut circuit = circuit(5);
    for _ in 0..4 {
        send(&mut circuit, Health::Fails, now);
    }
    send(&mut circuit, Health::Works, now);
    assert_eq!(circuit.phase(), Phase::Closed { failures: 0 });
}

// W-C14, C-62: X-36, what is neutral neither counts nor forgives.
#[test]
fn what_says_nothing_about_the_service_leaves_the_count_alone() {
    let now = Instant::now();
    let mut circuit = circuit(5);
    for _ in 0..4 {
        send(&mut circuit, Health::Fails, now);
        send(&mut circuit, Health::Unknown, now);
    }
    assert_eq!(circuit.phase(), Phase::Closed { failures: 4 });
    send(&mut circuit, Health::Fails, now);
    assert_eq!(refusal(&mut circuit, now), Some(now + PAUSE));
}

// Pitfall 12.
// W-C15, C-43: X-33.
#[test]
fn one_probe_decides_and_nobody_passes_beside_it() {
    let now = Instant::now();
    for (health, expected) in [
        (Health::Works, Phase::Closed { failures: 0 }),
        (
            Health::Fails,
            Phase::Open {
                until: now + 3 * PAUSE,
            },
        ),
        (Health::Unknown, Phase::HalfOpen { probe: None }),
    ] {
        let mut circuit = opened(now);
        let probe = pass(&mut circuit, now + PAUSE);
        assert_eq!(refusal(&mut circuit, now + PAUSE), None);
        assert_eq!(refusal(&mut circuit, now + 2 * PAUSE - TICK), None);
        circuit.settle(probe, health, || now + 2 * PAUSE);
        assert_eq!(circuit.phase(), expected, "{health:?}");
    }
}

// Pitfall 12.
// W-C15
#[test]
fn a_probe_without_a_verdict_gives_its_turn_to_the_next_one() {
    let now = Instant::now();
    let mut circuit = opened(now);
    send(&mut circuit, Health::Unknown, now + PAUSE);
    let probe = pass(&mut circuit, now + PAUSE);
    assert_eq!(refusal(&mut circuit, now + PAUSE), None);
    circuit.settle(probe, Health::Works, || now + PAUSE);
    assert_eq!(circuit.phase(), Phase::Closed { failures: 0 });
}

// W-C15: pitfall 12.
#[test]
fn a_probe_that_never_comes_back_is_given_up_and_decides_no_more() {
    let now = Instant::now();
    let mut circuit = opened(now);
    let lost = pass(&mut circuit, now + PAUSE);
    let probe = pass(&mut circuit, now + 2 * PAUSE);
    circuit.settle(lost, Health::Fails, || now + 2 * PAUSE);
    circuit.settle(probe, Health::Works, || now + 2 * PAUSE);
    assert_eq!(circuit.phase(), Phase::Closed { failures: 0 });
}

// Pitfall 12.
// W-C15, W-S04
#[test]
fn a_result_from_an_earlier_phase_neither_closes_nor_opens() {
    let now = Instant::now();
    let mut circuit = circuit(5);
    let late: Vec<_> = (0..6).map(|_| pass(&mut circuit, now)).collect();
    for _ in 0..5 {
        send(&mut circuit, Health::Fails, now);
    }
    let open = circuit;
    let mut late = late.into_iter();
    circuit.settle(late.next().unwrap(), Health::Works, || now);
    assert_eq!(circuit, open, "a late success does not close it");

    let probe = pass(&mut circuit, now + PAUSE);
    let probing = circuit;
    circuit.settle(late.next().unwrap(), Health::Works, || now + PAUSE);
    circuit.settle(late.next().unwrap(), Health::Fails, || now + PAUSE);
    assert_eq!(circuit, probing, "only the probe decides");

    circuit.settle(probe, Health::Works, || now + PAUSE);
    let closed = circuit;
    for reservation in late {
        circuit.settle(reservation, Health::Fails, || now + PAUSE);
    }
    assert_eq!(circuit, closed, "late failures are not counted again");
}

#[test]
fn a_pause_that_no_clock_can_express_is_a_long_one_and_no_panic() {
    let now = Instant::now();
    let mut circuit = Circuit::new(NonZeroU32::MIN, Duration::MAX);
    send(&mut circuit, Health::Fails, now);
    let until = refusal(&mut circuit, now).unwrap();
    assert!(until > now + Duration::from_secs(86_400 * 365));
}

/// What users may expect, told another way: by which requests still count.
#[derive(Clone)]
struct Expected {
    threshold: u32,
    now: Instant,
    failures: u32,
    /// Requests whose result counts; the others were sent before something changed.
    counting: Vec<usize>,
    closed_again_at: Option<Instant>,
    probe_lost_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Send,
    /// The result of one of the requests under way.
    Result(usize, Health),
    Wait(Duration),
}

impl Expected {
    fn new(threshold: u32, now: Instant) -> Self {
        Self {
            threshold,
            now,
            failures: 0,
            counting: Vec::new(),
            closed_again_at: None,
            probe_lost_at: None,
        }
    }

    fn passes(&self) -> bool {
        match (self.closed_again_at, self.probe_lost_at) {
            (_, Some(at)) | (Some(at), None) => self.now >= at,
            (None, None) => true,
        }
    }

    fn sent(&mut self, request: usize) {
        if self.closed_again_at.is_some() {
            self.counting.clear();
            self.probe_lost_at = Some(self.now + PAUSE);
        }
        self.counting.push(request);
    }

    fn came_back(&mut self, request: usize, health: Health) {
        let Some(index) = self.counting.iter().position(|known| *known == request) else {
            return;
        };
        self.counting.swap_remove(index);
        let probing = self.probe_lost_at.is_some();
        match health {
            Health::Works => {
                self.failures = 0;
                self.closed_again_at = None;
            }
            Health::Fails => self.failures += 1,
            Health::Unknown => {}
        }
        if health == Health::Fails && (probing || self.failures == self.threshold) {
            self.closed_again_at = Some(self.now + PAUSE);
            self.failures = 0;
            self.counting.clear();
        }
        self.probe_lost_at = None;
    }
}

/// The circuit and what is expected of it, side by side.
struct Run {
    circuit: Circuit,
    expected: Expected,
    under_way: Vec<(usize, Reservation)>,
    sent: usize,
}

impl Run {
    fn new(threshold: u32, now: Instant) -> Self {
        Self {
            circuit: circuit(threshold),
            expected: Expected::new(threshold, now),
            under_way: Vec::new(),
            sent: 0,
        }
    }

    /// Plays one event; an error tells in what they differ.
    fn play(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Send => {
                let passes = self.expected.passes();
                let now = self.expected.now;
                match self.circuit.admit(now) {
                    Admission::Pass(reservation) if passes => {
                        self.expected.sent(self.sent);
                        self.under_way.push((self.sent, reservation));
                        self.sent += 1;
                    }
                    Admission::Refuse { until } if !passes => {
                        if until.is_some_and(|until| until <= now) {
                            return Err(format!("refused until the past in {:?}", self.circuit));
                        }
                    }
                    other => return Err(format!("{other:?} in {:?}", self.circuit)),
                }
            }
            Event::Result(index, health) if !self.under_way.is_empty() => {
                let (request, reservation) =
                    self.under_way.swap_remove(index % self.under_way.len());
                let now = self.expected.now;
                self.circuit.settle(reservation, health, || now);
                self.expected.came_back(request, health);
            }
            Event::Result(..) => {}
            Event::Wait(time) => self.expected.now += time,
        }
        self.compare()
    }

    /// Whether the next request would fare as expected.
    fn compare(&self) -> Result<(), String> {
        let mut circuit = self.circuit;
        let passes = matches!(circuit.admit(self.expected.now), Admission::Pass(_));
        if passes == self.expected.passes() {
            return Ok(());
        }
        Err(format!(
            "the next one passes: {passes}, in {:?}",
            self.circuit
        ))
    }
}

fn play(threshold: u32, events: &[Event], now: Instant) -> Result<usize, String> {
    let mut run = Run::new(threshold, now);
    for event in events {
        run.play(*event)?;
    }
    Ok(run.sent)
}

/// All orders of all events up to a depth.
fn walk(events: &mut Vec<Event>, depth: usize, now: Instant, walked: &mut usize) {
    *walked += 1;
    for threshold in 1..=2 {
        if let Err(difference) = play(threshold, events, now) {
            panic!("{difference} after {events:?}, threshold {threshold}");
        }
    }
    if depth == 0 {
        return;
    }
    let waits = [PAUSE, PAUSE - TICK, TICK].map(Event::Wait);
    let mut next = vec![Event::Send];
    next.extend(waits);
    for request in 0..2 {
        for health in [Health::Works, Health::Fails, Health::Unknown] {
            next.push(Event::Result(request, health));
        }
    }
    for event in next {
        events.push(event);
        walk(events, depth - 1, now, walked);
        events.pop();
    }
}

// C-43, W-C15: every order of sends, results and waits to a depth of 6.
#[test]
fn every_order_of_events_does_what_is_expected() {
    let mut walked = 0;
    walk(&mut Vec::new(), 6, Instant::now(), &mut walked);
    let all: usize = (0..=6).map(|depth| 10_usize.pow(depth)).sum();
    assert_eq!(walked, all);
}

fn any_event() -> impl Strategy<Value = Event> {
    let health = prop_oneof![
        1 => Just(Health::Works),
        4 => Just(Health::Fails),
        1 => Just(Health::Unknown),
    ];
    prop_oneof![
        4 => Just(Event::Send),
        4 => (0_usize..8, health).prop_map(|(request, health)| Event::Result(request, health)),
        1 => (0_u64..400).prop_map(|seconds| Event::Wait(Duration::from_secs(seconds))),
        1 => Just(Event::Wait(PAUSE)),
    ]
}

proptest! {
    // C-43, W-C15
    #[test]
    fn long_lives_do_what_is_expected(
        events in prop::collection::vec(any_event(), 0..300), threshold in 1_u32..8,
    ) {
        let played = play(threshold, &events, Instant::now());
        prop_assert!(played.is_ok(), "{:?}", played);
    }
}
