//! How long anybody waits for the store.

use std::future::Future;
use std::time::Duration;

use token_store::{LeaseAttempt, StoreError, StoreErrorKind};

use crate::runtime;

/// The longest wait for one answer of the store. It is longer than any wait a store ends by
/// itself, so it meets only one that hangs, as on a dead network drive; a token in hand must not
/// wait for that (A-38, C-30).
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The store's answer, or an error when it hangs. What was asked has happened then, or not.
///
/// Outside a runtime there is no timer, and no store that waits could work there either.
pub(crate) async fn in_time<T>(
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    if !runtime::is_here() {
        return answer.await;
    }
    match runtime::timeout(PATIENCE, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(hangs()),
    }
}

/// The same for the question about the lease, which has an answer of its own for this.
pub(crate) async fn lease_in_time(attempt: impl Future<Output = LeaseAttempt>) -> LeaseAttempt {
    match runtime::timeout(PATIENCE, attempt).await {
        Ok(attempt) => attempt,
        Err(_) => LeaseAttempt::Unavailable(hangs()),
    }
}

fn hangs() -> StoreError {
    let reason = format!("the store did not answer in {} seconds", PATIENCE.as_secs());
    StoreError::new(StoreErrorKind::Io, reason)
}
