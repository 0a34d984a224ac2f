//! Who logged in last at which service, so that a later shell need not be told.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::file::directory::{self, Directory};
use crate::file::lock::LockFile;
use crate::file::write::replace;
use crate::{Durability, Origin, StoreError, StoreErrorKind};

const NAME: &str = "accounts.json";
const LOCK_NAME: &str = "accounts.json.lock";

/// The largest file that is read, in bytes; a larger one counts as empty.
const MAX_BYTES: u64 = 65_536;

/// The longest wait for another process that is writing.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The file `accounts.json` in a directory of token files: for each service the user who logged
/// in last. It holds no secret.
#[derive(Clone, Debug)]
pub struct Accounts {
    directory: PathBuf,
}

/// The file. What a newer version adds is lost when this version writes.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Content {
    #[serde(default)]
    accounts: BTreeMap<String, String>,
}

impl Accounts {
    /// The accounts beside the token files of this directory. Nothing is read yet.
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Where they are kept.
    pub fn path(&self) -> PathBuf {
        self.directory.join(NAME)
    }

    /// The user who logged in last at this service. A missing or damaged file knows nobody; the
    /// calling thread reads it.
    ///
    /// # Errors
    ///
    /// When the directory or the file may not be trusted or not be read.
    pub fn last_user(&self, origin: &Origin) -> Result<Option<String>, StoreError> {
        match Directory::open(&self.directory)? {
            Some(directory) => Ok(read(&directory)?.accounts.remove(origin.as_str())),
            None => Ok(None),
        }
    }

    /// Who logged in last, at each service that is known. What is no origin is left out; the calling
    /// thread reads the file.
    ///
    /// # Errors
    ///
    /// As [`last_user`](Self::last_user).
    pub fn all(&self) -> Result<Vec<(Origin, String)>, StoreError> {
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(Vec::new());
        };
        let accounts = read(&directory)?.accounts.into_iter();
        let known =
            accounts.filter_map(|(origin, user)| Some((Origin::parse(&origin).ok()?, user)));
        Ok(known.collect())
    }

    /// Notes who logged in at this service; the calling thread writes the file.
    ///
    /// # Errors
    ///
    /// When the file could not be written, or may not be trusted; it is untouched then.
    pub fn remember(&self, origin: &Origin, user: &str) -> Result<(), StoreError> {
        self.update(|accounts| {
            let known = accounts.insert(origin.as_str().to_owned(), user.to_owned());
            known.as_deref() != Some(user)
        })
    }

    /// Forgets who logged in at this service.
    ///
    /// # Errors
    ///
    /// As [`remember`](Self::remember).
    pub fn forget(&self, origin: &Origin) -> Result<(), StoreError> {
        self.update(|accounts| accounts.remove(origin.as_str()).is_some())
    }

    /// Writes the file if `change` says that it changed something.
    fn update(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> bool,
    ) -> Result<(), StoreError> {
        let directory = Directory::open_or_create(&self.directory)?;
        let deadline = Instant::now() + LOCK_TIMEOUT;
        let _lock = LockFile::acquire(&directory, LOCK_NAME, deadline)?;
        let mut content = read(&directory)?;
        if !change(&mut content.accounts) {
            return Ok(());
        }
        let bytes = serde_json::to_vec_pretty(&content).map_err(|error| {
            let reason = "the accounts cannot be written as JSON";
            StoreError::at(StoreErrorKind::Io, reason, &self.path(), Some(error.into()))
        })?;
        replace(&directory, NAME, &bytes, Durability::Full)?;
        Ok(())
    }
}

