//! The contract of every store.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use crate::{Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError};

/// Keeps one token record, shared by everybody who opens the same store.
///
/// # Contract
///
/// - The record is whole: a reader sees one that was committed, never a mix and never a part.
/// - [`commit`](Self::commit) changes it only if its generation is still the expected one, and a
///   committed change has a generation one higher. Clearing counts; the generation survives it.
/// - A change that was answered with [`Committed::Stored`] and `durable` is still there after the
///   process is killed, or the power is cut where the backend can know.
/// - The same operation again gives the same answer and changes nothing.
/// - At most one [`Lease`](crate::Lease) is held at a time. It is a right to renew, not a lock on
///   the record: the compare-and-swap alone keeps the record right.
/// - A record that cannot be trusted is never served and never destroyed unseen: it is left alone
///   or set aside, and [`Loaded::notice`] says so.
///
/// Not promised: fairness between waiters, a fresh answer of [`changed`](Self::changed), and that a
/// cancelled commit did not happen.
///
/// # Cancel safety
///
/// Every future may be dropped at any time. A dropped commit has happened or not; asking again
/// with the same operation tells.
pub trait TokenStore: Debug + Send + Sync + 'static {
    /// Reads the record.
    ///
    /// # Errors
    ///
    /// When the place cannot be read or may not be trusted. "Nothing there" is not an error.
    fn load(&self) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// Changes the record if its generation is still the expected one.
    ///
    /// # Errors
    ///
    /// When the change could not be made; the earlier record is untouched then.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// Asks once for the right to renew; never waits for its holder.
    ///
    /// `ttl` bounds the lease where the backend cannot see the death of a holder.
    fn try_lease(&self, ttl: Duration) -> impl Future<Output = LeaseAttempt> + Send;

    /// Resolves when the generation may have moved past `since`; it may resolve too often, and a
    /// waiter must look for itself.
    fn changed(&self, since: Generation) -> impl Future<Output = ()> + Send;

    /// A short word for messages: `memory`, `file`.
    fn kind(&self) -> &'static str;
}
