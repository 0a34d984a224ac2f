//! Keys in files: one that somebody put there, and one that we make.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{InvalidKey, Key};
use crate::file::directory::{self, Directory};
use crate::file::lock::LockFile;
use crate::file::write::replace;
use crate::{Durability, StoreError, StoreErrorKind};

/// The longest key file, in bytes: a key with some blanks around it.
const MAX_BYTES: usize = 1024;

/// The longest wait for another process that is making the key.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) const NAME: &str = "master.key";

/// Keys that were in `master.key` before, one per line, the last one first.
const RETIRED_NAME: &str = "master.key.retired";

/// How many of them are kept: they fit into [`MAX_BYTES`].
const RETIRED: usize = 20;

const LOCK_NAME: &str = "master.key.lock";

/// Reads the key in this file: 32 bytes in base64. A link to it is followed, because the secrets
/// of Kubernetes and systemd are links.
///
/// # Errors
///
/// [`StoreErrorKind::UnsafePath`] when it is not a regular file of ours or of root's that others
/// cannot read (mode 0600 or 0400, or 0440 where it is root's), [`StoreErrorKind::InvalidKey`]
/// when it is missing or holds no key.
pub fn read_key_file(path: &Path) -> Result<Key, StoreError> {
    match open(path) {
        Ok(file) => key_in(&file, path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let kind = StoreErrorKind::InvalidKey;
            let reason = "the key file is missing";
            Err(StoreError::at(kind, reason, path, Some(error)))
        }
        Err(error) => Err(failed(path, error)),
    }
}

/// The key `master.key` in this directory, which is made if it is missing: once, however many
/// processes ask at a time. One that is there is never replaced, whatever is in it.
pub(super) fn generated_key(directory: &Path) -> Result<Key, StoreError> {
    if let Some(directory) = Directory::open(directory)?
        && let Some(key) = kept(&directory)?
    {
        return Ok(key);
    }
    let directory = Directory::open_or_create(directory)?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    let _lock = LockFile::acquire(&directory, LOCK_NAME, deadline)?;
    if let Some(key) = kept(&directory)? {
        return Ok(key);
    }
    let key = Key::generate()?;
    replace(
        &directory,
        NAME,
        key.to_base64().as_bytes(),
        Durability::Full,
    )?;
    tracing::info!(path = %directory.path_of(NAME).display(), key = %key.id(), "a key was made");
    Ok(key)
}

/// The key in `master.key` of this directory, made if it is missing, and then those before it.
pub(super) fn generated_keys(directory: &Path) -> Result<Vec<Key>, StoreError> {
    let mut keys = vec![generated_key(directory)?];
    if let Some(directory) = Directory::open(directory)? {
        keys.extend(retired(&directory)?);
    }
    Ok(keys)
}

/// The keys that were made in this directory, as far as there are any; nothing is made.
pub(super) fn existing_keys(directory: &Path) -> Result<Vec<Key>, StoreError> {
    let Some(directory) = Directory::open(directory)? else {
        return Ok(Vec::new());
    };
    let mut keys: Vec<_> = kept(&directory)?.into_iter().collect();
    keys.extend(retired(&directory)?);
    Ok(keys)
}

/// Makes `fresh` the key in `master.key`. The old one is noted first, so at no time is a file
/// without its key.
pub(super) fn rotate_generated(directory: &Path, fresh: &Key) -> Result<(), StoreError> {
    let directory = Directory::open_or_create(directory)?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    let _lock = LockFile::acquire(&directory, LOCK_NAME, deadline)?;
    if let Some(old) = kept(&directory)? {
        let mut keys = retired(&directory)?;
        keys.retain(|key| key.id() != old.id());
        keys.insert(0, old);
        keys.truncate(RETIRED);
        write(&directory, RETIRED_NAME, &keys)?;
    }
    write(&directory, NAME, std::slice::from_ref(fresh))
}

fn write(directory: &Directory, name: &str, keys: &[Key]) -> Result<(), StoreError> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES));
    for key in keys {
        text.push_str(&key.to_base64());
        text.push('\n');
    }
    replace(directory, name, text.as_bytes(), Durability::Full)?;
    Ok(())
}

fn retired(directory: &Directory) -> Result<Vec<Key>, StoreError> {
    let path = directory.path_of(RETIRED_NAME);
    match directory.open_to_read(RETIRED_NAME) {
        Ok(file) => keys_in(&file, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(&path, error)),
    }
}

