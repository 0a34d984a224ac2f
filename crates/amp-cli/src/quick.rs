//! `amp auth token` where the stored token is fresh, as scripts call it before every request:
//! answered without the tree of commands, a runtime, and anything of the network.
//!
//! It understands a few words, and leaves the rest and every doubt to the full command, which says
//! what is wrong. So it must never print a token that the full command would not.

use std::ffi::{OsStr, OsString};
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use amp_client::StoreKind;
use token_core::{AccessToken, Clock as _, Freshness, RefreshPolicy};
use token_manager::SystemClock;

use crate::cli::Globals;
use crate::context::Context;
use crate::logging;
use crate::output::Output;
use crate::place::Place;
use crate::profile::PROFILE;
use crate::settings::{Keeps, Settings};
use crate::vars::Vars;

/// Prints the token if that is all there is to do; `None` leaves everything to the full command.
pub(crate) fn run(words: &[OsString], vars: &Vars) -> Option<()> {
    let token = stored_token(words, vars)?;
    let output = Output::new(&Globals::default(), vars);
    output
        .bytes(&[token.expose_secret().as_bytes(), b"\n"])
        .ok()
}

/// The stored token, if the words ask for one and it is fresh.
fn stored_token(words: &[OsString], vars: &Vars) -> Option<AccessToken> {
    let globals = globals(words.get(1..)?)?;
    if vars.has(PROFILE) {
        return None;
    }
    logging::start(&globals, vars);
    // The full command says what there is to say.
    let globals = Globals {
        quiet: true,
        ..globals
    };
    let context = Context {
        output: Output::new(&globals, vars),
        globals,
        vars: vars.clone(),
    };
    let settings = Settings::read_for_token(&context).ok()?;
    if settings.keeps == Keeps::Nothing {
        return None;
    }
    // A keyring may keep its askers waiting, and then twice. Redis needs a runtime.
    if let Some(StoreKind::Keyring | StoreKind::Redis(_)) = settings.config.store() {
        return None;
    }
    let place = at_once(Place::find(&settings, &context, None))?.ok()?;
    let stored = at_once(place.load())?.ok()?.record?.token;
    let freshness =
        RefreshPolicy::default().freshness_of(&stored, SystemClock::default().now().wall);
    (freshness == Freshness::Fresh).then(|| stored.token().clone())
}

/// The flags of `auth token`, if there are none but those that say where the token is.
fn globals(words: &[OsString]) -> Option<Globals> {
    let mut globals = Globals::default();
    let mut command = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let word = word.to_str()?;
        if !word.starts_with('-') {
            command.push(word);
            continue;
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, OsStr::new(value)),
            None => (word, words.next()?.as_os_str()),
        };
        set(&mut globals, flag, value)?;
    }
    (command == ["auth", "token"]).then_some(globals)
}

/// A flag that comes twice, or a value that could be a flag, is for the full command to judge.
fn set(globals: &mut Globals, flag: &str, value: &OsStr) -> Option<()> {
    let text = value.to_str()?;
    if text.is_empty() || text.starts_with('-') {
        return None;
    }
    let is_new = match flag {
        "--base-url" => globals.base_url.replace(text.to_owned()).is_none(),
        "--store" => globals.store.replace(text.parse().ok()?).is_none(),
        "--token-file" => globals.token_file.replace(text.into()).is_none(),
        "--key-file" => globals.key_file.replace(text.into()).is_none(),
        _ => false,
    };
    is_new.then_some(())
}

/// The answer of work that needs no runtime: file work outside one is done at the first poll.
fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests;
