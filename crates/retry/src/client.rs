//! The closure form of the retry layer.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use token_core::{CallContext, Classify, Clock, RetryConfig, Stopped};
use tokio::time::{Instant, sleep, timeout};

use crate::call::Try;
use crate::observer::Watch;
use crate::retry::{Rules, Session, Verdict};
use crate::{RetryPolicy, call};

/// Repeats what a closure does, by the same rules as [`RetryLayer`](crate::RetryLayer). It sends
/// nothing itself.
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use retry::RetryClient;
/// use token_core::{CallContext, Idempotency, RetryConfig};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let client = RetryClient::new(&RetryConfig::instant());
/// let call = CallContext::new(Idempotency::Safe);
/// let mut answers = [503, 200].into_iter();
/// let answer = client
///     .execute_with_retry(&call, || {
///         let status = answers.next().unwrap_or(500);
///         async move { Ok::<_, tower::BoxError>(Response::builder().status(status).body(Bytes::new())?) }
///     })
///     .await?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(call.ledger().attempts(), 2);
/// # Ok::<(), tower::BoxError>(()) })?;
/// # Ok::<(), tower::BoxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RetryClient {
    rules: Arc<Rules>,
    attempt: Duration,
}

impl RetryClient {
    /// The attempts, pauses and time for each try of `config`.
    pub fn new(config: &RetryConfig) -> Self {
        Self::with_policy(RetryPolicy::new(config), config.timeout())
    }

    /// Another policy, and the time that each try may take.
    pub fn with_policy(policy: RetryPolicy, attempt: Duration) -> Self {
        Self {
            rules: Arc::new(Rules::new(policy)),
            attempt,
        }
    }

    /// Judges HTTP dates by this clock instead of the system's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        let rules = Arc::unwrap_or_clone(self.rules).with_clock(clock);
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }

    /// Makes the draws of the pauses repeatable.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        let rules = Arc::unwrap_or_clone(self.rules).with_seed(seed);
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }

    /// Calls `send` until it brings a result that is final. The call's class, deadline and book are
    /// those of `call`. Each try has this client's time-out, so `send` needs none of its own; with an
    /// [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer) below it, each try would be counted twice.
    ///
    /// # Errors
    ///
    /// The last error of `send` as it is, or a [`Stopped`]: a try took too long, the call's deadline
    /// came during a try, or the service asked for a longer wait than the call can afford.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the try under way; nothing is sent after that.
    pub async fn execute_with_retry<F, Fut, E>(
        &self,
        call: &CallContext,
        mut send: F,
    ) -> Result<Response<Bytes>, E>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Response<Bytes>, E>>,
        E: From<Stopped> + Classify,
    {
        let session = Session::new(Arc::clone(&self.rules), call.clone());
        loop {
            session.begin();
            let result = self.attempt(call, &mut send).await;
            match session.judge(&result) {
                Verdict::Done => return result,
                Verdict::Again(paused) => return Err(Session::limited(paused).into()),
                Verdict::Stop(stopped) => return Err(stopped.into()),
                Verdict::Wait(after) => sleep(after).await,
            }
        }
    }

    async fn attempt<F, Fut, E>(&self, call: &CallContext, send: &mut F) -> Fut::Output
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Response<Bytes>, E>>,
        E: From<Stopped> + Classify,
    {
        let (left, reason) = call::allowance(self.attempt, Some(call), Instant::now());
        // A time-out of nothing would still begin to send.
        if left.is_zero() {
            return Err(call::not_begun(reason, Some(call)).into());
        }
        let mut attempt = Try::begin(Some(call.clone()), Watch::default());
        if let Ok(result) = timeout(left, send()).await {
            attempt.end(&result);
            return result;
        }
        attempt.abort();
        attempt.expire();
        Err(Stopped::new(reason, call.ledger()).into())
    }
}

#[cfg(test)]
mod tests;
