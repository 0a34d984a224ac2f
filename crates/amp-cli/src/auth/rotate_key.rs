//! `amp auth rotate-key`: encrypted token files under a new key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use amp_client::StoreKind;
use serde::Serialize;
use token_store::{
    Binding, ChosenStore, EncryptedFileStore, FoundKey, KeySet, KeySource, Rewritten, Rotation,
    key_ids_in, read_key_file, rotate_directory, rotate_found_key,
};

use crate::cli::RotateKeyArgs;
use crate::context::Context;
use crate::error::{Failure, with_causes};
use crate::place::Place;
use crate::session::Session;
use crate::settings::Settings;

/// What was done. The names are part of the contract.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// The name of the new key, which tells nothing about it.
    key: String,
    key_source: String,
    rewritten: usize,
    current: usize,
    /// Files that are not under the new key: others may still need the old one.
    remaining: Vec<String>,
    failed: Vec<Failed>,
}

#[derive(Debug, Serialize)]
struct Failed {
    path: String,
    reason: String,
}

/// The new key, those that only open, and where the new one is.
struct NewKey {
    id: String,
    keys: Arc<KeySet>,
    source: KeySource,
}

/// Makes the new key active, then writes every token file that is known of anew. Killed half-way,
/// the next run, or the next use of a file, goes on.
pub(crate) async fn run(args: &RotateKeyArgs, context: &Context) -> Result<(), Failure> {
    let settings = Settings::read(context, None)?;
    let session = Session::prepare(settings, context, None).await?;
    let place = session.place();
    let Some(kept) = place
        .kept()
        .filter(|kept| *kept.kind() == StoreKind::Encrypted)
    else {
        if place.kept().and_then(ChosenStore::server).is_some() {
            let failure =
                Failure::usage("the key of what is on Redis changes on all hosts at once");
            let hint = "amp auth logout, give every host the new key, then log in";
            return Err(failure.with_hint(hint));
        }
        place.load().await?;
        let failure = Failure::usage("the token is not in an encrypted file, so it has no key");
        return Err(failure.with_hint("amp auth migrate --to encrypted makes one"));
    };
    let Some(found) = kept.key() else {
        return Err(Failure::unexpected("an encrypted file without a key"));
    };
    let new = new_key(found, args.new_key_file.as_deref(), context)?;
    let report = rewrite(place, kept, &new)?;
    tell(&report, args.new_key_file.as_deref(), context);
    if context.output.is_json() {
        context.output.value(&report)?;
    }
    match report.failed.len() {
        0 => Ok(()),
        failed => Err(Failure::storage(format!(
            "{failed} files are still under an old key; run the command again"
        ))),
    }
}

fn new_key(found: &FoundKey, named: Option<&Path>, context: &Context) -> Result<NewKey, Failure> {
    let Some(path) = named else {
        if let KeySource::File(_) | KeySource::Environment = found.source {
            let source = &found.source;
            let failure = Failure::usage(format!("{source} is yours to change"));
            let hint = "write a new key (openssl rand -base64 32) into a file with mode 0600 and \
                        name it with --new-key-file";
            return Err(failure.with_hint(hint));
        }
        let new = rotate_found_key(found, |name| context.vars.raw(name))?;
        return Ok(NewKey {
            id: new.key.id().to_string(),
            keys: Arc::new(new.key_set()),
            source: new.source,
        });
    };
    let key = read_key_file(path)?;
    let id = key.id().to_string();
    let older = found.retired.iter().chain([&found.key]).cloned();
    Ok(NewKey {
        id,
        keys: Arc::new(older.fold(KeySet::new(key), KeySet::with_decrypt_only)),
        source: KeySource::File(path.to_owned()),
    })
}

fn rewrite(place: &Place, kept: &ChosenStore, new: &NewKey) -> Result<Report, Failure> {
    let mut report = Report {
        key: new.id.clone(),
        key_source: new.source.to_string(),
        ..Report::default()
    };
    let path = kept.path().unwrap_or(Path::new(""));
    let is_named = place
        .whereabouts()
        .is_some_and(|place| place.named.is_some());
    if is_named {
        let file = EncryptedFileStore::open(path, kept.binding().clone(), Arc::clone(&new.keys))?;
        match file.rewrite_now() {
            Ok(Rewritten::Anew) => report.rewritten = 1,
            Ok(Rewritten::Current) => report.current = 1,
            Ok(_) => {}
            Err(error) => report.failed.push(Failed::new(path.to_owned(), &error)),
        }
        return Ok(report);
    }
    let directory = path.parent().unwrap_or(Path::new(""));
    let rotation = rotate_directory(directory, Arc::clone(&new.keys), bindings(place, kept)?);
    report.add(rotation);
    let under_others = key_ids_in(directory)?.into_iter();
    let under_others = under_others.filter(|(_, id)| id.to_string() != new.id);
    report.remaining = under_others.map(|(name, _)| name).collect();
    Ok(report)
}

/// Everybody of whom a file is known: a file says whose it is only to somebody who knows.
fn bindings(place: &Place, kept: &ChosenStore) -> Result<Vec<Binding>, Failure> {
    let mut bindings = vec![kept.binding().clone()];
    let accounts = match place.accounts() {
        Some(accounts) => accounts.all()?,
        None => Vec::new(),
    };
    for (origin, user) in accounts {
        let binding = Binding::of(origin, &user)?;
        if !bindings.contains(&binding) {
            bindings.push(binding);
        }
    }
    Ok(bindings)
}

fn tell(report: &Report, named: Option<&Path>, context: &Context) {
    let Report {
        rewritten, current, ..
    } = report;
    let source = &report.key_source;
    context.output.message(format_args!(
        "The new key is {source}; {rewritten} token files were written anew, {current} were already"
    ));
    for failed in &report.failed {
        let Failed { path, reason } = failed;
        context.output.message(format_args!("{path}: {reason}"));
    }
    if !report.remaining.is_empty() {
        context.output.message(format_args!(
            "Still under an old key, which is kept: {}",
            report.remaining.join(", ")
        ));
    }
    if let Some(path) = named {
        let path = path.display();
        let is_needed = !report.remaining.is_empty() || !report.failed.is_empty();
        let old = match is_needed {
            true => "keep the old key until no file is under it",
            false => "the old key can be destroyed",
        };
        context.output.message(format_args!(
            "Set TOKEN_STORE_KEY_FILE={path} from now on; {old}"
        ));
    }
}

impl Report {
    fn add(&mut self, rotation: Rotation) {
        self.rewritten += rotation.rewritten;
        self.current += rotation.current;
        let failed = rotation.failed.into_iter();
        self.failed
            .extend(failed.map(|(path, error)| Failed::new(path, &error)));
    }
}

impl Failed {
    fn new(path: PathBuf, error: &token_store::StoreError) -> Self {
        Self {
            path: path.display().to_string(),
            reason: with_causes(error),
        }
    }
}
