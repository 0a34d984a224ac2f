//! What a step may leave: the record from before or the one from after, and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use integration_tests::rig::orphans;
use integration_tests::steps::{Step, importing, plain, rotated};
use integration_tests::stored_token;
use integration_tests::stores::{Kind, Store};
use token_store::{Durability, Generation, LoadNotice, Loaded, Record};

use crate::tracer::Trace;

/// How the step ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// It was killed, and had not said that it was done.
    Killed,
    /// It said that it was done.
    Acknowledged,
    /// It ended with an error.
    Failed,
}

impl End {
    pub(crate) fn of(trace: &Trace) -> Result<Self, String> {
        if trace.said().contains("stored") {
            return Ok(Self::Acknowledged);
        }
        match trace.output.status.code() {
            Some(9) => Ok(Self::Failed),
            None => Ok(Self::Killed),
            Some(code) => {
                let told = String::from_utf8_lossy(&trace.output.stderr);
                Err(format!("it ended with {code}: {told}"))
            }
        }
    }

    fn allows_old(self) -> bool {
        self != Self::Acknowledged
    }

    fn allows_new(self) -> bool {
        self != Self::Failed
    }
}

/// Judges what the step left, and whether work goes on from there at once.
pub(crate) fn judge(step: Step, kind: Kind, place: &Path, trace: &Trace) -> Result<(), String> {
    let end = End::of(trace)?;
    let file = step.file(place);
    if end != End::Killed {
        no_orphans(&file)?;
    }
    match step {
        Step::Migrate => return judge_migration(place, &file, end),
        Step::Refresh => judge_spending(kind, place, trace)?,
        _ => {}
    }
    let seen = look(step, kind, &file)?;
    if step != Step::Refresh {
        judge_seen(step, &seen, end)?;
    }
    go_on(step, kind, &file, seen.generation)
}

fn look(step: Step, kind: Kind, file: &Path) -> Result<Loaded, String> {
    let loaded = match step {
        Step::Rotate => rotated(file).and_then(|store| store.read_now()),
        Step::Import => importing(file).and_then(|store| store.read_now()),
        _ => kind.judge(file).and_then(|store| store.read_now()),
    };
    let loaded = loaded.map_err(|error| format!("it cannot be read: {error:?}"))?;
    match loaded.notice {
        None | Some(LoadNotice::Imported) => Ok(loaded),
        Some(notice) => Err(format!("it is not whole: {notice}")),
    }
}

fn judge_seen(step: Step, seen: &Loaded, end: End) -> Result<(), String> {
    let token = seen.record.as_ref().map(|record| record.token.token());
    if step == Step::Import {
        let is_golden = token.is_some_and(|token| token.expose_secret() == "golden-token");
        return is_golden
            .then_some(())
            .ok_or("the import is lost".to_owned());
    }
    let at = |generation| (Some(stored_token(Generation::new(generation))), generation);
    let (old, new) = match step {
        Step::Store => ((None, 0), at(1)),
        Step::Clear => (at(1), (None, 2)),
        Step::Load | Step::Rotate => (at(1), at(1)),
        _ => (at(1), at(2)),
    };
    let is = |expected: &(Option<Record>, u64)| {
        seen.record == expected.0 && seen.generation.number() == expected.1
    };
    if (end.allows_old() && is(&old)) || (end.allows_new() && is(&new)) {
        return Ok(());
    }
    let generation = seen.generation;
    Err(format!(
        "{end:?}, but generation {generation} is there, or not as it was stored"
    ))
}

/// The lock is free at once, and the next store leaves the file and nothing temporary.
fn go_on(step: Step, kind: Kind, file: &Path, seen: Generation) -> Result<(), String> {
    let next = match step {
        // The judge of a rotated file wrote it under the new key.
        Step::Rotate => rotated(file).map(Store::Encrypted),
        // That of an import found it, and it is ours by now.
        _ => kind.open(file, Durability::None, Duration::ZERO),
    };
    let swapped = next.and_then(|store| store.swap_now());
    let expected = seen.next().number();
    match swapped {
        Ok(Some(generation)) if generation == expected => no_orphans(file),
        other => Err(format!("the next store is not {expected}: {other:?}")),
    }
}

fn no_orphans(file: &Path) -> Result<(), String> {
    let parent = file.parent().filter(|parent| parent.exists());
    let left: Vec<PathBuf> = parent.map(orphans).unwrap_or_default();
    let none = left.is_empty();
    none.then_some(())
        .ok_or_else(|| format!("temporary files are left: {left:?}"))
}

/// At every moment one of the two files has the record; done again, it is done.
fn judge_migration(place: &Path, file: &Path, end: End) -> Result<(), String> {
    let record = stored_token(Generation::new(1));
    let kept = |kind: Kind, file: &Path| look(Step::Migrate, kind, file).map(|seen| seen.record);
    let before = kept(Kind::Plain, &plain(place))?;
    let after = kept(Kind::Encrypted, file)?;
    let found = [&before, &after].map(Option::as_ref);
    if found.iter().flatten().any(|found| **found != record) {
        return Err("a file has another record".to_owned());
    }
    match found {
        [None, None] => return Err("both files are gone".to_owned()),
        [Some(_), _] if end == End::Acknowledged => return Err("the plain file is left".to_owned()),
        _ => {}
    }
    let said = again(Step::Migrate, Kind::Encrypted, place)?;
    let done = (
        kept(Kind::Plain, &plain(place))?,
        kept(Kind::Encrypted, file)?,
    );
    if !said.contains("stored") || done != (None, Some(record)) {
        return Err(format!("done again, it is not done: {said}"));
    }
    no_orphans(file)
}

/// Whoever takes the lease next does not send a refresh token that may be spent.
fn judge_spending(kind: Kind, place: &Path, trace: &Trace) -> Result<(), String> {
    let first = trace.said();
    let seen = look(Step::Refresh, kind, &Step::Refresh.file(place))?;
    judge_seen(Step::Overwrite, &seen, End::of(trace)?)?;
    let second = again(Step::Refresh, kind, place)?;
    if !second.contains("stored") {
        return Err(format!("the next holder fails: {second}"));
    }
    let replayed = first.contains("refresh 1") && second.contains("refresh 1");
    (!replayed)
        .then_some(())
        .ok_or("a spent refresh token is sent again".to_owned())
}

fn again(step: Step, kind: Kind, place: &Path) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_store_step"));
    command.args([format!("{step:?}"), kind.name()]).arg(place);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(said),
        false => Err(format!("done again, it fails: {said}")),
    }
}
