//! What is wrong with the place of a token, for people, and without changing anything.

use std::fs::TryLockError;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::file::directory::{self, Directory};
use crate::file::facts::Facts;
use crate::file::lock_record;

/// Something that keeps a file from being used, or from being safe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Where.
    pub path: PathBuf,
    /// What is wrong, in words.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

/// A lock file that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldLock {
    /// The lock file.
    pub path: PathBuf,
    /// The process that noted itself in it last, which is its holder unless that one has just
    /// begun.
    pub process: Option<u32>,
}

/// Examines a file with a secret and every directory above it: owner, mode, links and kind. What
/// is not there has nothing wrong with it. Works on the calling thread.
pub fn examine(path: &Path) -> Vec<Finding> {
    let Ok(path) = std::path::absolute(path) else {
        return Vec::new();
    };
    let above = path.ancestors().skip(1).filter_map(examine_directory);
    let mut findings: Vec<_> = examine_file(&path).into_iter().chain(above).collect();
    findings.dedup();
    findings
}

fn examine_directory(path: &Path) -> Option<Finding> {
    let error = Directory::open(path).err()?;
    let text = error.to_string();
    let suffix = format!(": {}", path.display());
    let problem = text.strip_suffix(&suffix).unwrap_or(&text).to_owned();
    let path = path.to_owned();
    let fix = format!(
        "make it yours or root's, and take it from others: chmod go-w {}",
        path.display()
    );
    Some(Finding { path, problem, fix })
}

fn examine_file(path: &Path) -> Option<Finding> {
    let facts = directory::look(path).ok().flatten()?;
    judge(&facts, path)
}

fn judge(facts: &Facts, path: &Path) -> Option<Finding> {
    let shown = path.display();
    let (problem, fix) = if !facts.regular {
        (
            "it is not a regular file".to_owned(),
            format!("look at it, then remove it: rm {shown}"),
        )
    } else if !facts.ours {
        (
            "it belongs to another user".to_owned(),
            format!("remove it, or name another file; its owner may read what is stored: {shown}"),
        )
    } else if facts.links > 1 {
        (
            format!("it has {} names", facts.links),
            format!("find the other name, then remove both: {shown}"),
        )
    } else if facts.open_to_others() {
        (
            format!("others may read or change it (mode {:04o})", facts.mode),
            format!("remove it and log in again, since others may know the token: rm {shown}"),
        )
    } else {
        return None;
    };
    let path = path.to_owned();
    Some(Finding { path, problem, fix })
}

/// The lock files of this directory that somebody holds now. For a moment it holds each of the
/// others itself. Works on the calling thread.
pub fn held_locks(directory: &Path) -> Vec<HeldLock> {
    let Ok(Some(directory)) = Directory::open(directory) else {
        return Vec::new();
    };
    let mut names = directory.names();
    names.sort_unstable();
    let locks = names.into_iter().filter(|name| name.ends_with(".lock"));
    locks.filter_map(|name| held(&directory, &name)).collect()
}

fn held(directory: &Directory, name: &str) -> Option<HeldLock> {
    let file = directory.open_to_read(name).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {}
        Ok(()) => {
            // Freed when it is closed, at the latest.
            let _ = file.unlock();
            return None;
        }
        Err(TryLockError::Error(_)) => return None,
    }
    let mut body = Vec::with_capacity(lock_record::SIZE);
    let limit = lock_record::SIZE as u64;
    let read = (&file).take(limit).read_to_end(&mut body);
    Some(HeldLock {
        path: directory.path_of(name),
        process: read.ok().and_then(|_| lock_record::writer(&body)),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Instant;

    use tempfile::TempDir;

    use super::*;
    use crate::file::lock::LockFile;
    use crate::file::lock_record::LockRecord;

    #[test]
    fn a_held_lock_is_found_with_its_process_and_a_free_one_is_not() {
        let place = TempDir::new().unwrap();
        let directory = Directory::open(place.path()).unwrap().unwrap();
        let take = |name| LockFile::acquire(&directory, name, Instant::now()).unwrap();
        let lock = take("held.lock");
        lock.write(&LockRecord::default()).unwrap();
        drop(take("free.lock"));
        let found = held_locks(place.path());
        let [held] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(held.path.ends_with("held.lock"), "{held:?}");
        // Windows hides the content of a locked file.
        let process = cfg!(unix).then(std::process::id);
        assert_eq!(held.process, process);
        drop(lock);
        assert_eq!(held_locks(place.path()), []);
    }

    #[test]
    fn nothing_is_wrong_with_what_is_not_there_nor_with_what_a_store_makes() {
        let place = TempDir::new().unwrap();
        let path = place.path().join("token.json");
        assert_eq!(examine(&path), []);
        assert_eq!(examine(&place.path().join("none/token.json")), []);
        fs::write(&path, "").unwrap();
        directory::protect(&fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(examine(&path), []);
        assert_eq!(held_locks(&place.path().join("none")), []);
    }

    // whose file it is comes before what may be done with it. A test cannot give a file away.
    #[test]
    fn a_file_of_somebody_else_is_named_as_theirs_whatever_its_mode() {
        let place = TempDir::new().unwrap();
        let path = place.path().join("token.json");
        fs::write(&path, "").unwrap();
        directory::protect(&fs::File::open(&path).unwrap()).unwrap();
        let ours = directory::look(&path).unwrap().unwrap();
        assert_eq!(judge(&ours, &path), None);
        for mode in [0o600, 0o644] {
            let (links, ours) = (2, Facts { mode, ..ours });
            let theirs = Facts {
                ours: false,
                links,
                ..ours
            };
            let found = judge(&theirs, &path).unwrap();
            assert_eq!(found.problem, "it belongs to another user");
            assert!(found.fix.contains("its owner may read"), "{found:?}");
            let no_file = Facts {
                regular: false,
                ..theirs
            };
            let found = judge(&no_file, &path).unwrap();
            assert_eq!(found.problem, "it is not a regular file");
        }
    }

    //
    #[cfg(unix)]
    #[test]
    fn what_others_could_read_or_exchange_is_found_with_its_fix_and_stays_as_it_is() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let place = TempDir::new().unwrap();
        let inner = place.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let path = inner.join("token.json");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let found = examine(&path);
        let shown: Vec<_> = found.iter().map(|found| found.path.as_path()).collect();
        assert_eq!(shown, [&*path, place.path()], "{found:?}");
        assert!(found[0].problem.contains("0644"), "{found:?}");
        assert!(
            found
                .iter()
                .all(|found| found.fix.contains(&*found.path.to_string_lossy()))
        );

        let link = inner.join("link");
        symlink(&path, &link).unwrap();
        assert!(examine(&link)[0].problem.contains("regular"));
        fs::hard_link(&path, inner.join("second")).unwrap();
        assert!(examine(&path)[0].problem.contains("2 names"));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
}