/// Reads the file; one that is damaged counts as empty.
fn read(directory: &Directory) -> Result<Content, StoreError> {
    let path = directory.path_of(NAME);
    let failed = |error| StoreError::from_io("the accounts cannot be read", &path, error);
    let file = match directory.open_to_read(NAME) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::default()),
        Err(error) => return Err(failed(error)),
    };
    // What was opened is judged: the name may be another file's by now.
    let facts = directory::facts(&file.metadata().map_err(failed)?);
    // A file that others can change could name the account of an attacker.
    if !facts.regular || !facts.ours || facts.links > 1 || facts.mode & 0o022 != 0 {
        let reason = "the accounts are not a regular file of ours alone";
        return Err(StoreError::at(
            StoreErrorKind::UnsafePath,
            reason,
            &path,
            None,
        ));
    }
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Ok(Content::default());
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The directory for the state of one user's `application`, by the custom of the platform:
///
/// - Windows: `%LOCALAPPDATA%\<application>`
/// - macOS: `$HOME/Library/Application Support/<application>`
/// - elsewhere: `$XDG_STATE_HOME/<application>`, or `$HOME/.local/state/<application>`
///
/// `env` brings the environment. A value that is empty or not an absolute path counts as missing,
/// as the XDG specification demands; `None` means that there is no such place.
///
/// ```
/// # #[cfg(all(unix, not(target_os = "macos")))] {
/// use std::ffi::OsString;
/// use std::path::PathBuf;
/// use token_store::default_directory;
///
/// let env = |name: &str| (name == "HOME").then(|| OsString::from("/home/alice"));
/// let expected = PathBuf::from("/home/alice/.local/state/amp");
/// assert_eq!(default_directory("amp", env), Some(expected));
/// # }
/// ```
pub fn default_directory(
    application: &str,
    env: impl Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(env(name)?);
        path.is_absolute().then_some(path)
    };
    let base = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        below(absolute("HOME"), "Library/Application Support")
    } else {
        absolute("XDG_STATE_HOME").or_else(|| below(absolute("HOME"), ".local/state"))
    };
    below(base, application)
}

fn below(base: Option<PathBuf>, rest: impl AsRef<Path>) -> Option<PathBuf> {
    base.map(|base| base.join(rest))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn origin(host: &str) -> Origin {
        Origin::parse(&format!("https://{host}/api")).unwrap()
    }

    #[test]
    fn the_last_user_of_each_service_is_remembered() {
        let directory = TempDir::new().unwrap();
        let accounts = Accounts::in_directory(directory.path().join("amp"));
        let (test, live) = (origin("test.example"), origin("live.example"));
        assert_eq!(accounts.last_user(&test).unwrap(), None);
        assert!(
            !directory.path().join("amp").exists(),
            "a look makes nothing"
        );

        accounts.remember(&test, "alice").unwrap();
        accounts.remember(&live, "bob").unwrap();
        accounts.remember(&test, "carol").unwrap();
        assert_eq!(accounts.last_user(&test).unwrap().as_deref(), Some("carol"));
        assert_eq!(accounts.last_user(&live).unwrap().as_deref(), Some("bob"));

        accounts.forget(&live).unwrap();
        accounts.forget(&live).unwrap();
        assert_eq!(accounts.last_user(&live).unwrap(), None);
    }

    #[test]
    fn a_damaged_file_knows_nobody_and_is_replaced() {
        let directory = TempDir::new().unwrap();
        let accounts = Accounts::in_directory(directory.path());
        let long = format!("{{\"accounts\": {{}}}}{}", " ".repeat(70_000));
        for damaged in ["", "{", "[]", r#"{"accounts": 1}"#, &long] {
            fs::write(accounts.path(), damaged).unwrap();
            assert_eq!(accounts.last_user(&origin("a.example")).unwrap(), None);
        }
        accounts.remember(&origin("a.example"), "alice").unwrap();
        let user = accounts.last_user(&origin("a.example")).unwrap();
        assert_eq!(user.as_deref(), Some("alice"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_file_is_neither_read_nor_replaced() {
        let directory = TempDir::new().unwrap();
        let victim = directory.path().join("victim");
        fs::write(
            &victim,
            r#"{"accounts": {"https://a.example:443": "mallory"}}"#,
        )
        .unwrap();
        let accounts = Accounts::in_directory(directory.path());
        std::os::unix::fs::symlink(&victim, accounts.path()).unwrap();
        let error = accounts.last_user(&origin("a.example")).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::UnsafePath);
        let error = accounts
            .remember(&origin("a.example"), "alice")
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::UnsafePath);
        assert!(fs::read_to_string(&victim).unwrap().contains("mallory"));
    }

    // X-17
    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_default_directory_follows_the_xdg_specification() {
        let with = |vars: &'static [(&str, &str)]| {
            default_directory("amp", move |name| {
                let found = vars.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let fallback = Some(PathBuf::from("/home/alice/.local/state/amp"));
        assert_eq!(
            with(&[("XDG_STATE_HOME", "/state"), ("HOME", "/home/alice")]),
            Some(PathBuf::from("/state/amp"))
        );
        assert_eq!(
            with(&[("XDG_STATE_HOME", ""), ("HOME", "/home/alice")]),
            fallback
        );
        assert_eq!(
            with(&[("XDG_STATE_HOME", "state"), ("HOME", "/home/alice")]),
            fallback
        );
        assert_eq!(with(&[("HOME", "")]), None);
        assert_eq!(with(&[]), None);
    }
}
