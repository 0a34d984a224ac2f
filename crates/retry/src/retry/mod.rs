//! Repetitions.

mod future;
mod layer;
mod service;
mod session;

pub use future::RetryFuture;
pub use layer::RetryLayer;
pub use service::Retry;
pub(crate) use session::{Rules, Session, Verdict};

#[cfg(test)]
mod tests;
