//! What a failed flight leads to: a shared error, and spacing before the next one.

use proptest::prelude::*;

use super::*;

// A-28, W-A19
#[test]
fn waiters_share_the_error_and_the_next_caller_gets_it_without_a_flight() {
    let mut life = Life::empty();
    let id = life.get().started();
    let effects = life.fails(id, error(ErrorClass::Transient));
    assert!(effects.settled_with().contains("scripted"), "{effects:?}");
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
    let effects = life.get();
    assert!(effects.failed().is_transient());
    assert!(effects.start.is_none(), "{effects:?}");
    life.advance(secs(1));
    life.get().started();
}

// what was held stays.
#[test]
fn a_failed_renewal_leaves_the_held_token_in_service() {
    let mut life = Life::minted("a");
    life.advance(STALE);
    let id = life.get().started();
    life.fails(id, error(ErrorClass::Terminal));
    let effects = life.get();
    assert_eq!(effects.served(), "a");
    assert!(effects.start.is_none(), "{effects:?}");
    assert!(life.machine.last_error().is_some());
    life.advance(secs(60));
    life.get().started();
}

#[test]
fn the_border_of_the_wait_doubles_up_to_a_minute() {
    let mut life = Life::empty();
    for border in [1, 2, 4, 8, 16, 32, 60, 60] {
        let id = life.get().started();
        life.fails(id, error(ErrorClass::Transient));
        life.advance(secs(border) - Duration::from_nanos(1));
        assert!(life.get().failed().is_transient(), "before {border} s");
        life.advance(Duration::from_nanos(1));
    }
}

#[test]
fn at_least_a_quarter_second_passes_between_two_failures_whatever_the_draw() {
    for draw in [0.0, -1.0, f64::NEG_INFINITY] {
        let mut life = Life::empty();
        let id = life.get().started();
        let error = error(ErrorClass::Transient);
        life.ends(id, failed(error), draw);
        life.advance(Duration::from_millis(249));
        assert!(life.get().start.is_none());
        life.advance(Duration::from_millis(1));
        life.get().started();
    }
}

#[test]
fn a_draw_that_is_no_number_waits_the_whole_border() {
    let mut life = Life::empty();
    let id = life.get().started();
    let error = error(ErrorClass::Transient);
    life.ends(id, failed(error), f64::NAN);
    life.advance(secs(1) - Duration::from_nanos(1));
    assert!(life.get().start.is_none());
}

#[test]
fn a_retry_after_is_a_floor_and_later_callers_hear_what_is_left_of_it() {
    let mut life = Life::empty();
    let id = life.get().started();
    life.fails(id, throttled(secs(120)));
    life.advance(secs(45));
    let effects = life.get();
    assert_eq!(effects.failed().retry_after(), Some(secs(75)));
    assert!(effects.start.is_none(), "{effects:?}");
    life.advance(secs(75) - Duration::from_nanos(1));
    assert!(life.get().start.is_none());
    life.advance(Duration::from_nanos(1));
    life.get().started();
}

#[test]
fn a_retry_after_without_end_blocks_without_overflow() {
    let mut life = Life::empty();
    let id = life.get().started();
    life.fails(id, throttled(Duration::MAX));
    life.advance(DAY * 365);
    assert!(life.get().failed().retry_after().is_some());
}

// the latch of refused credentials, which keeps an account from being locked.
#[test]
fn refused_credentials_are_held_as_long_as_set_and_only_they() {
    let hold = |class| {
        let mut life = Life::empty();
        life.machine = life.machine.with_refusal_hold(Duration::MAX);
        let id = life.get().started();
        life.fails(id, error(class));
        life.advance(DAY * 365);
        life
    };
    let mut life = hold(ErrorClass::Refused);
    assert_eq!(life.get().failed().class(), ErrorClass::Refused);
    life.step(Event::CredentialsChanged);
    life.get().started();
    hold(ErrorClass::Terminal).get().started();
}

