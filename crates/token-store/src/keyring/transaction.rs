//! The compare-and-swap on an entry, under the write lock.
//!
//! As with files, the lock record says before the change what is going to be made, so whoever
//! comes after a killed writer, or after a keyring that did not answer, can tell whether it was.

use std::sync::Arc;
use std::time::Instant;

use super::store::{Entry, Inner};
use crate::file::codec::Read;
use crate::file::directory::Directory;
use crate::file::lock::LockFile;
use crate::file::lock_record::{LockRecord, State};
use crate::recent::Done;
use crate::{Change, Commit, Committed, Generation, LoadNotice, Loaded, OpId, StoreError};

/// The write lock with what is under it.
pub(super) struct Transaction<'a> {
    store: &'a Inner,
    /// Shared with the change that is under way, which may outlast our patience.
    lock: Arc<LockFile>,
    record: LockRecord,
    found: Option<Read>,
    notice: Option<LoadNotice>,
}

impl<'a> Transaction<'a> {
    /// Takes the write lock and reads the entry; a bad one is moved away first.
    pub(super) fn begin(store: &'a Inner, deadline: Instant) -> Result<Self, StoreError> {
        let directory = Directory::open_or_create(store.directory())?;
        let lock = LockFile::acquire(&directory, &store.lock_name, deadline)?;
        let mut transaction = Self {
            store,
            record: lock.record()?,
            lock: Arc::new(lock),
            found: None,
            notice: None,
        };
        match store.entry()? {
            Entry::Absent => {}
            Entry::Usable(read) => {
                transaction.notice.clone_from(&read.notice);
                transaction.found = Some(read);
            }
            Entry::Bad(bytes, reason) => transaction.set_aside(bytes, reason)?,
        }
        let found = transaction.found.as_ref().map(|read| read.generation);
        transaction.record.settle(found);
        Ok(transaction)
    }

    /// What is stored, as a load answers it.
    pub(super) fn loaded(self) -> Loaded {
        let generation = self.generation();
        Loaded {
            record: self.found.map(|read| read.record),
            generation,
            notice: self.notice,
        }
    }

    pub(super) fn commit(self, commit: Commit) -> Result<Committed, StoreError> {
        // Another thread may have made it while this one waited for the lock.
        if let Some(done) = self.store.recent().find(commit.op_id) {
            return Ok(done.into());
        }
        if self.record.operation == Some(commit.op_id) {
            return Ok(self.acknowledge(commit.op_id, self.record.last));
        }
        if commit.expected != self.generation() {
            return Ok(Committed::Conflict(self.loaded()));
        }
        let generation = self.generation().next();
        match &commit.change {
            Change::Put(record) => {
                let bytes = self.store.encode(record, generation)?;
                self.intend(generation, commit.op_id, false)?;
                let name = self.store.name.clone();
                self.change(move |vault| vault.set(&name, &bytes))?;
            }
            Change::Clear => {
                self.intend(generation, commit.op_id, true)?;
                // Once the entry is gone, the lock record alone keeps the generation.
                self.lock.sync()?;
                let name = self.store.name.clone();
                self.change(move |vault| vault.delete(&name))?;
            }
        }
        Ok(self.acknowledge(commit.op_id, generation))
    }

    fn change(
        &self,
        change: impl FnOnce(&dyn super::Vault) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let lock = Arc::clone(&self.lock);
        self.store.keyring.worker.ask(move |vault| {
            let _held = lock;
            change(vault)
        })
    }

    /// Readers may have seen the generation of a bad entry that a dead writer made, so it is used
    /// up before the entry goes away.
    fn set_aside(
        &mut self,
        bytes: zeroize::Zeroizing<Vec<u8>>,
        reason: String,
    ) -> Result<(), StoreError> {
        if self.record.state == State::Writing {
            self.record = LockRecord {
                last: self.record.last.max(self.record.subject),
                ..LockRecord::default()
            };
            self.lock.write(&self.record)?;
        }
        let name = self.store.name.clone();
        let renamed_to = format!("rejected {name}");
        let to = renamed_to.clone();
        self.change(move |vault| {
            vault.set(&to, &bytes)?;
            vault.delete(&name)
        })?;
        tracing::warn!(
            reason,
            "an entry of the keyring was no record and was moved away"
        );
        self.notice = Some(LoadNotice::SetAside { reason, renamed_to });
        Ok(())
    }

    /// An older entry that somebody put back does not turn the count back.
    fn generation(&self) -> Generation {
        let found = self.found.as_ref().map(|read| read.generation);
        found.unwrap_or_default().max(self.record.last)
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
    fn acknowledge(&self, op_id: OpId, generation: Generation) -> Committed {
        let noted = self.lock.write(&LockRecord {
            last: generation,
            operation: Some(op_id),
            ..LockRecord::default()
        });
        if let Err(error) = noted {
            tracing::debug!(%error, "the lock record could not be written");
        }
        let done = Done {
            op_id,
            generation,
            durable: false,
        };
        self.store.recent().remember(done);
        done.into()
    }
}
