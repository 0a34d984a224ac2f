//! Where a key comes from when nobody hands one over.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::{existing_keys, generated_keys, read_key_file, rotate_generated};
use super::{Key, KeyPlace, KeySet};
use crate::{StoreError, StoreErrorKind, default_directory};

/// The variable with the path of a key file.
const KEY_FILE: &str = "TOKEN_STORE_KEY_FILE";

/// The variable with the key itself.
const KEY: &str = "TOKEN_STORE_KEY";

/// The name of our directory where a user's programs keep their state.
const APPLICATION: &str = "token-store";

/// The keyring of the operating system, as a place for one key.
pub trait OsKeyring: fmt::Debug + Send + Sync {
    /// The keys that are kept there: the one that seals, then those that only open. Where none is,
    /// keeps `fresh` and answers what is kept then, which may be somebody else's who was faster.
    /// `None` where there is no keyring. Blocks.
    ///
    /// # Errors
    ///
    /// When there is a keyring, and it did not answer or does not let us.
    fn load_or_keep(&self, fresh: &Key) -> Result<Option<Vec<Key>>, StoreError>;

    /// Makes `fresh` the key that seals; the one that did only opens from now on. Blocks.
    ///
    /// # Errors
    ///
    /// When it could not be kept; everything is as it was then.
    fn rotate(&self, fresh: &Key) -> Result<(), StoreError>;
}

/// A key with where it was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundKey {
    /// The key.
    pub key: Key,
    /// Those that were in its place before, and only open.
    pub retired: Vec<Key>,
    /// Where it was.
    pub source: KeySource,
}

impl FoundKey {
    fn new(key: Key, source: KeySource) -> Self {
        Self {
            key,
            retired: Vec::new(),
            source,
        }
    }

    /// The first of these keys seals.
    fn first_of(keys: Vec<Key>, source: KeySource) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self {
            key: keys.next()?,
            retired: keys.collect(),
            source,
        })
    }

    /// The keys for a store: this one seals, those before it open.
    pub fn key_set(&self) -> KeySet {
        let retired = self.retired.iter().cloned();
        retired.fold(KeySet::new(self.key.clone()), KeySet::with_decrypt_only)
    }
}

/// Where a key was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// In a file that was named.
    File(PathBuf),
    /// In `TOKEN_STORE_KEY`.
    Environment,
    /// In the keyring of the operating system.
    OsKeyring,
    /// In the file `master.key` of the user's state directory, which was made where it was missing.
    Generated(PathBuf),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key file {}", path.display()),
            Self::Environment => f.write_str("the variable TOKEN_STORE_KEY"),
            Self::OsKeyring => f.write_str("the keyring of the operating system"),
            Self::Generated(path) => write!(f, "the key file {} of this user", path.display()),
        }
    }
}

/// Finds the key, in the first of these places that has one:
///
/// 1. the file that the caller names, from a flag or a setting;
/// 2. the file that `TOKEN_STORE_KEY_FILE` names;
/// 3. `TOKEN_STORE_KEY`, in base64, with a warning: every process of this user can read it;
/// 4. the keyring of the operating system, where there is one;
/// 5. `master.key` in the user's state directory, which is made: that protects a token that is
///    copied elsewhere, and not against whoever has the rights of this user.
///
/// `env` brings the environment; blank values count as unset. Reads and writes files, and waits for
/// the keyring, on this thread.
///
/// # Errors
///
/// What goes wrong in a place that was chosen; none of those after it is tried then.
/// [`StoreErrorKind::InvalidKey`] where there is no place at all.
pub fn find_key(
    named: Option<&Path>,
    env: impl Fn(&str) -> Option<OsString>,
    keyring: Option<&dyn OsKeyring>,
) -> Result<FoundKey, StoreError> {
    if let Some(found) = given_key(named, &env)? {
        return Ok(found);
    }
    if let Some(keyring) = keyring
        && let Some(keys) = keyring.load_or_keep(&Key::generate()?)?
    {
        let keys = keys.into_iter();
        let mut keys: Vec<_> = keys.map(|key| key.kept_in(KeyPlace::OsKeyring)).collect();
        keys.extend(made_before_the_keyring(&env));
        if let Some(found) = FoundKey::first_of(keys, KeySource::OsKeyring) {
            return Ok(found);
        }
    }
    let Some(directory) = default_directory(APPLICATION, &env) else {
        let reason = format!("there is no place for a key: set {KEY_FILE}");
        return Err(StoreError::new(StoreErrorKind::InvalidKey, reason));
    };
    let keys = generated_keys(&directory)?;
    let source = KeySource::Generated(directory.join(super::file::NAME));
    FoundKey::first_of(keys, source)
        .ok_or_else(|| StoreError::new(StoreErrorKind::InvalidKey, "there is no key"))
}

