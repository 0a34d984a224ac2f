//! What every handle to one file shares, and the steps of reading and committing.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::commit::Transaction;
use super::directory::{self, Directory};
use super::facts::Fingerprint;
use super::lock_record::LockRecord;
use super::options::Options;
use super::read::{Found, Usable, look};
use super::turnstile::Turnstile;
use super::{lease, lock};
use crate::recent::RecentOps;
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, StoreErrorKind,
};

/// A file must have rested this long before an unchanged fingerprint means unchanged content:
/// longer than the coarsest tick of a common file system's clock.
const RACY: Duration = Duration::from_millis(20);

/// The same for time stamps in whole seconds, of which FAT has only the even ones.
const RACY_IN_SECONDS: Duration = Duration::from_secs(3);

pub(crate) struct Inner {
    pub(crate) directory: PathBuf,
    pub(crate) name: String,
    pub(crate) binding: Binding,
    pub(crate) options: Options,
    turnstile: Turnstile,
    cache: Mutex<Option<Cached>>,
    recent: Mutex<RecentOps>,
}

/// The answer of a load, for as long as the file has this fingerprint.
pub(crate) struct Cached {
    pub(crate) print: Fingerprint,
    pub(crate) loaded: Loaded,
}

impl Inner {
    pub(crate) fn new(directory: &Path, name: &str, binding: Binding, options: Options) -> Self {
        Self {
            directory: directory.to_owned(),
            name: name.to_owned(),
            binding,
            options,
            turnstile: Turnstile::default(),
            cache: Mutex::default(),
            recent: Mutex::default(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    pub(crate) fn lock_name(&self) -> String {
        format!("{}.lock", self.name)
    }

    /// Tries once to get the lease.
    pub(crate) fn try_lease(&self) -> Result<LeaseAttempt, StoreError> {
        let name = format!("{}.refresh.lock", self.name);
        lease::try_lease(&self.directory, &name)
    }

    pub(crate) fn read(&self) -> Result<Loaded, StoreError> {
        match self.glance()? {
            Some(loaded) => Ok(loaded),
            None => self.locked(|transaction| Ok(transaction.loaded())),
        }
    }

    /// Reads without changing anything; `None` if only a look under the lock can tell.
    pub(crate) fn glance(&self) -> Result<Option<Loaded>, StoreError> {
        if let Some(loaded) = self.unchanged() {
            return Ok(Some(loaded));
        }
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(Some(Loaded::default()));
        };
        // The floor is read first: a commit in between then makes the answer old, not wrong.
        let before = lock::peek(&directory, &self.lock_name());
        match look(&directory, &self.name, &self.binding, &self.options)? {
            Found::Absent => Ok(self.absent(&directory, before)),
            Found::Usable(usable) => {
                let floor = before.unwrap_or_default().last;
                Ok(Some(self.keep(usable, floor)))
            }
            Found::Bad { .. } => Ok(None),
        }
    }

    /// The lock record alone has the generation of a file that is not there, so it must have been
    /// the same before and after the look: otherwise a clear or a store came in between.
    pub(crate) fn absent(
        &self,
        directory: &Directory,
        before: Option<LockRecord>,
    ) -> Option<Loaded> {
        let after = lock::peek(directory, &self.lock_name())?;
        (before == Some(after)).then(|| Loaded::new(None, after.floor_without_file()))
    }

    pub(crate) fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        if let Some(done) = self.recent().find(commit.op_id) {
            return Ok(done.into());
        }
        let committed = self.locked(|transaction| transaction.commit(commit));
        *self.cache() = None;
        committed
    }

    /// Runs under the write lock, after the other threads of this process.
    fn locked<T>(
        &self,
        work: impl FnOnce(Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let deadline = after(self.options.lock_timeout);
        let Some(_turn) = self.turnstile.enter(deadline) else {
            let reason = "other threads hold the lock for too long";
            let path = self.path();
            return Err(StoreError::at(
                StoreErrorKind::LockTimeout,
                reason,
                &path,
                None,
            ));
        };
        work(Transaction::begin(self, deadline)?)
    }

    /// The last answer, if the file is still the same one. Otherwise nothing keeps its token.
    fn unchanged(&self) -> Option<Loaded> {
        let mut cache = self.cache();
        let print = cache.as_ref()?.print;
        let facts = directory::look(&self.path()).ok().flatten();
        if facts.is_none_or(|facts| facts.print != print) {
            *cache = None;
        }
        cache.as_ref().map(|cached| cached.loaded.clone())
    }

    fn keep(&self, usable: Usable, floor: Generation) -> Loaded {
        let generation = usable.generation.max(floor);
        let mut loaded = Loaded::new(Some(usable.record), generation);
        loaded.notice = usable.notice;
        *self.cache() = has_rested(&usable.print, wall_clock()).then(|| Cached {
            print: usable.print,
            loaded: loaded.clone(),
        });
        loaded
    }

    pub(crate) fn cache(&self) -> MutexGuard<'_, Option<Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn recent(&self) -> MutexGuard<'_, RecentOps> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path())
            .field("binding", &self.binding)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A moment so far away that nobody waits for it stands for one that cannot be expressed.
fn after(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    Instant::now() + timeout.min(YEAR)
}

/// Two versions written within one tick of the file system's clock can share a fingerprint, so a
/// young one is not trusted.
fn has_rested(print: &Fingerprint, now: SystemTime) -> bool {
    let (seconds, nanoseconds) = print.changed;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanoseconds = u32::try_from(nanoseconds).unwrap_or(0);
    let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds));
    let age = changed.and_then(|changed| now.duration_since(changed).ok());
    let tick = if nanoseconds == 0 {
        RACY_IN_SECONDS
    } else {
        RACY
    };
    age.is_some_and(|age| age >= tick)
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with time stamps of the file system and used in names, never with tokens"
)]
pub(crate) fn wall_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed_at(changed: (i64, i64)) -> Fingerprint {
        Fingerprint {
            device: 1,
            inode: 2,
            size: 3,
            modified: changed,
            changed,
        }
    }

    //
    #[test]
    fn a_young_file_is_not_known_by_its_fingerprint() {
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let exact = changed_at((1_800_000_000, 123));
        let whole_seconds = changed_at((1_800_000_000, 0));
        for (print, millis, rested) in [
            (&exact, 19, false),
            (&exact, 21, true),
            (&whole_seconds, 21, false),
            (&whole_seconds, 2_999, false),
            (&whole_seconds, 3_000, true),
        ] {
            let now = written + Duration::from_millis(millis);
            assert_eq!(has_rested(print, now), rested, "{print:?} {millis}");
        }
        let set_back = written - Duration::from_secs(86_400);
        assert!(!has_rested(&exact, set_back), "a clock was set back");
    }
}
