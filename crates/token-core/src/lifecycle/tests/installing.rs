//! A token that came as the answer to another request, as to a changed password.

use super::*;

fn install(life: &mut Life, text: &str) -> Effects {
    let minted = minted(text, DAY, &life.now());
    life.step(Event::Installed { minted, draw: 0.0 })
}

// W-A33: the token before it counts as dead, whatever its age.
#[test]
fn an_installed_token_replaces_whatever_is_held() {
    for mut life in [Life::empty(), Life::minted("a"), Life::loaded("a", secs(1))] {
        let before = life.machine.epoch;
        let effects = install(&mut life, "b");
        assert_eq!(effects.published().as_deref(), Some("b"));
        assert_eq!(life.machine.held().unwrap().epoch, before.next());
        assert!(matches!(life.get().answer, Answer::Serve(live) if text(&live) == "b"));
        let late = life.reject(before, true);
        assert!(matches!(late.answer, Answer::Serve(live) if text(&live) == "b"));
    }
}

// W-A33: what was asked for with the old password is worth nothing.
#[test]
fn who_waits_for_a_flight_at_an_installation_asks_again_and_the_flight_brings_nothing() {
    let mut life = Life::minted("a");
    life.advance(STALE);
    let id = life.get().started();
    let told = install(&mut life, "b").settled.unwrap();
    assert_eq!(told.flight, id);
    assert!(told.result.is_none(), "{told:?}");
    let effects = life.mints(id, "c");
    assert!(matches!(effects.publish, Publish::Keep), "{effects:?}");
    assert!(effects.settled.is_none(), "{effects:?}");
    assert_eq!(text(&life.machine.held().unwrap()), "b");
    life.advance(STALE);
    assert_ne!(life.get().started(), id, "a later renewal is another one");
}

// W-A33: a login with the old password may have failed in between.
#[test]
fn an_installation_forgets_the_refusal_of_the_old_password() {
    let mut life = Life::minted("a");
    let id = life.step(Event::Force(Goal::Login)).started();
    life.fails(id, error(ErrorClass::Refused));
    assert!(life.machine.last_error().is_some());
    install(&mut life, "b");
    assert!(life.machine.last_error().is_none());
}

// what no store took is offered again, and what one took is not.
#[test]
fn an_installed_token_is_unsaved_until_the_store_has_it() {
    let mut life = Life::empty();
    install(&mut life, "b");
    let held = life.machine.held().unwrap();
    assert!(!held.saved);
    let epoch = held.epoch;
    let generation = 7;
    life.step(Event::Stored { epoch, generation });
    assert!(life.machine.held().unwrap().saved);
    let plan = life.step(Event::Force(Goal::Refresh)).start.unwrap();
    assert_eq!(plan.generation, generation);
    install(&mut life, "c");
    life.step(Event::Stored { epoch, generation });
    assert!(!life.machine.held().unwrap().saved, "that was another one");
}

#[test]
fn a_token_that_is_of_no_use_is_not_installed() {
    let mut life = Life::minted("a");
    life.advance(secs(60));
    let epoch = life.machine.held().unwrap().epoch;
    life.reject(epoch, true);
    let effects = install(&mut life, "a");
    assert!(matches!(&effects.answer, Answer::Fail(_)), "{effects:?}");
    let asked = life.now();
    life.advance(DAY);
    let minted = minted("b", DAY, &asked);
    let effects = life.step(Event::Installed { minted, draw: 0.0 });
    assert!(matches!(&effects.answer, Answer::Fail(_)), "{effects:?}");
    life.step(Event::Close);
    let effects = install(&mut life, "c");
    assert!(matches!(effects.answer, Answer::Fail(TokenError::Closed)));
}
