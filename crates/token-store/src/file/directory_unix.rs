//! The directory of the file, held by its descriptor, so that no name on the way to it can be
//! exchanged between two steps.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::process::{Uid, getegid, geteuid};

use super::facts::{Facts, Fingerprint};
use crate::{StoreError, StoreErrorKind};

const STICKY: u32 = 0o1000;

#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    fd: OwnedFd,
    /// Whose files are ours, as it was when the directory was opened.
    user: Uid,
}

impl Directory {
    /// Opens the directory if it is there, and refuses one in which others could exchange files.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(CWD, path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => {
                let reason = "the directory cannot be opened";
                return Err(StoreError::from_io(reason, path, error.into()));
            }
        };
        let file = File::from(fd);
        let metadata = file.metadata().map_err(|error| {
            StoreError::from_io("the directory cannot be examined", path, error)
        })?;
        let user = geteuid();
        check(&metadata, user, path)?;
        Ok(Some(Self {
            path: path.to_owned(),
            fd: file.into(),
            user,
        }))
    }

    /// Opens the directory; it and its parents are made with mode 0700 where they are missing,
    /// and a directory that was made is marked as nothing to copy.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, StoreError> {
        if let Some(directory) = Self::open(path)? {
            return Ok(directory);
        }
        make(path)
            .map_err(|error| StoreError::from_io("the directory cannot be made", path, error))?;
        let directory = Self::open(path)?.ok_or_else(|| {
            let reason = "the directory went away while it was made";
            StoreError::at(StoreErrorKind::Io, reason, path, None)
        })?;
        super::marks::mark(&directory);
        Ok(directory)
    }

    /// The path of a name in it, for messages and for looking without opening.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What the file system tells of an open file.
    pub(crate) fn facts(&self, file: &File) -> io::Result<Facts> {
        Ok(facts_for(self.user, &file.metadata()?))
    }

    /// Opens for reading: never through a link, never waiting for the other end of a pipe, never
    /// getting a terminal.
    pub(crate) fn open_to_read(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
    }

    /// Opens for reading and writing; makes the file with mode 0600 if it is missing.
    pub(crate) fn open_or_create_file(&self, name: &str) -> io::Result<File> {
        self.open_file(name, OFlags::RDWR | OFlags::CREATE | OFlags::NONBLOCK)
    }

    /// Makes a file that was not there, with exactly mode 0600 from its first instant on, or less
    /// by the umask until this returns.
    pub(crate) fn create_new(&self, name: &str) -> io::Result<File> {
        let file = self.open_file(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
        if facts(&file.metadata()?).mode != 0o600 {
            protect(&file)?;
        }
        Ok(file)
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// The names in it that are Unicode; none where it cannot be listed.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().into_string());
        names.filter_map(Result::ok).collect()
    }

    /// Flushes the names in it. File systems that have nothing to flush say EINVAL.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.fd) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn open_file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(rustix::fs::openat(&self.fd, name, flags, mode)?.into())
    }
}

/// Makes the directory, after those above it that are missing. A name that is not flushed can go
/// with a power cut, and everything below it.
fn make(path: &Path) -> io::Result<()> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    if !parent.exists() {
        make(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    }
    if let Err(error) = File::open(parent).and_then(|parent| parent.sync_all()) {
        tracing::debug!(%error, "the directory above a new one could not be flushed");
    }
    Ok(())
}

fn check(metadata: &Metadata, user: Uid, path: &Path) -> Result<(), StoreError> {
    let refuse = |reason| {
        Err(StoreError::at(
            StoreErrorKind::UnsafePath,
            reason,
            path,
            None,
        ))
    };
    if metadata.uid() != user.as_raw() && metadata.uid() != 0 {
        return refuse("the directory belongs to another user");
    }
    let mode = metadata.mode();
    if mode & STICKY != 0 {
        return Ok(());
    }
    if mode & 0o002 != 0 {
        return refuse("others may write to the directory");
    }
    if mode & 0o020 != 0 && metadata.gid() != getegid().as_raw() {
        return refuse("a group that is not the user's own may write to the directory");
    }
    Ok(())
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
    fs::symlink_metadata(path).ok().as_ref().map(print)
}

pub(crate) fn facts(metadata: &Metadata) -> Facts {
    facts_for(geteuid(), metadata)
}

fn facts_for(user: Uid, metadata: &Metadata) -> Facts {
    Facts {
        regular: metadata.is_file(),
        ours: metadata.uid() == user.as_raw(),
        links: metadata.nlink(),
        mode: metadata.mode() & 0o7777,
        print: print(metadata),
    }
}

fn print(metadata: &Metadata) -> Fingerprint {
    Fingerprint {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// Takes the file away from everybody but its owner.
pub(crate) fn protect(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o600))
}
