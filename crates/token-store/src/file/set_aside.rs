//! Files that may not be used are kept for a person to look at, not destroyed (X-28, W-S11).

use std::time::SystemTime;

use super::defect::Defect;
use super::directory::{self, Directory};
use super::facts::Fingerprint;
use crate::{LoadNotice, StoreError};

/// How many of them are kept.
const KEPT: usize = 2;

/// Renames the judged file; the caller holds the write lock. `None` if the name has another file
/// by now.
pub(crate) fn set_aside(
    directory: &Directory,
    name: &str,
    defect: Defect,
    judged: Fingerprint,
) -> Result<Option<LoadNotice>, StoreError> {
    let path = directory.path_of(name);
    let failed = |error| StoreError::from_io("the token file cannot be set aside", &path, error);
    let file = directory.open_to_read(name).map_err(failed)?;
    let facts = directory::facts(&file.metadata().map_err(failed)?);
    if facts.print != judged {
        return Ok(None);
    }
    let renamed_to = free_name(directory, name);
    directory.rename(name, &renamed_to).map_err(failed)?;
    // Only now: a mode set right under the old name would make the next reader trust the file. A
    // second name shares the mode, and is not ours to change.
    if facts.links == 1 {
        directory::protect(&file).map_err(failed)?;
    }
    tracing::warn!(path = %path.display(), reason = %defect, %renamed_to, "token file set aside");
    prune(directory, name);
    Ok(Some(LoadNotice::SetAside {
        reason: defect.to_string(),
        renamed_to,
    }))
}

fn prefix(name: &str) -> String {
    format!("{name}.rejected-")
}

/// The name with the present millisecond, or one after the newest: a clock that stands still or
/// goes back does not make the latest file the oldest.
fn free_name(directory: &Directory, name: &str) -> String {
    let now = super::time::wall_clock()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let newest = rejected(directory, name).last().copied();
    let after_newest = newest.map_or(0, |newest| newest.saturating_add(1));
    format!("{}{}", prefix(name), now.as_millis().max(after_newest))
}

/// Removes all but the newest. What cannot be removed stays: the rename has already been made.
fn prune(directory: &Directory, name: &str) {
    let kept = rejected(directory, name);
    let surplus = kept.len().saturating_sub(KEPT);
    for millis in &kept[..surplus] {
        if let Err(error) = directory.remove(&format!("{}{millis}", prefix(name))) {
            tracing::debug!(%error, "a rejected file could not be removed");
        }
    }
}

/// The milliseconds in the names of the rejected files, oldest first.
fn rejected(directory: &Directory, name: &str) -> Vec<u128> {
    let prefix = prefix(name);
    let mut found: Vec<u128> = directory
        .names()
        .iter()
        .filter_map(|found| found.strip_prefix(&prefix)?.parse().ok())
        .collect();
    found.sort_unstable();
    found
}
