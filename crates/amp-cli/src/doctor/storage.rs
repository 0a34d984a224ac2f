//! The place of the token: permissions, owners, locks, keys, and what is stored.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use amp_client::StoreKind;
use token_core::Clock as _;
use token_manager::SystemClock;
use token_store::{
    ChosenStore, Finding, KeySource, Record, StoreError, StoreErrorKind, TokenStore as _,
    default_directory, examine, held_locks, key_ids_in,
};

use super::redis;
use super::report::{Area, Report};
use crate::context::Context;
use crate::error::with_causes;
use crate::place::describe;
use crate::session::Session;

/// How far ahead of our clock a token may have been obtained.
const SLACK: Duration = Duration::from_secs(5);

pub(super) async fn examine_all(session: &Session, context: &Context, report: &mut Report) {
    let place = session.place();
    match place.user() {
        Some(user) => report.ok("user", user),
        None => report.warning(
            "user",
            "nobody is named and nobody logged in",
            "set AMP_USERNAME, or run amp auth login",
        ),
    }
    if let Some(accounts) = place.accounts() {
        findings("accounts", &accounts.path(), report);
    }
    locks(session, context, report);
    match place.kept() {
        Some(kept) => store(kept, report).await,
        None => match place.load().await {
            Err(error) => refused("store", &error, report),
            Ok(_) => report.warning(
                "store",
                "no token is kept between commands",
                "log in, or see --store, AMP_TOKEN_STORE and AMP_TOKEN_PERSISTENCE",
            ),
        },
    }
}

async fn store(kept: &ChosenStore, report: &mut Report) {
    if let Some(url) = kept.server() {
        return redis::examine(kept, url, report).await;
    }
    if *kept.kind() == StoreKind::File {
        let detail = format!("{}: not encrypted", describe(kept));
        report.ok("store", detail);
    } else {
        report.ok("store", describe(kept));
    }
    if let Some(source) = kept.key_source() {
        key(source, report);
    }
    if let (StoreKind::Encrypted, Some(path)) = (kept.kind(), kept.path()) {
        other_keys(kept, path, report);
    }
    // A file that is not right is left as it is, for whoever must look at it.
    let is_sound = kept
        .path()
        .is_none_or(|path| findings("token file", path, report));
    if !is_sound {
        return;
    }
    match kept.store().load().await {
        Ok(loaded) => {
            if let Some(notice) = &loaded.notice {
                report.warning("token", notice, "look at the file, then log in again");
            }
            token(loaded.record.as_ref(), report);
        }
        Err(error) => refused("token", &error, report),
    }
}

pub(super) fn token(record: Option<&Record>, report: &mut Report) {
    let Some(record) = record else {
        report.ok("token", "none is stored");
        return;
    };
    let clock = SystemClock::default();
    let info = record.token.info(&clock.now());
    match (info.is_expired, info.expires_soon) {
        (true, _) => report.ok("token", "it has ended; the next call logs in"),
        (false, true) => report.ok("token", "it ends soon; the next call renews it"),
        (false, false) => report.ok("token", "it is usable"),
    }
    obtained(info.obtained_at, clock.now().wall, report);
}

/// A token from the future tells that some clock is wrong: ours, or that of whoever stored it.
fn obtained(at: SystemTime, now: SystemTime, report: &mut Report) {
    if let Ok(ahead) = at.duration_since(now)
        && ahead > SLACK
    {
        let detail = format!("the token was obtained {} s in the future", ahead.as_secs());
        report.warning("clock", detail, "set the clock: timedatectl set-ntp true");
    }
}

pub(super) fn key(source: &KeySource, report: &mut Report) {
    match source {
        KeySource::File(path) | KeySource::Generated(path) => {
            if findings("key", path, report) {
                report.ok("key", source);
            }
        }
        KeySource::Environment => report.warning(
            "key",
            "it is in TOKEN_STORE_KEY, which every process of this user can read",
            "put it into a file with mode 0600 and set TOKEN_STORE_KEY_FILE",
        ),
        _ => report.ok("key", source),
    }
}

fn other_keys(kept: &ChosenStore, path: &Path, report: &mut Report) {
    let (Some(found), Some(directory)) = (kept.key(), path.parent()) else {
        return;
    };
    let Ok(ids) = key_ids_in(directory) else {
        return;
    };
    let others = ids.into_iter().filter(|(_, id)| *id != found.key.id());
    let others: Vec<_> = others.map(|(name, _)| name).collect();
    if !others.is_empty() {
        let detail = format!("under another key: {}", others.join(", "));
        let fix = "amp auth rotate-key writes those of known users anew, if their key is at hand";
        report.warning("key", detail, fix);
    }
}

