//! Ctrl-C while something is awaited.

use std::future::Future;

use crate::error::Failure;

/// Ends the work on Ctrl-C. The work is polled first: what it does before its first wait, as
/// asking for a password, blocks while Ctrl-C still has its usual effect; and work within it that
/// ends on Ctrl-C with a word of its own has that word.
pub(crate) async fn or_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        result = work => result,
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
    }
}
