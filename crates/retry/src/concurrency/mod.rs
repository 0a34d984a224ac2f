//! So many requests at once, and no more.

mod future;
mod layer;
mod limit;
mod permits;
mod service;

pub use future::ConcurrencyLimitFuture;
pub use layer::ConcurrencyLimitLayer;
pub use limit::ConcurrencyLimit;
pub(crate) use limit::{Permit, Place};
pub use service::ConcurrencyLimited;

#[cfg(test)]
mod tests;
