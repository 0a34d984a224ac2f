//! How many requests may be under way at once.

mod future;
mod layer;
mod service;

pub use future::ConcurrencyLimitFuture;
pub use layer::ConcurrencyLimitLayer;
pub use service::ConcurrencyLimit;

#[cfg(test)]
mod tests;
