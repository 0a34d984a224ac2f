//! All files of a directory under a new key.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::EncryptedFileStore;
use crate::file::codec::MAX_BYTES;
use crate::file::directory::Directory;
use crate::file::inner::Rewritten;
use crate::{Binding, KeyId, KeySet, StoreError, key_id_of};

/// The end of the name of an encrypted file.
const EXTENSION: &str = ".tks";

/// What came of writing the files of a directory anew.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// How many files were written anew.
    pub rewritten: usize,
    /// How many were under the active key already.
    pub current: usize,
    /// How many of the bindings have no file.
    pub absent: usize,
    /// The files that were not written, and why; they are as they were.
    pub failed: Vec<(PathBuf, StoreError)>,
}

/// Writes the files of these bindings anew with the active key of `keys`, as far as they are not
/// under it already. Generations stay, and whoever uses the records meanwhile is not disturbed.
///
/// A file says whose it is only to somebody who knows, so the bindings must be named; each has the
/// name that [`Binding::file_stem`] gives it, with `.tks`. One that fails does not stop the others.
/// May be repeated, also after the process was killed. Works on the calling thread.
pub fn rotate_directory(
    directory: &Path,
    keys: impl Into<Arc<KeySet>>,
    bindings: impl IntoIterator<Item = Binding>,
) -> Rotation {
    let keys = keys.into();
    let mut rotation = Rotation::default();
    for binding in bindings {
        let path = directory.join(format!("{}{EXTENSION}", binding.file_stem()));
        let rewritten = EncryptedFileStore::open(&path, binding, Arc::clone(&keys))
            .and_then(|store| store.rewrite_now());
        match rewritten {
            Ok(Rewritten::Anew) => rotation.rewritten += 1,
            Ok(Rewritten::Current) => rotation.current += 1,
            Ok(Rewritten::Absent) => rotation.absent += 1,
            Err(error) => rotation.failed.push((path, error)),
        }
    }
    rotation
}

/// The files ending in `.tks` of a directory, by name, with the key that each says it is under; no
/// key is needed for that. A key that none of them names can be destroyed. Works on the calling
/// thread.
///
/// # Errors
///
/// When the directory or a file in it cannot be read. What is no envelope is left out.
pub fn key_ids_in(directory: &Path) -> Result<Vec<(String, KeyId)>, StoreError> {
    let Some(directory) = Directory::open(directory)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut names = directory.names();
    names.sort_unstable();
    for name in names.into_iter().filter(|name| name.ends_with(EXTENSION)) {
        let path = directory.path_of(&name);
        let failed = |error| StoreError::from_io("the token file cannot be read", &path, error);
        let file = directory.open_to_read(&name).map_err(failed)?;
        let mut bytes = Vec::new();
        let limit = MAX_BYTES as u64 + 1;
        file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
        if let Ok(id) = key_id_of(&bytes) {
            found.push((name, id));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;
    use zeroize::Zeroizing;

    use super::*;
    use crate::contract::record;
    use crate::{Change, Commit, Generation, Key, OpId, StoreErrorKind};

    fn key(byte: u8) -> Key {
        Key::new(Zeroizing::new([byte; 32]))
    }

    fn bindings() -> Vec<Binding> {
        let binding = |user| Binding::new("https://amp.example", user).unwrap();
        ["alice", "bob", "carol"].map(binding).to_vec()
    }

    fn store(place: &TempDir, binding: &Binding, keys: KeySet) -> EncryptedFileStore {
        let path = place.path().join(format!("{}.tks", binding.file_stem()));
        EncryptedFileStore::open(path, binding.clone(), keys).unwrap()
    }

    fn put(store: &EncryptedFileStore) {
        let change = Change::Put(record("kept"));
        let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
        store.commit_now(commit).unwrap();
    }

    #[test]
    fn every_file_comes_under_the_active_key_and_a_second_run_has_nothing_to_do() {
        let place = TempDir::new().unwrap();
        let all = bindings();
        put(&store(&place, &all[0], KeySet::new(key(1))));
        put(&store(&place, &all[1], KeySet::new(key(2))));
        let rotated = || KeySet::new(key(2)).with_decrypt_only(key(1));

        let first = rotate_directory(place.path(), rotated(), all.clone());
        assert_eq!(
            (first.rewritten, first.current, first.absent),
            (1, 1, 1),
            "{first:?}"
        );
        let second = rotate_directory(place.path(), rotated(), all.clone());
        assert_eq!(
            (second.rewritten, second.current, second.absent),
            (0, 2, 1),
            "{second:?}"
        );

        let ids = key_ids_in(place.path()).unwrap();
        assert_eq!(ids.len(), 2);
        assert!(ids.iter().all(|(_, id)| *id == key(2).id()), "{ids:?}");
        let loaded = store(&place, &all[0], KeySet::new(key(2)))
            .read_now()
            .unwrap();
        assert_eq!(loaded.record, Some(record("kept")));
        assert_eq!(loaded.generation.number(), 1);
    }

    #[test]
    fn a_file_that_no_key_opens_is_named_and_does_not_stop_the_others() {
        let place = TempDir::new().unwrap();
        let all = bindings();
        put(&store(&place, &all[0], KeySet::new(key(9))));
        put(&store(&place, &all[1], KeySet::new(key(1))));
        let keys = KeySet::new(key(2)).with_decrypt_only(key(1));
        let rotation = rotate_directory(place.path(), keys, all.clone());
        assert_eq!(rotation.rewritten, 1, "{rotation:?}");
        let [(path, error)] = &rotation.failed[..] else {
            panic!("{rotation:?}");
        };
        assert_eq!(error.kind(), StoreErrorKind::WrongKey);
        assert_eq!(path, &store(&place, &all[0], KeySet::new(key(9))).path());
    }

    #[test]
    fn looking_for_keys_leaves_out_what_is_no_envelope_and_makes_nothing() {
        let place = TempDir::new().unwrap();
        fs::write(place.path().join("other.tks"), "{}").unwrap();
        fs::write(place.path().join("token.json"), "{}").unwrap();
        assert_eq!(key_ids_in(place.path()).unwrap(), []);
        let rotation = rotate_directory(place.path(), KeySet::new(key(1)), bindings());
        assert_eq!(rotation.absent, 3, "{rotation:?}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        assert_eq!(key_ids_in(&place.path().join("none")).unwrap(), []);
    }
}
