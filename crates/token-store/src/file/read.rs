//! Looking at the file without a lock: a rename exchanges whole files, so whatever name we find
//! is whole.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::codec::{MAX_BYTES, Parsed, Read};
use super::defect::Defect;
use super::directory::{self, Directory};
use super::facts::{Facts, Fingerprint};
use super::inner::Inner;
use super::options::{Options, RepairMode};
use crate::{Generation, LoadNotice, Record, StoreError, StoreErrorKind};

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
    pub(crate) is_outdated: bool,
    pub(crate) print: Fingerprint,
}

/// A file under judgement.
struct Opened<'a> {
    directory: &'a Directory,
    file: File,
    facts: Facts,
    path: &'a Path,
}

/// Judges the file and reads it.
///
/// # Errors
///
/// For whatever is left alone: it is not ours, not a regular file, a newer version's, another
/// binding's or key's; and where reading fails.
pub(crate) fn look(directory: &Directory, store: &Inner) -> Result<Found, StoreError> {
    let path = store.path();
    let Some(opened) = open(directory, &store.name, path)? else {
        return Ok(Found::Absent);
    };
    let print = opened.facts.print;
    let mut bytes = read_capped(&opened.file, print.size).map_err(|error| failed(path, error))?;
    let read = match store.codec.decode(&mut bytes) {
        // What is not for us stays where it is, whatever its mode.
        Ok(Parsed::LeftAlone(kind, reason)) => {
            return Err(StoreError::at(kind, reason, path, None));
        }
        Ok(Parsed::Record(read)) if read.generation < store.floor() => Err(Defect::RolledBack),
        Ok(Parsed::Record(read)) => Ok(read),
        Err(defect) => Err(defect),
    };
    match (opened.exposure(&store.options), read) {
        (Some(defect), _) | (None, Err(defect)) => Ok(Found::Bad { defect, print }),
        (None, Ok(read)) => opened.usable(read).map(Found::Usable),
    }
}

/// Opens the file if it is there, ours and regular. What was opened is judged, because the name
/// may be another file's by now.
fn open<'a>(
    directory: &'a Directory,
    name: &str,
    path: &'a Path,
) -> Result<Option<Opened<'a>>, StoreError> {
    let file = match directory.open_to_read(name) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            // What is not ours or not regular often cannot be opened, and that is the better reason.
            if let Ok(Some(facts)) = directory::look(path) {
                refuse_strangers(&facts, path)?;
            }
            return Err(failed(path, error));
        }
    };
    let facts = directory
        .facts(&file)
        .map_err(|error| failed(path, error))?;
    refuse_strangers(&facts, path)?;
    Ok(Some(Opened {
        directory,
        file,
        facts,
        path,
    }))
}

impl Opened<'_> {
    /// Whether others can come at the content.
    fn exposure(&self, options: &Options) -> Option<Defect> {
        if self.facts.links > 1 {
            return Some(Defect::HardLinked);
        }
        let reject = self.facts.open_to_others() && options.repair == RepairMode::Reject;
        reject.then_some(Defect::OpenToOthers(self.facts.mode))
    }

    /// Takes the record over; a mode that is left to repair is repaired.
    fn usable(self, read: Read) -> Result<Usable, StoreError> {
        let mut usable = Usable {
            record: read.record,
            generation: read.generation,
            notice: read.notice,
            is_outdated: read.is_outdated,
            print: self.facts.print,
        };
        if self.facts.open_to_others() {
            let (mode, path) = (self.facts.mode, self.path);
            directory::protect(&self.file).map_err(|error| failed(path, error))?;
            let facts = self.directory.facts(&self.file);
            usable.print = facts.map_err(|error| failed(path, error))?.print;
            usable.notice = Some(LoadNotice::Repaired { mode });
            tracing::warn!(path = %path.display(), "the token file was open to others");
        }
        Ok(usable)
    }
}

fn refuse_strangers(facts: &Facts, path: &Path) -> Result<(), StoreError> {
    let reason = match facts {
        Facts { regular: false, .. } => "the place of the token file is not a regular file",
        Facts { ours: false, .. } => "the token file belongs to another user",
        _ => return Ok(()),
    };
    Err(StoreError::at(
        StoreErrorKind::UnsafePath,
        reason,
        path,
        None,
    ))
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::from_io("the token file cannot be read", path, error)
}

/// Reads at most one byte beyond the cap, through the descriptor that was judged. Files are never
/// written in place, so one is whole when it has given as many bytes as it had when it was judged.
pub(super) fn read_capped(file: &File, size: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(vec![0; size.min(MAX_BYTES + 1)]);
    let mut filled = 0;
    let mut file = file;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
