//! Several requests that are sent one after the other, and what is known when one fails.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;

use crate::error::Error;

/// How far a batch has come.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchProgress<'a, T> {
    /// The requests that were answered.
    pub finished: usize,
    /// The requests altogether.
    pub total: usize,
    /// What the last of them answered.
    pub latest: &'a [T],
}

/// A batch under way.
#[derive(Debug)]
pub(crate) struct Batch<T> {
    done: Vec<T>,
    finished: usize,
    total: usize,
}

impl<T> Batch<T> {
    pub(crate) fn of(total: usize) -> Self {
        let (done, finished) = (Vec::with_capacity(total), 0);
        Self {
            done,
            finished,
            total,
        }
    }

    /// Takes note of the answer to the next request.
    pub(crate) fn finish(&mut self, answers: impl IntoIterator<Item = T>) -> BatchProgress<'_, T> {
        let before = self.done.len();
        self.done.extend(answers);
        self.finished += 1;
        BatchProgress {
            finished: self.finished,
            total: self.total,
            latest: self.done.get(before..).unwrap_or_default(),
        }
    }

    /// The batch ends because the next request failed.
    pub(crate) fn failed(self, error: Error) -> BatchError<T> {
        let batch = self;
        BatchError { batch, error }
    }

    pub(crate) fn into_done(self) -> Vec<T> {
        self.done
    }
}

/// Why a batch ended before its end, and what was done by then. It does not become an [`Error`] by
/// itself, so that what was done is not dropped by a question mark.
///
/// ```no_run
/// # use amp_client::{ApiClient, CreateAssignment};
/// # async fn example(client: ApiClient, asset: &str, wanted: Vec<CreateAssignment>) {
/// if let Err(failure) = client.create_asset_assignments(asset, &wanted).await {
///     println!("created: {:?}", failure.done());
///     if let Some(doubtful) = failure.may_have_happened() {
///         println!("look for {:?} before you repeat it", wanted[doubtful]);
///     }
///     // Sending these creates nothing twice.
///     let again = client.create_asset_assignments(asset, failure.remaining(&wanted)).await;
/// #   drop(again);
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct BatchError<T> {
    batch: Batch<T>,
    error: Error,
}

impl<T> BatchError<T> {
    /// What the requests before the failed one answered, in order.
    pub fn done(&self) -> &[T] {
        &self.batch.done
    }

    /// The same, to keep.
    pub fn into_done(self) -> Vec<T> {
        self.batch.done
    }

    /// How many requests were answered; the one at this place, from 0, failed.
    pub fn finished(&self) -> usize {
        self.batch.finished
    }

    /// Why it failed.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// The place of the failed request, when it may have taken effect nevertheless: look before you
    /// send it again.
    pub fn may_have_happened(&self) -> Option<usize> {
        let uncertain = self.error.may_have_happened();
        uncertain.then_some(self.batch.finished)
    }

    /// The places of the requests that were not sent at all.
    pub fn not_tried(&self) -> Range<usize> {
        let tried = usize::from(!self.was_refused_here());
        self.batch.finished.saturating_add(tried)..self.batch.total
    }

    /// Of the requests that the batch was made of, those that certainly did nothing: the ones not
    /// tried, and before them the failed one unless it may have taken effect. They can be sent as a
    /// batch of their own.
    pub fn remaining<'a, R>(&self, requests: &'a [R]) -> &'a [R] {
        let skipped = usize::from(self.error.may_have_happened());
        let first = self.batch.finished.saturating_add(skipped);
        requests.get(first..).unwrap_or_default()
    }

    /// Whether the batch was found to be wrong before anything was sent.
    fn was_refused_here(&self) -> bool {
        matches!(self.error, Error::Request(_))
    }
}

impl<T> fmt::Display for BatchError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (finished, total) = (self.batch.finished, self.batch.total);
        if self.was_refused_here() {
            return write!(f, "{}; nothing was sent", self.error);
        }
        // What the batch would be made of could not be found out.
        if total == 0 {
            return self.error.fmt(f);
        }
        write!(f, "{finished} of {total} are done, then: {}", self.error)?;
        match self.not_tried().len() {
            0 => Ok(()),
            rest => write!(f, "; {rest} were not tried"),
        }
    }
}

/// The text of the error is part of ours, so the source is what lies behind it.
impl<T: fmt::Debug> StdError for BatchError<T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
