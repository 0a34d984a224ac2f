//! Where a key comes from when nobody hands one over.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::file::{generated_key, read_key_file};
use super::{Key, KeyPlace};
use crate::{StoreError, StoreErrorKind, default_directory};

/// The variable with the path of a key file.
const KEY_FILE: &str = "TOKEN_STORE_KEY_FILE";

/// The variable with the key itself.
const KEY: &str = "TOKEN_STORE_KEY";

/// The name of our directory where a user's programs keep their state.
const APPLICATION: &str = "token-store";

/// The keyring of the operating system, as a place for one key.
pub trait OsKeyring: fmt::Debug + Send + Sync {
    /// The key that is kept there. Where none is, keeps `fresh` and answers the one that is kept
    /// then, which may be somebody else's who was faster. `None` where there is no keyring. Blocks.
    ///
    /// # Errors
    ///
    /// When there is a keyring, and it did not answer or does not let us.
    fn load_or_keep(&self, fresh: &Key) -> Result<Option<Key>, StoreError>;
}

/// A key with where it was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundKey {
    /// The key.
    pub key: Key,
    /// Where it was.
    pub source: KeySource,
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
    let variable = |name| env(name).filter(|value| !value.to_string_lossy().trim().is_empty());
    let file = named.map(Path::to_owned);
    if let Some(path) = file.or_else(|| variable(KEY_FILE).map(PathBuf::from)) {
        let key = read_key_file(&path)?;
        let source = KeySource::File(path);
        return Ok(FoundKey { key, source });
    }
    if let Some(value) = variable(KEY) {
        tracing::warn!("{KEY} can be read by every process of this user; {KEY_FILE} cannot");
        return Ok(FoundKey {
            key: key_in(value)?,
            source: KeySource::Environment,
        });
    }
    if let Some(keyring) = keyring
        && let Some(key) = keyring.load_or_keep(&Key::generate()?)?
    {
        return Ok(FoundKey {
            key: key.kept_in(KeyPlace::OsKeyring),
            source: KeySource::OsKeyring,
        });
    }
    let Some(directory) = default_directory(APPLICATION, &env) else {
        let reason = format!("there is no place for a key: set {KEY_FILE}");
        return Err(StoreError::new(StoreErrorKind::InvalidKey, reason));
    };
    Ok(FoundKey {
        key: generated_key(&directory)?,
        source: KeySource::Generated(directory.join(super::file::NAME)),
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
    struct Ring(Result<Option<Key>, StoreErrorKind>);

    impl OsKeyring for Ring {
        fn load_or_keep(&self, _fresh: &Key) -> Result<Option<Key>, StoreError> {
            self.0
                .clone()
                .map_err(|kind| StoreError::new(kind, "it is locked"))
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
        let ring = Ring(Ok(Some(place.keys[3].clone())));
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
