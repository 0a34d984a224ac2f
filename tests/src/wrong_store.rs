//! Stores that break their word, one mistake each: what the rigs must find in the same run.
//!
//! They write the same encrypted file as the real store, which judges what they left.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use token_store::{
    Change, Commit, Committed, Durability, EncryptedFileStore, Generation, Loaded, Randomness,
    Record, Sealer, StoreError, StoreErrorKind,
};

use crate::stores::{binding, keys};

/// What the store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the rigs go through all of them")]
pub enum Mistake {
    /// Truncates the file and writes it in two steps.
    InPlace,
    /// Acknowledges a record and writes it with the next one.
    WritesLater,
    /// Compares and swaps without a lock.
    Unlocked,
    /// Removes the lock file when it is done, while others wait on it.
    LockRemoved,
    /// Leaves its temporary files where they are.
    Litters,
    /// Makes its temporary file under one name, over whatever is there, with the umask's mode.
    Guessable,
    /// Acknowledges what could not be written.
    Silent,
    /// Tells the token in its errors.
    Talkative,
    /// Writes with a panic where an error belongs.
    Panics,
}

impl Mistake {
    const ALL: [Self; 9] = [
        Self::InPlace,
        Self::WritesLater,
        Self::Unlocked,
        Self::LockRemoved,
        Self::Litters,
        Self::Guessable,
        Self::Silent,
        Self::Talkative,
        Self::Panics,
    ];
}

impl FromStr for Mistake {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|mistake| format!("{mistake:?}") == name);
        found.ok_or_else(|| format!("no store is called {name}"))
    }
}

/// A store with one mistake.
#[derive(Debug)]
pub struct WrongStore {
    path: PathBuf,
    mistake: Mistake,
    reader: EncryptedFileStore,
    /// What was acknowledged and not written.
    late: Mutex<Option<Vec<u8>>>,
}

impl WrongStore {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// As [`EncryptedFileStore::open`].
    pub fn open(path: &Path, mistake: Mistake) -> Result<Self, StoreError> {
        let builder = EncryptedFileStore::builder(path, binding(), keys());
        Ok(Self {
            path: path.to_owned(),
            mistake,
            reader: builder.durability(Durability::None).open()?,
            late: Mutex::new(None),
        })
    }

    /// Reads as the real store does.
    ///
    /// # Errors
    ///
    /// As [`EncryptedFileStore::read_now`].
    pub fn read_now(&self) -> Result<Loaded, StoreError> {
        self.reader.read_now()
    }

    /// Commits wrongly. It cannot clear.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    ///
    /// # Panics
    ///
    /// When asked to clear; and instead of an error, where that is its mistake.
    pub fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        let Change::Put(record) = &commit.change else {
            panic!("a wrong store cannot clear");
        };
        let lock = self.lock().map_err(|error| self.failed(error, record))?;
        let current = self.read_now()?;
        if current.generation != commit.expected {
            return Ok(Committed::Conflict(current));
        }
        let generation = commit.expected.next();
        let bytes = sealed(record, generation);
        match self.write(bytes) {
            Err(_) if self.mistake == Mistake::Silent => {}
            Err(error) if self.mistake == Mistake::Panics => panic!("{error}"),
            written => written.map_err(|error| self.failed(error, record))?,
        }
        if self.mistake == Mistake::LockRemoved {
            let _ = fs::remove_file(self.beside("lock"));
        }
        drop(lock);
        Ok(Committed::Stored {
            generation,
            durable: true,
        })
    }

    fn lock(&self) -> io::Result<Option<File>> {
        if self.mistake == Mistake::Unlocked {
            return Ok(None);
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        let file = options.open(self.beside("lock"))?;
        file.lock()?;
        Ok(Some(file))
    }

    fn write(&self, bytes: Vec<u8>) -> io::Result<()> {
        match self.mistake {
            Mistake::InPlace => write_in_place(&self.path, &bytes),
            Mistake::WritesLater => {
                let mut late = self.late.lock().unwrap_or_else(|late| late.into_inner());
                match late.replace(bytes) {
                    Some(earlier) => self.replace(&earlier),
                    None => Ok(()),
                }
            }
            _ => self.replace(&bytes),
        }
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let temporary = match self.mistake {
            Mistake::Guessable => self.beside("tmp"),
            _ => self.beside(&format!(
                "{}.{:016x}.tmp",
                std::process::id(),
                fastrand::u64(..)
            )),
        };
        let written = self.fill(&temporary, bytes);
        if written.is_err() && self.mistake != Mistake::Litters {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn fill(&self, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        if self.mistake == Mistake::Guessable {
            options.create(true).truncate(true);
        } else {
            private(options.create_new(true));
        }
        let mut file = options.write(true).open(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, &self.path)
    }

    /// A hidden name beside the file, as a temporary one has.
    fn beside(&self, end: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.{end}"))
    }

    fn failed(&self, error: io::Error, record: &Record) -> StoreError {
        let reason = match self.mistake {
            Mistake::Talkative => record.token.token().expose_secret(),
            _ => "a wrong store could not write",
        };
        StoreError::at(StoreErrorKind::Io, reason, &self.path, Some(error))
    }
}

fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = private(options.write(true).create(true).truncate(true));
    let mut file = options.open(path)?;
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    file.write_all(second)?;
    file.sync_all()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn sealed(record: &Record, generation: Generation) -> Vec<u8> {
    let sealer = Sealer::new(keys(), &binding());
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let randomness = Randomness::from_system().expect("the system gives randomness");
    let sealed = sealer.seal(record, generation, now, randomness);
    sealed.expect("a token of 600 bytes fits")
}