fn kept(directory: &Directory) -> Result<Option<Key>, StoreError> {
    let path = directory.path_of(NAME);
    match directory.open_to_read(NAME) {
        Ok(file) => key_in(&file, &path).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path, error)),
    }
}

fn key_in(file: &File, path: &Path) -> Result<Key, StoreError> {
    let text = text_in(file, path)?;
    Key::from_base64(&text).map_err(|error| invalid(error, path))
}

fn keys_in(file: &File, path: &Path) -> Result<Vec<Key>, StoreError> {
    let text = text_in(file, path)?;
    let keys = text.lines().map(Key::from_base64).collect::<Result<_, _>>();
    keys.map_err(|error| invalid(error, path))
}

fn invalid(error: InvalidKey, path: &Path) -> StoreError {
    StoreError::at(StoreErrorKind::InvalidKey, error.to_string(), path, None)
}

/// What is in a file that nobody else could have read or written. Anything but text is no key.
fn text_in(file: &File, path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    if !metadata.is_file() || !is_trusted(&metadata) {
        let reason = "the key must be in a regular file that only its owner can read";
        let kind = StoreErrorKind::UnsafePath;
        return Err(StoreError::at(kind, reason, path, None));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, error))?;
    Ok(Zeroizing::new(
        std::str::from_utf8(&bytes).unwrap_or_default().to_owned(),
    ))
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::from_io("the key file cannot be read", path, error)
}

/// Never waits for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether nobody else could have read or written it. What root gives to a group is meant for us.
#[cfg(unix)]
fn is_trusted(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let facts = directory::facts(metadata);
    if facts.ours {
        return !facts.open_to_others();
    }
    metadata.uid() == 0 && facts.mode & 0o037 == 0
}

#[cfg(not(unix))]
fn is_trusted(metadata: &Metadata) -> bool {
    directory::facts(metadata).ours
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn write(path: &Path, content: &[u8]) {
        fs::write(path, content).unwrap();
        directory::protect(&File::open(path).unwrap()).unwrap();
    }

    #[test]
    fn a_key_that_is_missing_is_made_once_however_many_ask() {
        let place = TempDir::new().unwrap();
        let directory = place.path().join("state/token-store");
        let ask = || generated_key(&directory).unwrap().id();
        let ids: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            asking
                .into_iter()
                .map(|asked| asked.join().unwrap())
                .collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(ask(), ids[0]);
        let mut names = fs::read_dir(&directory).unwrap().count();
        names -= [".gitignore", "CACHEDIR.TAG"].len();
        assert_eq!(names, [NAME, LOCK_NAME].len(), "no temporary file stays");
    }

    #[test]
    fn a_key_that_cannot_be_read_is_never_replaced() {
        let place = TempDir::new().unwrap();
        let path = place.path().join(NAME);
        let long = [b' '; 2000];
        for content in [&b""[..], b"no key", &[0xFF; 44], &long] {
            write(&path, content);
            for _ in 0..2 {
                let error = generated_key(place.path()).unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::InvalidKey, "{error}");
            }
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_key_file_that_is_missing_is_an_error_and_not_made() {
        let place = TempDir::new().unwrap();
        let error = read_key_file(&place.path().join("key")).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::InvalidKey, "{error}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_and_a_link_to_a_good_one_is_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let place = TempDir::new().unwrap();
        let path = place.path().join(NAME);
        let key = Key::generate().unwrap();
        write(&path, key.to_base64().as_bytes());
        let link = place.path().join("link");
        symlink(&path, &link).unwrap();
        for (mode, is_read) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            for answer in [
                read_key_file(&path),
                read_key_file(&link),
                generated_key(place.path()),
            ] {
                let id = answer.as_ref().ok().map(Key::id);
                assert_eq!(id, is_read.then(|| key.id()), "{mode:o} {answer:?}");
            }
        }
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o604
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_made_key_is_the_owner_s_alone_and_links_in_its_place_are_not_followed() {
        use std::os::unix::fs::{MetadataExt, symlink};
        let place = TempDir::new().unwrap();
        generated_key(place.path()).unwrap();
        let made = fs::metadata(place.path().join(NAME)).unwrap();
        assert_eq!(made.mode() & 0o7777, 0o600);

        let other = TempDir::new().unwrap();
        symlink(place.path().join(NAME), other.path().join(NAME)).unwrap();
        let error = generated_key(other.path()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::UnsafePath, "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_directory_is_no_key_file() {
        let place = TempDir::new().unwrap();
        let pipe = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, place.path()] {
            let error = read_key_file(path).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::UnsafePath, "{error}");
        }
    }
}