/// Finds a key that somebody gave, in the first three of the places of [`find_key`]: one that other
/// hosts can have, too.
///
/// # Errors
///
/// As [`find_key`].
pub(crate) fn given_key(
    named: Option<&Path>,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<FoundKey>, StoreError> {
    let variable = |name| env(name).filter(|value| !value.to_string_lossy().trim().is_empty());
    let file = named.map(Path::to_owned);
    if let Some(path) = file.or_else(|| variable(KEY_FILE).map(PathBuf::from)) {
        let key = read_key_file(&path)?;
        return Ok(Some(FoundKey::new(key, KeySource::File(path))));
    }
    let Some(value) = variable(KEY) else {
        return Ok(None);
    };
    tracing::warn!("{KEY} can be read by every process of this user; {KEY_FILE} cannot");
    Ok(Some(FoundKey::new(key_in(value)?, KeySource::Environment)))
}

/// Keys of a time when there was no keyring, or a program was built without: they open, and what
/// they open comes under the key of the keyring.
fn made_before_the_keyring(env: impl Fn(&str) -> Option<OsString>) -> Vec<Key> {
    let directory = default_directory(APPLICATION, env);
    let keys = directory.map(|directory| existing_keys(&directory));
    keys.unwrap_or_else(|| Ok(Vec::new()))
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "the keys that were made before the keyring cannot be read");
            Vec::new()
        })
}

/// Exchanges a key that this crate made, in the keyring or in `master.key`, by a new one, and
/// answers that. The old one stays and only opens, so stores that are opened from now on read old
/// files and write them anew; those that are open already go on with the old key. What was found
/// tells the place, and the arguments are those of [`find_key`].
///
/// Killed half-way, it has happened or not, and may be repeated: one more key that only opens does
/// no harm.
///
/// # Errors
///
/// [`StoreErrorKind::InvalidKey`] for a key that somebody else put into a file or a variable, who
/// must change it there; and where the new key could not be kept.
pub fn rotate_key(
    found: &FoundKey,
    keyring: Option<&dyn OsKeyring>,
) -> Result<FoundKey, StoreError> {
    let fresh = Key::generate()?;
    let fresh = match (&found.source, keyring) {
        (KeySource::OsKeyring, Some(keyring)) => {
            keyring.rotate(&fresh)?;
            fresh.kept_in(KeyPlace::OsKeyring)
        }
        (KeySource::Generated(path), _) => {
            rotate_generated(path.parent().unwrap_or(Path::new("")), &fresh)?;
            fresh
        }
        (source, _) => {
            let reason = format!("{source} is not ours to change");
            return Err(StoreError::new(StoreErrorKind::InvalidKey, reason));
        }
    };
    let mut retired = vec![found.key.clone()];
    retired.extend(found.retired.iter().cloned());
    Ok(FoundKey {
        key: fresh,
        retired,
        source: found.source.clone(),
    })
}

