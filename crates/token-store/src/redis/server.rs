//! What the store needs of a server: answers, and word of new generations.

use std::fmt::Debug;
use std::future::Future;

use redis::Value;
use tokio::sync::watch;

use crate::StoreError;
use crate::redis::call::Call;

/// A server that answers in bounded time, or fails.
pub(crate) trait Server: Debug + Send + Sync + 'static {
    /// Asks it.
    fn call(&self, call: &Call) -> impl Future<Output = Result<Value, StoreError>> + Send;

    /// The newest generation that it told of. It forgets to tell now and then.
    fn told(&self) -> &watch::Sender<u64>;
}
