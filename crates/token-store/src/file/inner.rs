//! What every handle to one file shares, and the steps of reading and committing.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::codec::Codec;
use super::commit::Transaction;
use super::directory::{self, Directory};
use super::facts::Fingerprint;
use super::lock_record::LockRecord;
use super::options::Options;
use super::read::{Found, Usable, look};
use super::time::{after, has_rested, wall_clock};
use super::turnstile::Turnstile;
use super::{lease, lock};
use crate::recent::RecentOps;
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, StoreErrorKind,
};

pub(crate) struct Inner {
    pub(crate) directory: PathBuf,
    pub(crate) name: String,
    pub(crate) binding: Binding,
    pub(crate) codec: Box<dyn Codec>,
    pub(crate) options: Options,
    path: PathBuf,
    lock_name: String,
    /// The highest generation that this process saw.
    floor: AtomicU64,
    /// The generation that this handle wrote anew last. 0 where it did not, and for a file that has
    /// none.
    rewrote: AtomicU64,
    turnstile: Turnstile,
    /// The directory in which a file was found last that tells its generation reliably; beside any
    /// other, the lock record must be read.
    opened: Mutex<Option<Arc<Directory>>>,
    cache: Mutex<Option<Cached>>,
    recent: Mutex<RecentOps>,
}

/// What a look without the lock can tell.
pub(crate) enum Glance {
    Loaded(Loaded),
    /// It can be used, and should be written anew.
    Outdated(Loaded),
    /// Only a look under the lock can tell.
    Unclear,
}

/// What came of the wish to have a file written as it is written today.
#[cfg(feature = "encrypted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rewritten {
    /// There is none.
    Absent,
    /// It was written like that already.
    Current,
    /// It was written anew.
    Anew,
}

/// The answer of a load, for as long as the file has this fingerprint.
pub(crate) struct Cached {
    pub(crate) print: Fingerprint,
    pub(crate) loaded: Loaded,
}

