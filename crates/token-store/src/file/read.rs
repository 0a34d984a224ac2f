//! Looking at the file without a lock: a rename exchanges whole files, so whatever name we find
//! is whole.

use std::fs::File;
use std::io::Read;

use zeroize::Zeroizing;

use super::directory::{self, Directory};
use super::facts::{Facts, Fingerprint};
use super::format::{self, Defect, MAX_BYTES, Parsed};
use super::options::{Options, RepairMode};
use crate::{Binding, Generation, LoadNotice, Record, StoreError, StoreErrorKind};

/// What is at the place of the file.
#[derive(Debug)]
pub(crate) enum Found {
    Absent,
    Usable(Usable),
    /// A regular file of ours that may not be used.
    Bad {
        defect: Defect,
        print: Fingerprint,
    },
}

/// A record that may be used.
#[derive(Debug)]
pub(crate) struct Usable {
    pub(crate) record: Record,
    pub(crate) generation: Generation,
    pub(crate) notice: Option<LoadNotice>,
    pub(crate) print: Fingerprint,
}

/// Judges the file and reads it.
///
/// # Errors
///
/// For whatever is left alone: it is not ours, not a regular file, a newer version's, or another
/// binding's; and where reading fails.
pub(crate) fn look(
    directory: &Directory,
    name: &str,
    binding: &Binding,
    options: &Options,
) -> Result<Found, StoreError> {
    let path = directory.path_of(name);
    let failed = |error| StoreError::from_io("the token file cannot be read", &path, error);
    let refuse = |kind, reason: &str| Err(StoreError::at(kind, reason, &path, None));

    // Before opening, because opening a device can do things.
    let Some(facts) = directory::look(&path).map_err(failed)? else {
        return Ok(Found::Absent);
    };
    if let Some(reason) = not_ours(&facts) {
        return refuse(StoreErrorKind::UnsafePath, reason);
    }
    let file = match directory.open_to_read(name) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Absent),
        Err(error) => return Err(failed(error)),
    };
    // Again, because the name may have been exchanged; what counts is what was opened.
    let facts = directory::facts(&file.metadata().map_err(failed)?);
    if let Some(reason) = not_ours(&facts) {
        return refuse(StoreErrorKind::UnsafePath, reason);
    }
    let print = facts.print;
    let bad = |defect| Ok(Found::Bad { defect, print });
    if facts.links > 1 {
        return bad(Defect::HardLinked);
    }
    let repair = facts.open_to_others();
    if repair && options.repair == RepairMode::Reject {
        return bad(Defect::OpenToOthers(facts.mode));
    }
    let bytes = read_capped(&file, print.size).map_err(failed)?;
    match format::parse(&bytes, binding) {
        Ok(Parsed::Newer) => refuse(
            StoreErrorKind::UnsupportedVersion,
            "a newer version wrote the token file",
        ),
        Ok(Parsed::Foreign) => refuse(
            StoreErrorKind::Foreign,
            "the token file belongs to another service or user",
        ),
        Ok(Parsed::Record { unbound: true, .. }) if !options.adopt_unbound => refuse(
            StoreErrorKind::Foreign,
            "the token file names no service and no user",
        ),
        Ok(Parsed::Record {
            record,
            generation,
            unbound,
        }) => {
            let mut usable = Usable {
                record,
                generation,
                notice: unbound.then_some(LoadNotice::Unbound),
                print,
            };
            if repair {
                directory::protect(&file).map_err(failed)?;
                usable.print = directory::facts(&file.metadata().map_err(failed)?).print;
                usable.notice = Some(LoadNotice::Repaired { mode: facts.mode });
                tracing::warn!(path = %path.display(), mode = facts.mode, "token file was open to others");
            }
            Ok(Found::Usable(usable))
        }
        Err(defect) => bad(defect),
    }
}

fn not_ours(facts: &Facts) -> Option<&'static str> {
    if !facts.regular {
        return Some("the place of the token file is not a regular file");
    }
    (!facts.ours).then_some("the token file belongs to another user")
}

/// Reads at most one byte beyond the cap, through the descriptor that was judged: the size may
/// have been another one a moment ago.
fn read_capped(file: &File, size: u64) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let likely = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(vec![0; likely.min(MAX_BYTES) + 1]);
    let mut filled = 0;
    let mut file = file;
    loop {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
