//! Lock files: never renamed, never removed, locked by the kernel and so freed by death.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::directory::{self, Directory};
use super::facts::Facts;
use super::lock_record::{LockRecord, SIZE};
use crate::{StoreError, StoreErrorKind};

/// The first and the longest pause between two tries.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How often a lock-free reader looks again when it met a half-written body.
const PEEKS: usize = 3;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Tries once; `None` when somebody else holds the lock.
    pub(crate) fn try_acquire(
        directory: &Directory,
        name: &str,
    ) -> Result<Option<Self>, StoreError> {
        let path = directory.path_of(name);
        let failed = |error| StoreError::from_io("the lock file cannot be opened", &path, error);
        let file = directory.open_or_create_file(name).map_err(failed)?;
        let facts = directory.facts(&file).map_err(failed)?;
        check(facts, &path)?;
        // Whoever may open it may hold it; and the umask may have locked its owner out.
        if facts.mode != 0o600 {
            directory::protect(&file).map_err(failed)?;
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(not_lockable(path, error)),
        }
        let lock = Self { file, path };
        // Somebody may have removed the name since we opened it: then this lock excludes nobody.
        let unseen = |error| lock.failed("the lock file cannot be examined", error);
        let named = directory::look(&lock.path).map_err(unseen)?;
        let keeps_name = named.is_some_and(|named| named.print.same_file(&facts.print));
        Ok(keeps_name.then_some(lock))
    }

    /// Tries until `deadline`, pausing longer and longer; blocks the thread.
    pub(crate) fn acquire(
        directory: &Directory,
        name: &str,
        deadline: Instant,
    ) -> Result<Self, StoreError> {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lock) = Self::try_acquire(directory, name)? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                let reason = "somebody else holds the lock for too long";
                let path = directory.path_of(name);
                return Err(StoreError::at(
                    StoreErrorKind::LockTimeout,
                    reason,
                    &path,
                    None,
                ));
            }
            sleep(jittered(pause));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The body; an empty one where it is garbled. One that the disk does not give may keep a
    /// generation, so that is an error.
    pub(crate) fn record(&self) -> Result<LockRecord, StoreError> {
        match read_body(&self.file) {
            Ok(body) => Ok(body.unwrap_or_default()),
            Err(error) => Err(self.failed("the lock file cannot be read", error)),
        }
    }

    /// Replaces the body with one write.
    pub(crate) fn write(&self, record: &LockRecord) -> Result<(), StoreError> {
        write_at_start(&self.file, &record.encode())
            .map_err(|error| self.failed("the lock file cannot be written", error))
    }

    /// Flushes the body.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        let flushed = self.file.sync_all();
        flushed.map_err(|error| self.failed("the lock file cannot be flushed", error))
    }

    fn failed(&self, reason: &str, error: io::Error) -> StoreError {
        StoreError::from_io(reason, &self.path, error)
    }
}

/// Unlocks by name: a child that was being started may hold a copy of the descriptor.
impl Drop for LockFile {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Reads the body of a lock file without taking the lock; `None` where it cannot be read.
pub(crate) fn peek(directory: &Directory, name: &str) -> Option<LockRecord> {
    for _ in 0..PEEKS {
        match directory.open_to_read(name).map(|file| read_body(&file)) {
            Ok(Ok(Some(record))) => return Some(record),
            Ok(Ok(None)) => {}
            Ok(Err(_)) => return None,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Some(LockRecord::default());
            }
            Err(_) => return None,
        }
    }
    None
}

/// `None` if the body is garbled. Nothing at all is the body of a lock that was only ever held.
fn read_body(file: &File) -> io::Result<Option<LockRecord>> {
    let mut body = [0; SIZE];
    let mut filled = 0;
    while filled < SIZE {
        match read_at(file, &mut body[filled..], filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if filled == 0 {
        return Ok(Some(LockRecord::default()));
    }
    Ok(LockRecord::decode(&body[..filled]))
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

#[cfg(unix)]
fn write_at_start(file: &File, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, 0)
}

#[cfg(not(unix))]
fn write_at_start(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, Write};
    file.rewind()?;
    file.write_all(bytes)
}

fn check(facts: Facts, path: &std::path::Path) -> Result<(), StoreError> {
    let reason = match facts {
        Facts { regular: false, .. } => "the lock file is not a regular file",
        Facts { ours: false, .. } => "the lock file belongs to another user",
        Facts { links: 2.., .. } => "the lock file has a second name",
        // Such as the `Cargo.lock` beside a token file called `Cargo`.
        Facts { print, .. } if print.size > SIZE as u64 => "the lock file holds something else",
        _ => return Ok(()),
    };
    Err(StoreError::at(
        StoreErrorKind::UnsafePath,
        reason,
        path,
        None,
    ))
}

fn not_lockable(path: PathBuf, error: io::Error) -> StoreError {
    let kind = if no_locks(&error) {
        StoreErrorKind::LockUnsupported
    } else {
        StoreErrorKind::Io
    };
    StoreError::at(kind, "the file cannot be locked", &path, Some(error))
}

#[cfg(unix)]
fn no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    let unsupported = [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::NOLCK];
    errno.is_some_and(|errno| unsupported.contains(&errno))
}

#[cfg(not(unix))]
fn no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

/// Half of the pause to all of it. A weak draw only spreads less.
fn jittered(pause: Duration) -> Duration {
    let draw = getrandom::u32().unwrap_or(u32::MAX);
    pause / 2 + pause.mul_f64(f64::from(draw) / f64::from(u32::MAX) / 2.0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kernel's file lock has no timed wait; this runs on threads that may block"
)]
fn sleep(pause: Duration) {
    std::thread::sleep(pause);
}

#[cfg(test)]
mod tests {
    use tempfile::NamedTempFile;

    use super::*;

    #[test]
    fn a_body_that_the_disk_does_not_give_is_an_error_and_not_an_empty_one() {
        let held = NamedTempFile::new().unwrap();
        let path = held.path().to_owned();
        let file = File::options().write(true).open(&path).unwrap();
        let unreadable = LockFile { file, path };
        let error = unreadable.record().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Io, "{error:?}");
    }
}