fn key_in(value: OsString) -> Result<Key, StoreError> {
    let text = Zeroizing::new(value.into_string().unwrap_or_default());
    Key::from_base64(&text).map_err(|error| {
        let reason = format!("{KEY}: {error}");
        StoreError::new(StoreErrorKind::InvalidKey, reason)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A keyring with one key, or a failure.
    #[derive(Debug)]
    struct Ring(Result<Option<Vec<Key>>, StoreErrorKind>);

    impl OsKeyring for Ring {
        fn load_or_keep(&self, _fresh: &Key) -> Result<Option<Vec<Key>>, StoreError> {
            self.0
                .clone()
                .map_err(|kind| StoreError::new(kind, "it is locked"))
        }

        fn rotate(&self, _fresh: &Key) -> Result<(), StoreError> {
            Ok(())
        }
    }

    struct Place {
        directory: TempDir,
        keys: [Key; 4],
    }

    impl Place {
        /// Key files `named` and `by-variable`, and a home.
        fn new() -> Self {
            let directory = TempDir::new().unwrap();
            let keys = std::array::from_fn(|_| Key::generate().unwrap());
            let place = Self { directory, keys };
            for (name, key) in ["named", "by-variable"].iter().zip(&place.keys) {
                let path = place.path(name);
                fs::write(&path, key.to_base64().as_bytes()).unwrap();
                let file = fs::File::open(path).unwrap();
                crate::file::directory::protect(&file).unwrap();
            }
            place
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        /// The environment with these of the variables.
        fn env(&self, set: &[&str]) -> impl Fn(&str) -> Option<OsString> {
            let home = self.directory.path().to_owned();
            let file = self.path("by-variable");
            let key = self.keys[2].to_base64();
            let set: Vec<String> = set.iter().map(|name| (*name).to_owned()).collect();
            move |name| match name {
                "HOME" | "LOCALAPPDATA" => Some(home.clone().into()),
                KEY_FILE if set.iter().any(|set| set == KEY_FILE) => Some(file.clone().into()),
                KEY if set.iter().any(|set| set == KEY) => Some(key.as_str().into()),
                KEY | KEY_FILE if set.iter().any(|set| set == "blank") => Some(" ".into()),
                _ => None,
            }
        }
    }

    #[test]
    fn the_first_place_that_has_a_key_counts() {
        let place = Place::new();
        let ring = Ring(Ok(Some(vec![place.keys[3].clone()])));
        let ring: Option<&dyn OsKeyring> = Some(&ring);
        let named = place.path("named");
        let all = place.env(&[KEY, KEY_FILE]);
        let cases = [
            (
                find_key(Some(&named), &all, ring),
                0,
                KeySource::File(named.clone()),
            ),
            (
                find_key(None, &all, ring),
                1,
                KeySource::File(place.path("by-variable")),
            ),
            (
                find_key(None, place.env(&[KEY]), ring),
                2,
                KeySource::Environment,
            ),
            (
                find_key(None, place.env(&["blank"]), ring),
                3,
                KeySource::OsKeyring,
            ),
        ];
        for (found, index, source) in cases {
            let found = found.unwrap();
            assert_eq!(found.source, source);
            assert_eq!(found.key.id(), place.keys[index].id(), "{source}");
        }
        let kept = find_key(None, place.env(&[]), ring).unwrap().key;
        assert_eq!(kept.place(), KeyPlace::OsKeyring);
    }

    #[test]
    fn without_any_a_key_is_made_and_found_again() {
        let place = Place::new();
        let none = Ring(Ok(None));
        let made = find_key(None, place.env(&[]), Some(&none)).unwrap();
        let again = find_key(None, place.env(&[]), None).unwrap();
        assert_eq!(made.key.id(), again.key.id());
        let KeySource::Generated(path) = again.source else {
            panic!("{again:?}");
        };
        assert!(
            path.ends_with("token-store/master.key"),
            "{}",
            path.display()
        );
        let homeless = find_key(None, |_| None, None).unwrap_err();
        assert_eq!(homeless.kind(), StoreErrorKind::InvalidKey, "{homeless}");
    }

    #[test]
    fn a_key_of_ours_is_exchanged_and_the_old_one_still_opens() {
        let place = Place::new();
        let first = find_key(None, place.env(&[]), None).unwrap();
        let second = rotate_key(&first, None).unwrap();
        let third = rotate_key(&second, None).unwrap();
        let found = find_key(None, place.env(&[]), None).unwrap();
        for answer in [&third, &found] {
            let ids: Vec<_> = answer.retired.iter().map(Key::id).collect();
            assert_eq!(answer.key.id(), third.key.id());
            assert_eq!(ids, [second.key.id(), first.key.id()]);
        }
    }

    #[test]
    fn a_key_that_was_made_before_there_was_a_keyring_still_opens() {
        let place = Place::new();
        let made = find_key(None, place.env(&[]), None).unwrap();
        let ring = Ring(Ok(Some(vec![place.keys[3].clone()])));
        let found = find_key(None, place.env(&[]), Some(&ring)).unwrap();
        assert_eq!(found.source, KeySource::OsKeyring);
        assert_eq!(found.key.id(), place.keys[3].id());
        let retired: Vec<_> = found.retired.iter().map(Key::id).collect();
        assert_eq!(retired, [made.key.id()]);
    }

    #[test]
    fn a_key_that_somebody_else_put_somewhere_is_not_exchanged() {
        let place = Place::new();
        let named = place.path("named");
        for found in [
            find_key(Some(&named), place.env(&[]), None).unwrap(),
            find_key(None, place.env(&[KEY]), None).unwrap(),
        ] {
            let error = rotate_key(&found, None).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::InvalidKey, "{error}");
        }
        assert_eq!(read_key_file(&named).unwrap().id(), place.keys[0].id());
    }

    // Whoever chose a key must not get another one in silence.
    #[test]
    fn a_place_that_fails_is_not_passed_over() {
        let place = Place::new();
        let missing = place.path("missing");
        let all = place.env(&[KEY, KEY_FILE]);
        let error = find_key(Some(&missing), all, None).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::InvalidKey);
        let locked = Ring(Err(StoreErrorKind::Denied));
        let error = find_key(None, place.env(&[]), Some(&locked)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied);
        let odd = |name: &str| (name == KEY).then(|| OsString::from("s3cret"));
        let error = find_key(None, odd, None).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::InvalidKey);
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        assert!(!place.path(".local").exists() && !place.path("Library").exists());
    }
}
