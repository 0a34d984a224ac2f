//! Exchanging a file in one step: a new file under a name of its own, then a rename.

use std::fs::File;
use std::io::Write;

use super::directory::Directory;
use super::options::Durability;
use crate::{StoreError, StoreErrorKind};

/// Replaces the file by these bytes and answers whether that survives a power cut. The caller
/// holds the write lock.
///
/// # Errors
///
/// When the new file could not be written; the earlier one is untouched and no temporary file
/// stays.
pub(crate) fn replace(
    directory: &Directory,
    name: &str,
    bytes: &[u8],
    durability: Durability,
) -> Result<bool, StoreError> {
    let path = directory.path_of(name);
    let failed = |error| StoreError::from_io("the file cannot be written", &path, error);
    sweep(directory, name);
    let temporary = Temporary::create(directory, name)?;
    let mut file = &temporary.file;
    file.write_all(bytes).map_err(failed)?;
    if durability != Durability::None {
        // Never a second try: after a failed flush the kernel may forget what was not written.
        file.sync_all().map_err(failed)?;
    }
    temporary.rename_to(name).map_err(failed)?;
    Ok(flush_names(directory, durability))
}

/// Flushes the directory where that is asked for. The change is visible by now, so a failure only
/// means that it may not outlive a power cut.
pub(crate) fn flush_names(directory: &Directory, durability: Durability) -> bool {
    if durability != Durability::Full {
        return false;
    }
    match directory.sync() {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the directory of the token could not be flushed");
            false
        }
    }
}

/// Removes what dead writers left behind: a living one would hold the lock.
fn sweep(directory: &Directory, name: &str) {
    for found in directory.names() {
        if is_temporary(&found, name)
            && let Err(error) = directory.remove(&found)
        {
            tracing::debug!(%error, "an orphaned temporary file could not be removed");
        }
    }
}

/// Whether this is `.<name>.<process>.<16 hex digits>.tmp`.
fn is_temporary(found: &str, name: &str) -> bool {
    let middle = found
        .strip_prefix('.')
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_suffix(".tmp"));
    let Some((process, draw)) = middle.and_then(|middle| middle.split_once('.')) else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    !process.is_empty() && digits(process) && draw.len() == 16 && digits(draw)
}

/// A file that is removed again unless it is renamed.
struct Temporary<'a> {
    directory: &'a Directory,
    name: String,
    file: File,
    renamed: bool,
}

impl<'a> Temporary<'a> {
    fn create(directory: &'a Directory, name: &str) -> Result<Self, StoreError> {
        let draw = getrandom::u64()
            .map_err(|_| StoreError::new(StoreErrorKind::Io, "the system gives no randomness"))?;
        let name = format!(".{name}.{}.{draw:016x}.tmp", std::process::id());
        let file = directory.create_new(&name).map_err(|error| {
            let path = directory.path_of(&name);
            StoreError::from_io("a temporary file cannot be made", &path, error)
        })?;
        Ok(Self {
            directory,
            name,
            file,
            renamed: false,
        })
    }

    fn rename_to(mut self, name: &str) -> std::io::Result<()> {
        self.directory.rename(&self.name, name)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = self.directory.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // C-20, W-C01
    #[test]
    fn only_names_that_a_writer_makes_count_as_orphans() {
        assert!(is_temporary(".t.json.17.0123456789abcdef.tmp", "t.json"));
        for other in [
            ".t.json.tmp",
            ".t.json.17.tmp",
            ".t.json.17.0123.tmp",
            ".t.json.draft.0123456789abcdeg.tmp",
            ".other.json.17.0123456789abcdef.tmp",
            "t.json.17.0123456789abcdef.tmp",
        ] {
            assert!(!is_temporary(other, "t.json"), "{other}");
        }
    }
}
