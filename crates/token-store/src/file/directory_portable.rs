//! The directory of the file where there are no descriptors of directories: by path.
//!
//! Owner, mode and links are not judged: on Windows the directories of a user's profile are
//! protected by inherited access lists.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::facts::{Facts, Fingerprint};
use crate::{StoreError, StoreErrorKind};

#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Opens the directory if it is there.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Ok(Some(Self {
                path: path.to_owned(),
            })),
            Ok(_) => {
                let reason = "the place of the directory is taken";
                Err(StoreError::at(
                    StoreErrorKind::UnsafePath,
                    reason,
                    path,
                    None,
                ))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let reason = "the directory cannot be opened";
                Err(StoreError::from_io(reason, path, error))
            }
        }
    }

    /// Opens the directory; it and its parents are made where they are missing, and
    /// a directory that was made is marked as nothing to copy.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, StoreError> {
        if let Some(directory) = Self::open(path)? {
            return Ok(directory);
        }
        fs::create_dir_all(path)
            .map_err(|error| StoreError::from_io("the directory cannot be made", path, error))?;
        let directory = Self {
            path: path.to_owned(),
        };
        super::marks::mark(&directory);
        Ok(directory)
    }

    /// The path of a name in it.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What the file system tells of an open file.
    pub(crate) fn facts(&self, file: &File) -> io::Result<Facts> {
        Ok(facts(&file.metadata()?))
    }

    /// Opens for reading; never through a link.
    pub(crate) fn open_to_read(&self, name: &str) -> io::Result<File> {
        let path = self.path_of(name);
        if fs::symlink_metadata(&path)?.is_symlink() {
            return Err(ErrorKind::InvalidInput.into());
        }
        File::open(path)
    }

    /// Opens for reading and writing; makes the file if it is missing.
    pub(crate) fn open_or_create_file(&self, name: &str) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        options.open(self.path_of(name))
    }

    pub(crate) fn create_new(&self, name: &str) -> io::Result<File> {
        let mut options = File::options();
        options.write(true).create_new(true);
        options.open(self.path_of(name))
    }

    /// Renames over whatever has the name: one step on Windows too (W-S10).
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path_of(from), self.path_of(to))
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path_of(name))
    }

    /// The names in it that are Unicode; none where it cannot be listed.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().into_string());
        names.filter_map(Result::ok).collect()
    }

    /// The journal of the file system keeps the names; there is nothing to flush.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Judges without opening and without following a link; `None` if nothing is there.
pub(crate) fn look(path: &Path) -> io::Result<Option<Facts>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(facts(&metadata))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The fingerprint of what has this name, without following a link.
pub(crate) fn print_of(path: &Path) -> Option<Fingerprint> {
    fs::symlink_metadata(path)
        .ok()
        .map(|metadata| facts(&metadata).print)
}

pub(crate) fn facts(metadata: &Metadata) -> Facts {
    Facts {
        regular: metadata.is_file(),
        ours: true,
        links: 1,
        mode: 0o600,
        print: Fingerprint {
            device: 0,
            inode: 0,
            size: metadata.len(),
            modified: since_1970(metadata.modified()),
            changed: since_1970(metadata.created()),
        },
    }
}

/// Access lists are inherited from the directory; there is no mode to set.
pub(crate) fn protect(_file: &File) -> io::Result<()> {
    Ok(())
}

fn since_1970(time: io::Result<SystemTime>) -> (i64, i64) {
    let elapsed = time
        .ok()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .unwrap_or_default();
    let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    (seconds, i64::from(elapsed.subsec_nanos()))
}
