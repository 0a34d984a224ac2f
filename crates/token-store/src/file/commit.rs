//! The compare-and-swap, under the write lock.
//!
//! The lock record says before the change what is going to be made and after it that it was, so
//! whoever comes after a killed writer can tell whether its operation happened.

use std::time::Instant;

use super::directory::Directory;
use super::inner::Inner;
#[cfg(feature = "encrypted")]
use super::inner::Rewritten;
use super::lock::LockFile;
use super::lock_record::{LockRecord, State};
use super::options::Durability;
use super::read::{Found, Usable, look};
use super::set_aside::set_aside;
use super::write::{flush_names, replace};
use crate::recent::Done;
use crate::{
    Change, Commit, Committed, Generation, LoadNotice, Loaded, OpId, Record, StoreError,
    StoreErrorKind,
};

/// The write lock with what is under it.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    store: &'a Inner,
    directory: Directory,
    lock: LockFile,
    record: LockRecord,
    found: Option<Usable>,
    notice: Option<LoadNotice>,
}

impl<'a> Transaction<'a> {
    /// Takes the write lock and reads the file; a bad one is set aside first.
    pub(crate) fn begin(store: &'a Inner, deadline: Instant) -> Result<Self, StoreError> {
        let directory = Directory::open_or_create(&store.directory)?;
        let lock = LockFile::acquire(&directory, store.lock_name(), deadline)?;
        let record = lock.record()?;
        let mut transaction = Self {
            store,
            directory,
            lock,
            record,
            found: None,
            notice: None,
        };
        transaction.read()?;
        transaction.settle();
        Ok(transaction)
    }

    /// What is stored, as a load answers it.
    pub(crate) fn loaded(self) -> Loaded {
        let generation = self.generation();
        let seen = self.found.as_ref().map(|usable| usable.generation);
        self.store.saw(seen.unwrap_or(generation));
        let record = self.found.map(|usable| usable.record);
        Loaded {
            record,
            generation,
            notice: self.notice,
        }
    }

    /// What a rewrite would find.
    #[cfg(feature = "encrypted")]
    pub(crate) fn state(&self) -> Rewritten {
        match &self.found {
            None => Rewritten::Absent,
            Some(found) if found.is_outdated => Rewritten::Anew,
            Some(_) => Rewritten::Current,
        }
    }

    /// Writes the record anew, as files are written today, where it was not written so. A file that
    /// counts keeps its generation, because nothing in it changed for whoever uses the record.
    pub(crate) fn rewrite(mut self) -> Result<Loaded, StoreError> {
        let generation = self.generation();
        let store = self.store;
        if let Some(found) = self.found.as_mut().filter(|found| found.is_outdated) {
            if found.generation == Generation::ZERO {
                found.generation = generation.next();
            } else {
                found.generation = generation;
            }
            let bytes = store.codec.encode(&found.record, found.generation)?;
            let durability = store.options.durability;
            replace(&self.directory, &store.name, &bytes, durability)?;
            tracing::debug!(path = %store.path().display(), "the token file was written anew");
        }
        Ok(self.loaded())
    }

    pub(crate) fn commit(self, commit: Commit) -> Result<Committed, StoreError> {
        // Another thread may have made it while this one waited for the lock.
        if let Some(done) = self.store.recent().find(commit.op_id) {
            return Ok(done.into());
        }
        if let Some(done) = self.replayed(commit.op_id) {
            return Ok(self.acknowledge(done));
        }
        if commit.expected != self.generation() {
            return Ok(Committed::Conflict(self.loaded()));
        }
        let done = match &commit.change {
            Change::Put(record) => self.put(record, commit.op_id)?,
            Change::Clear => self.clear(commit.op_id)?,
        };
        Ok(self.acknowledge(done))
    }

    fn read(&mut self) -> Result<(), StoreError> {
        let store = self.store;
        // Writers are excluded, so a file that changes all the same is written by a stranger.
        for _ in 0..3 {
            match look(&self.directory, store)? {
                Found::Absent => return Ok(()),
                Found::Usable(usable) => {
                    self.notice = self.notice.take().or_else(|| usable.notice.clone());
                    self.found = Some(usable);
                    return Ok(());
                }
                Found::Bad { defect, print } => {
                    self.keep_count()?;
                    self.notice = set_aside(&self.directory, &store.name, defect, print)?;
                }
            }
        }
        let reason = "the token file keeps changing without the lock";
        Err(StoreError::at(
            StoreErrorKind::Io,
            reason,
            store.path(),
            None,
        ))
    }

    /// A file that is about to go away may be the one that a dead writer made. Readers may have
    /// seen it, so its generation is used up before nothing else tells of it.
    fn keep_count(&mut self) -> Result<(), StoreError> {
        if self.record.state != State::Writing {
            return Ok(());
        }
        self.record = LockRecord {
            last: self.record.last.max(self.record.subject),
            ..LockRecord::default()
        };
        self.lock.write(&self.record)
    }

    /// Finds out whether the operation of a dead writer happened.
    fn settle(&mut self) {
        let found = self.found.as_ref().map(|usable| usable.generation);
        if self.record.settle(found) {
            self.record.durable = self.flush_names();
        }
    }

    /// An older file that somebody put back does not turn the count back.
    fn generation(&self) -> Generation {
        let found = self.found.as_ref().map(|usable| usable.generation);
        let counted = found.unwrap_or_default().max(self.record.last);
        counted.max(self.store.floor())
    }

    fn replayed(&self, op_id: OpId) -> Option<Done> {
        (self.record.operation == Some(op_id)).then_some(Done {
            op_id,
            generation: self.record.last,
            durable: self.record.durable,
        })
    }

    fn put(&self, record: &Record, op_id: OpId) -> Result<Done, StoreError> {
        let store = self.store;
        let generation = self.generation().next();
        let bytes = store.codec.encode(record, generation)?;
        self.intend(generation, op_id, false)?;
        let durability = store.options.durability;
        let durable = replace(&self.directory, &store.name, &bytes, durability)?;
        Ok(Done {
            op_id,
            generation,
            durable,
        })
    }

    /// The intent is flushed first: once the file is gone, it alone keeps the generation.
    fn clear(&self, op_id: OpId) -> Result<Done, StoreError> {
        let generation = self.generation().next();
        self.intend(generation, op_id, true)?;
        if self.store.options.durability != Durability::None {
            self.lock.sync()?;
        }
        if self.found.is_some() {
            self.directory.remove(&self.store.name).map_err(|error| {
                StoreError::from_io("the token file cannot be removed", self.store.path(), error)
            })?;
        }
        Ok(Done {
            op_id,
            generation,
            durable: self.flush_names(),
        })
    }

    fn intend(&self, subject: Generation, op_id: OpId, clearing: bool) -> Result<(), StoreError> {
        self.lock.write(&LockRecord {
            state: State::Writing,
            subject,
            last: self.generation(),
            operation: Some(op_id),
            clearing,
            ..LockRecord::default()
        })
    }

    /// Notes that it was made. Without the note, the intent still tells the next writer.
    fn acknowledge(&self, done: Done) -> Committed {
        let noted = self.lock.write(&LockRecord {
            last: done.generation,
            operation: Some(done.op_id),
            durable: done.durable,
            ..LockRecord::default()
        });
        if let Err(error) = noted {
            tracing::debug!(%error, "the lock record could not be written");
        }
        self.store.saw(done.generation);
        self.store.recent().remember(done);
        done.into()
    }

    fn flush_names(&self) -> bool {
        flush_names(&self.directory, self.store.options.durability)
    }
}