// somebody who asks again on purpose is not answered from memory.
#[test]
fn a_terminal_error_is_answered_for_a_minute_unless_somebody_changes_something() {
    for class in [ErrorClass::Terminal, ErrorClass::Refused] {
        let blocked = || {
            let mut life = Life::empty();
            let id = life.get().started();
            life.fails(id, error(class));
            life.advance(secs(60) - Duration::from_nanos(1));
            assert_eq!(life.get().failed().class(), class);
            life
        };
        let mut life = blocked();
        life.advance(Duration::from_nanos(1));
        life.get().started();
        for change in [Event::CredentialsChanged, CLEAR] {
            let mut life = blocked();
            life.step(change);
            life.get().started();
        }
        let mut life = blocked();
        let id = life.step(Event::Force(Goal::Login)).started();
        assert_eq!(life.get().waits(), (id, false));
        life.mints(id, "a");
        assert_eq!(life.get().served(), "a");
        assert!(life.machine.last_error().is_none());
    }
}

#[test]
fn a_success_ends_the_row_of_failures() {
    let mut life = Life::empty();
    for _ in 0..6 {
        let id = life.get().started();
        life.fails(id, error(ErrorClass::Transient));
        life.advance(secs(60));
    }
    let id = life.get().started();
    life.mints(id, "a");
    life.advance(DAY);
    let id = life.get().started();
    life.fails(id, error(ErrorClass::Transient));
    life.advance(secs(1));
    life.get().started();
}

/// Lets every flight of a stale token fail after `took`, with this draw, and counts them.
fn tries_before_death(lifetime: Duration, took: Duration, draw: f64) -> u32 {
    let mut life = Life::empty();
    let id = life.get().started();
    let asked = life.now();
    life.ends_minted(id, minted("a", lifetime, &asked));
    let live = life.machine.held().unwrap();
    life.advance(live.refresh_at.saturating_since(asked.boot));
    let mut tries = 0;
    while life.now().boot < live.dead_at {
        let effects = life.get();
        assert_eq!(effects.served(), "a");
        if let Some(plan) = effects.start {
            tries += 1;
            life.advance(took);
            life.ends(plan.id, failed(error(ErrorClass::Transient)), draw);
            continue;
        }
        life.advance(Duration::from_millis(250));
    }
    tries
}

#[test]
fn several_tries_fit_before_the_end_and_nobody_notices_the_outage() {
    let at_once = |lifetime| tries_before_death(lifetime, Duration::ZERO, 1.0);
    assert!(at_once(DAY) >= 15);
    assert!(at_once(secs(600)) >= 15);
    assert!(at_once(secs(60)) >= 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // A-25, W-A19: whatever the draws, and although each try takes a twentieth of the window.
    #[test]
    fn at_least_five_tries_fit_whenever_the_window_has_a_few_seconds(
        millis in 10_000_u64..90_000_000,
        share in 0.0..0.05,
        draw in 0.0..=1.0,
    ) {
        let lifetime = Duration::from_millis(millis);
        let window = (lifetime / 2).min(secs(300));
        let took = window.mul_f64(share);
        prop_assert!(tries_before_death(lifetime, took, draw) >= 5);
    }
}

// W-S09: without spacing every call would log in.
#[test]
fn a_token_that_arrives_dead_counts_as_a_failure_and_is_spaced() {
    let slow = |life: &mut Life, verdict: Verdict, id: FlightId| {
        let effects = life.ends(id, verdict, 1.0);
        assert!(effects.published().is_none(), "{effects:?}");
        assert!(effects.settled_with().starts_with("error"), "{effects:?}");
        assert!(life.get().failed().is_transient());
        assert!(life.machine.flight().is_none());
    };
    let mut life = Life::empty();
    let id = life.get().started();
    let minted = minted("a", secs(20), &life.now());
    let data = minted.data.clone();
    life.advance(secs(19));
    let (generation, saved) = (1, true);
    slow(
        &mut life,
        Verdict::Minted {
            minted: minted.clone(),
            generation,
            saved,
            source: Source::Obtained,
        },
        id,
    );
    life.advance(secs(1));
    let id = life.get().started();
    slow(&mut life, Verdict::Adopted { data, generation }, id);
    life.advance(secs(2));
    let id = life.get().started();
    slow(&mut life, superseded(minted), id);
}