impl Inner {
    pub(crate) fn new(
        directory: &Path,
        name: &str,
        binding: Binding,
        codec: Box<dyn Codec>,
        options: Options,
    ) -> Self {
        Self {
            directory: directory.to_owned(),
            name: name.to_owned(),
            binding,
            codec,
            options,
            path: directory.join(name),
            lock_name: format!("{name}.lock"),
            floor: AtomicU64::new(0),
            rewrote: AtomicU64::new(0),
            turnstile: Turnstile::default(),
            opened: Mutex::default(),
            cache: Mutex::default(),
            recent: Mutex::default(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn lock_name(&self) -> &str {
        &self.lock_name
    }

    /// Notes a generation, below which no file may fall any more.
    pub(crate) fn saw(&self, generation: Generation) {
        self.floor.fetch_max(generation.number(), Ordering::Relaxed);
    }

    /// The generation below which a file was put back by somebody; 0 where files do not say theirs
    /// reliably.
    pub(crate) fn floor(&self) -> Generation {
        if self.codec.is_authentic() {
            Generation::new(self.floor.load(Ordering::Relaxed))
        } else {
            Generation::ZERO
        }
    }

    /// Tries once to get the lease.
    pub(crate) fn try_lease(&self) -> Result<LeaseAttempt, StoreError> {
        let name = format!("{}.refresh.lock", self.name);
        lease::try_lease(&self.directory, &name)
    }

    pub(crate) fn read(&self) -> Result<Loaded, StoreError> {
        match self.glance()? {
            Glance::Loaded(loaded) => Ok(loaded),
            Glance::Outdated(loaded) if self.was_rewritten(loaded.generation) => Ok(loaded),
            Glance::Outdated(loaded) => Ok(self.rewritten().unwrap_or(loaded)),
            Glance::Unclear => {
                let deadline = after(self.options.lock_timeout);
                self.locked(deadline, |transaction| Ok(transaction.loaded()))
            }
        }
    }

    /// Reads without changing anything.
    pub(crate) fn glance(&self) -> Result<Glance, StoreError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let Some(directory) = Directory::open(&self.directory)? else {
            return Ok(Glance::Loaded(Loaded::default()));
        };
        // Such a file needs no second opinion on its generation.
        if self.codec.is_authentic()
            && let Found::Usable(usable) = look(&directory, self)?
        {
            *self.opened() = Some(Arc::new(directory));
            return Ok(self.keep(usable, Generation::ZERO));
        }
        // The record is read first: a commit in between then makes the answer old, not wrong.
        let before = lock::peek(&directory, self.lock_name());
        match look(&directory, self)? {
            Found::Absent => {
                let absent = self.absent(&directory, before);
                Ok(absent.map_or(Glance::Unclear, Glance::Loaded))
            }
            Found::Usable(usable) => {
                let floor = before.unwrap_or_default().last;
                Ok(self.keep(usable, floor))
            }
            Found::Bad { .. } => Ok(Glance::Unclear),
        }
    }

    /// The short way: the last answer, if the file is still the same one, or the file in the
    /// directory that was open already, if its path still leads there. `None` if anything is not
    /// as it was, and then nothing keeps the token.
    fn known(&self) -> Option<Glance> {
        let opened = self.opened().clone();
        if opened.is_none() && self.cache().is_none() {
            return None;
        }
        let named = directory::print_of(self.path());
        if let Some(cached) = &*self.cache()
            && named == Some(cached.print)
        {
            return Some(Glance::Loaded(cached.loaded.clone()));
        }
        *self.cache() = None;
        let (named, opened) = (named?, opened?);
        match look(&opened, self) {
            Ok(Found::Usable(usable)) if usable.print.same_file(&named) => {
                Some(self.keep(usable, Generation::ZERO))
            }
            _ => None,
        }
    }

    /// Whether this handle wrote that generation anew already and somebody undid it: a process whose
    /// active key is another one. Two of them would go on for ever.
    fn was_rewritten(&self, generation: Generation) -> bool {
        generation != Generation::ZERO
            && generation.number() == self.rewrote.load(Ordering::Relaxed)
    }

    /// Writes the file anew if nobody else is writing. It can be used as it is, so this does not
    /// wait, and what fails is tried again when the file is read again.
    fn rewritten(&self) -> Option<Loaded> {
        let now = after(Duration::ZERO);
        match self.locked(now, |transaction| transaction.rewrite()) {
            Ok(loaded) => {
                *self.cache() = None;
                let generation = loaded.generation.number();
                self.rewrote.store(generation, Ordering::Relaxed);
                Some(loaded)
            }
            Err(error) => {
                tracing::debug!(%error, "the token file was not written anew");
                None
            }
        }
    }

    /// The same for whoever asks for it: waits, and fails. Answers what was there before.
    #[cfg(feature = "encrypted")]
    pub(crate) fn rewrite(&self) -> Result<Rewritten, StoreError> {
        if let Ok(None) = directory::look(self.path()) {
            return Ok(Rewritten::Absent);
        }
        let deadline = after(self.options.lock_timeout);
        let rewritten = self.locked(deadline, |transaction| {
            let state = transaction.state();
            transaction.rewrite().map(|_| state)
        });
        *self.cache() = None;
        rewritten
    }

    /// The lock record alone has the generation of a file that is not there, so it must have been
    /// the same before and after the look: otherwise a clear or a store came in between.
    pub(crate) fn absent(
        &self,
        directory: &Directory,
        before: Option<LockRecord>,
    ) -> Option<Loaded> {
        let after = lock::peek(directory, self.lock_name())?;
        (before == Some(after)).then(|| {
            let generation = after.floor_without_file().max(self.floor());
            self.saw(generation);
            Loaded::new(None, generation)
        })
    }

    pub(crate) fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        if let Some(done) = self.recent().find(commit.op_id) {
            return Ok(done.into());
        }
        let deadline = after(self.options.lock_timeout);
        let committed = self.locked(deadline, |transaction| transaction.commit(commit));
        *self.cache() = None;
        committed
    }

    /// Runs under the write lock, after the other threads of this process.
    fn locked<T>(
        &self,
        deadline: Instant,
        work: impl FnOnce(Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Some(_turn) = self.turnstile.enter(deadline) else {
            let reason = "other threads hold the lock for too long";
            let kind = StoreErrorKind::LockTimeout;
            return Err(StoreError::at(kind, reason, self.path(), None));
        };
        work(Transaction::begin(self, deadline)?)
    }

    fn keep(&self, usable: Usable, floor: Generation) -> Glance {
        let is_outdated = usable.is_outdated;
        self.saw(usable.generation);
        let generation = usable.generation.max(floor);
        let mut loaded = Loaded::new(Some(usable.record), generation);
        loaded.notice = usable.notice;
        *self.cache() = has_rested(&usable.print, wall_clock()).then(|| Cached {
            print: usable.print,
            loaded: loaded.clone(),
        });
        if is_outdated {
            Glance::Outdated(loaded)
        } else {
            Glance::Loaded(loaded)
        }
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<Directory>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
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
