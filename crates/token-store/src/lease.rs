//! The right to renew, across processes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use crate::{Generation, StoreError};

/// The answer of [`TokenStore::try_lease`](crate::TokenStore::try_lease).
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "held and unavailable are different answers on purpose"
)]
pub enum LeaseAttempt {
    /// The right is ours until the lease is released or dropped.
    Acquired(Lease),
    /// Somebody else has it. The note tells of a failure that is still worth sharing.
    Held(Option<FailureNote>),
    /// The store cannot hand out leases now.
    Unavailable(StoreError),
}

/// Grows with each lease of a store; a commit under an older one can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(u64);

impl Fence {
    /// The fence with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A failure that other holders should know of, so that they do not each try a failing authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureNote {
    /// What kind of failure.
    pub class: NoteClass,
    /// No try before this moment.
    pub not_before: SystemTime,
    /// What the writer told about the credentials that were refused, so that other ones may try at
    /// once; zeros in a note of another class.
    pub credentials: [u8; 16],
}

/// What kind of failure a note tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever reads a note must react to every class"
)]
pub enum NoteClass {
    /// The authority failed for a while.
    Transient,
    /// It asked to wait.
    Throttled,
    /// It refused the credentials.
    Refused,
}

impl FailureNote {
    /// A note about a failure that says nothing about credentials.
    pub const fn new(class: NoteClass, not_before: SystemTime) -> Self {
        Self {
            class,
            not_before,
            credentials: [0; 16],
        }
    }

    /// Adds what tells the credentials that were tried from others, without telling them.
    #[must_use]
    pub const fn about(mut self, credentials: [u8; 16]) -> Self {
        self.credentials = credentials;
        self
    }
}

/// The right to renew. Dropping it gives it back as far as that is possible without waiting; the
/// death of its holder ends it too.
pub struct Lease {
    fence: Fence,
    found_sent: Option<Generation>,
    found_failure: Option<FailureNote>,
    guard: Option<Box<dyn LeaseGuard>>,
    keep_mark: bool,
}

/// What the methods of a [`LeaseGuard`] answer.
pub type LeaseFuture<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// What a backend keeps behind a [`Lease`]. Dropping it must free the lease.
pub trait LeaseGuard: Send + Sync {
    /// Notes that a request which may spend the refresh token of `basis` is about to be sent.
    fn mark_sent(&mut self, basis: Generation) -> LeaseFuture<'_>;

    /// Leaves a note about a failure, or removes it.
    fn note(&mut self, note: Option<FailureNote>) -> LeaseFuture<'_>;

    /// Gives the lease back. The mark of a sent request is taken away, unless `keep_mark`.
    fn release(self: Box<Self>, keep_mark: bool) -> LeaseFuture<'static>;

    /// Whether the lease is ours for this long at least, as far as is known here. A lease that
    /// only the death of its holder ends, as a file's, is.
    fn covers(&self, span: Duration) -> bool {
        let _ = span;
        true
    }
}

impl Lease {
    /// A lease over a backend's guard.
    pub fn new(fence: Fence, guard: Box<dyn LeaseGuard>) -> Self {
        Self {
            fence,
            found_sent: None,
            found_failure: None,
            guard: Some(guard),
            keep_mark: false,
        }
    }

    /// Adds what the earlier holder left behind.
    #[must_use]
    pub fn with_found(mut self, sent: Option<Generation>, failure: Option<FailureNote>) -> Self {
        self.found_sent = sent;
        self.found_failure = failure;
        self
    }

    /// The number of this lease.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// The generation that an earlier holder had marked before it died: where it is still the
    /// current one, its refresh token may be spent, and only a login is safe.
    pub fn found_sent(&self) -> Option<Generation> {
        self.found_sent
    }

    /// The failure that an earlier holder noted.
    pub fn found_failure(&self) -> Option<FailureNote> {
        self.found_failure
    }

    /// Notes that a request which may spend the refresh token of `basis` is about to be sent.
    ///
    /// # Errors
    ///
    /// When the mark could not be written; the request may still be sent.
    pub async fn mark_sent(&mut self, basis: Generation) -> Result<(), StoreError> {
        match &mut self.guard {
            Some(guard) => guard.mark_sent(basis).await,
            None => Ok(()),
        }
    }

    /// Whether nobody else gets the lease for this long, as far as is known here. A request that
    /// spends a refresh token and may take longer must not be sent: somebody else might spend it
    /// too.
    pub fn covers(&self, span: Duration) -> bool {
        self.guard.as_ref().is_none_or(|guard| guard.covers(span))
    }

    /// Leaves the mark of a sent request behind when the lease is given back: its answer did not
    /// come, so whoever is next must not send the same refresh token again.
    #[must_use]
    pub fn keep_mark(mut self) -> Self {
        self.keep_mark = true;
        self
    }

    /// Gives the lease back with a note about a failure.
    ///
    /// # Errors
    ///
    /// When the note could not be written; the lease is given back all the same.
    pub async fn fail(mut self, note: FailureNote) -> Result<(), StoreError> {
        let Some(mut guard) = self.guard.take() else {
            return Ok(());
        };
        let noted = guard.note(Some(note)).await;
        guard.release(self.keep_mark).await?;
        noted
    }

    /// Gives the lease back and takes an earlier failure's note away.
    ///
    /// # Errors
    ///
    /// When the note could not be taken away; the lease is given back all the same.
    pub async fn release(mut self) -> Result<(), StoreError> {
        let Some(mut guard) = self.guard.take() else {
            return Ok(());
        };
        let cleared = guard.note(None).await;
        guard.release(self.keep_mark).await?;
        cleared
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("fence", &self.fence)
            .field("found_sent", &self.found_sent)
            .field("found_failure", &self.found_failure)
            .finish_non_exhaustive()
    }
}