fn locks(session: &Session, context: &Context, report: &mut Report) {
    let kept = session.place().kept().and_then(ChosenStore::path);
    let beside = kept.and_then(|path| path.parent()).map(PathBuf::from);
    let ours = ["amp", "token-store"];
    let usual = ours.map(|name| default_directory(name, |name| context.vars.raw(name)));
    let mut directories: Vec<_> = beside
        .into_iter()
        .chain(usual.into_iter().flatten())
        .collect();
    directories.sort_unstable();
    directories.dedup();
    let held: Vec<_> = directories
        .iter()
        .flat_map(|path| held_locks(path))
        .collect();
    if held.is_empty() {
        report.ok("locks", "nobody holds one");
    }
    for lock in held {
        let path = lock.path.display();
        let (who, fix) = match lock.process {
            Some(process) => (
                format!("process {process}"),
                format!("wait for it; if it hangs, end it: kill {process}"),
            ),
            None => (
                "a process".to_owned(),
                format!("wait for it; fuser {path} names it"),
            ),
        };
        report.warning("locks", format!("{who} holds {path}"), fix);
    }
}

/// Whether nothing is wrong with this file and the directories above it.
fn findings(check: &'static str, path: &Path, report: &mut Report) -> bool {
    let found = examine(path);
    for finding in &found {
        let Finding {
            path, problem, fix, ..
        } = finding;
        let detail = format!("{}: {problem}", path.display());
        report.problem(Area::Storage, check, detail, fix.clone());
    }
    found.is_empty()
}

fn refused(check: &'static str, error: &StoreError, report: &mut Report) {
    let fix = advice(error.kind());
    report.problem(Area::Storage, check, with_causes(error), fix);
}

/// What to do about a store that failed.
pub(super) fn advice(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::UnsafePath => "take the place from others, or name another one",
        StoreErrorKind::Denied => "give yourself access, or name another place with --token-file",
        StoreErrorKind::NoSpace => "make room",
        StoreErrorKind::UnsupportedVersion => "use the newer version that wrote it",
        StoreErrorKind::Foreign => "name the user and the service whose token it is",
        StoreErrorKind::WrongKey => {
            "bring the key back with --key-file or TOKEN_STORE_KEY_FILE; if it is lost, remove the \
             file and log in again"
        }
        StoreErrorKind::InvalidKey => {
            "put 32 bytes in base64 into a key file (openssl rand -base64 32), mode 0600, and name \
             it with --key-file or TOKEN_STORE_KEY_FILE"
        }
        StoreErrorKind::Downgrade => "choose --store to fit, or move it with amp auth migrate",
        StoreErrorKind::InvalidSetting => {
            "see the address in AMP_TOKEN_STORE and TOKEN_STORE_CA_FILE"
        }
        StoreErrorKind::NoKeyring => {
            "start the keyring's service in this session (gnome-keyring or KWallet on D-Bus), or \
             use --store encrypted with --key-file"
        }
        StoreErrorKind::KeyringLocked | StoreErrorKind::KeyringTimeout => {
            "unlock the keyring: log in to the desktop, or gnome-keyring-daemon --unlock"
        }
        StoreErrorKind::LockTimeout => "see which process holds the lock",
        StoreErrorKind::LockUnsupported => "use a file system that can lock: a local one",
        _ => "look at the file, then remove it and log in again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_from_the_future_tells_of_a_wrong_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut report = Report::default();
        obtained(now - Duration::from_secs(3_600), now, &mut report);
        obtained(now + Duration::from_secs(5), now, &mut report);
        assert!(report.told().is_empty(), "{:?}", report.told());
        obtained(now + Duration::from_secs(6), now, &mut report);
        let told = "clock Warning: the token was obtained 6 s in the future";
        assert_eq!(report.told(), [told]);
    }

    #[test]
    fn every_advice_about_a_key_and_the_keyring_names_a_way_out() {
        for (kind, part) in [
            (StoreErrorKind::WrongKey, "--key-file"),
            (StoreErrorKind::InvalidKey, "openssl rand"),
            (StoreErrorKind::NoKeyring, "--store encrypted"),
            (StoreErrorKind::KeyringLocked, "--unlock"),
            (StoreErrorKind::Downgrade, "migrate"),
        ] {
            assert!(advice(kind).contains(part), "{kind:?}");
        }
    }
}
