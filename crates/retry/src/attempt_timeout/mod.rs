//! One try's time.

mod future;
mod layer;
mod service;

pub use future::AttemptTimeoutFuture;
pub use layer::AttemptTimeoutLayer;
pub use service::AttemptTimeout;

#[cfg(test)]
mod tests;
