//! The right to renew, as a second lock file that is held across the network.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::directory::Directory;
use super::handle::blocking;
use super::lock::{LockFile, peek};
use super::lock_record::{LockRecord, State};
use crate::{
    FailureNote, Fence, Generation, Lease, LeaseAttempt, LeaseFuture, LeaseGuard, StoreError,
};

/// Tries once. What a dead holder left in the record stays there until somebody releases.
pub(crate) fn try_lease(directory: &Path, name: &str) -> Result<LeaseAttempt, StoreError> {
    let directory = Directory::open_or_create(directory)?;
    let Some(lock) = LockFile::try_acquire(&directory, name)? else {
        let note = peek(&directory, name).and_then(|record| record.note);
        return Ok(LeaseAttempt::Held(note));
    };
    let mut record = lock.record()?;
    let found_sent = (record.state == State::RefreshSent).then_some(record.subject);
    if found_sent.is_none() {
        record.state = State::RefreshBegun;
    }
    record.fence = record.fence.saturating_add(1);
    lock.write(&record)?;
    let guard = FileLease(Arc::new(Held {
        record: Mutex::new(record),
        lock,
    }));
    let lease = Lease::new(Fence::new(record.fence), Box::new(guard));
    Ok(LeaseAttempt::Acquired(
        lease.with_found(found_sent, record.note),
    ))
}

/// Shared with the work that is under way, so that the lock is not freed before its last write.
#[derive(Debug)]
struct FileLease(Arc<Held>);

#[derive(Debug)]
struct Held {
    record: Mutex<LockRecord>,
    lock: LockFile,
}

impl Held {
    fn record(&self) -> MutexGuard<'_, LockRecord> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut LockRecord)) -> Result<(), StoreError> {
        let mut record = self.record();
        change(&mut record);
        self.lock.write(&record)
    }
}

impl FileLease {
    fn update(
        &self,
        change: impl FnOnce(&mut LockRecord) + Send + 'static,
    ) -> LeaseFuture<'static> {
        let held = Arc::clone(&self.0);
        Box::pin(async move { blocking(move || held.update(change)).await? })
    }
}

impl LeaseGuard for FileLease {
    fn mark_sent(&mut self, basis: Generation) -> LeaseFuture<'_> {
        self.update(move |record| {
            record.state = State::RefreshSent;
            record.subject = basis;
        })
    }

    fn note(&mut self, note: Option<FailureNote>) -> LeaseFuture<'_> {
        // Mostly there is none to take away.
        if note.is_none() && self.0.record().note.is_none() {
            return Box::pin(std::future::ready(Ok(())));
        }
        self.update(move |record| record.note = note)
    }

    fn release(self: Box<Self>, keep_mark: bool) -> LeaseFuture<'static> {
        let Self(held) = *self;
        Box::pin(async move {
            blocking(move || {
                held.update(|record| {
                    if keep_mark && record.state == State::RefreshSent {
                        return;
                    }
                    record.state = State::Idle;
                    record.subject = Generation::ZERO;
                })
            })
            .await?
        })
    }
}
